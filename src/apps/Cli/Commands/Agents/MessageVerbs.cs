using System.CommandLine;
using Sirsi.Cli.Output;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Agents;

/// <summary>Writing to agents: <c>sirsi agent send</c> and <c>ask</c>.</summary>
internal static class MessageVerbs
{
    private static readonly TimeSpan RoomWait = TimeSpan.FromSeconds(5);

    public static Verb Send(HostVerb hosts)
    {
        Argument<string> id = AgentCommand.Reference(), type = Type();
        Option<string> payload = Payload();
        var key = new Option<string?>("--key") { Description = "Names the message: of several with one key the agent handles one, whenever they come.", HelpName = "KEY" };
        key.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<string?>() is { Length: 0 or > Agent.KeyLengthMax }) result.AddError($"--key is 1 to {Agent.KeyLengthMax} characters.");
        });
        var verb = new Verb("send", "Sends an agent a message; it is on disk, and handled unless the agent rests, when the command ends.",
            "sirsi agent send 3gwxyz count", "sirsi agent send 3gwxyz task --payload @order.json --key order-7")
        {
            id, type, payload, key,
        };
        return hosts.Create(verb, async (host, call) =>
        {
            Agent agent = host.Agent(call.Get(id));
            byte[] bytes = Read(call, payload);
            TimeSpan patience = agent.Status is AgentStatus.Suspended ? TimeSpan.Zero : RoomWait;
            SendOutcome outcome = await agent.TellAsync(call.Get(type), bytes, patience, call.Get(key), call.Cancellation);
            if (outcome is not (SendOutcome.Accepted or SendOutcome.Repeated)) throw new CliException(CliErrors.MessageNotTaken, Explain(agent, outcome, bytes.Length));
            await host.RestAsync(call.Cancellation);
            ShowSent(call, agent, outcome, call.Get(type));
        });
    }

    public static Verb Ask(HostVerb hosts)
    {
        Argument<string> id = AgentCommand.Reference(), type = Type();
        Option<string> payload = Payload();
        Option<string> timeout = Durations.Option("--timeout", "How long to wait for the reply.", "30s");
        var verb = new Verb("ask", "Asks an agent and writes its reply as it is.", "sirsi agent ask 3gwxyz count", "sirsi agent ask 3gwxyz check --payload - --timeout 2m < tags.txt") { id, type, payload, timeout };
        return hosts.Create(verb, async (host, call) =>
        {
            Agent agent = host.Agent(call.Get(id));
            if (agent.Status is AgentStatus.Suspended or AgentStatus.Quarantined) throw new CliException(CliErrors.NoReply, Resting(agent));
            byte[] bytes = Read(call, payload);
            AgentReply reply = await agent.AskAsync(call.Get(type), bytes, Durations.Read(call.Get(timeout)!), call.Cancellation);
            if (!reply.IsReplied) throw new CliException(CliErrors.NoReply, reply.Outcome is ReplyOutcome.NotSent ? Explain(agent, reply.Sent, bytes.Length) : Unanswered(agent, reply));
            ShowReply(call, agent, call.Get(type), reply);
        });
    }

    private static Argument<string> Type()
    {
        var type = new Argument<string>("TYPE") { Description = "The message's type; 'task' and 'suggest' have exports of their own in a module, all others go to on_message." };
        type.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<string>() is { Length: 0 or > AgentMessage.TypeLengthMax }) result.AddError($"TYPE is 1 to {AgentMessage.TypeLengthMax} characters.");
        });
        return type;
    }

    private static Option<string> Payload() => new("--payload", "-p")
    {
        Description = "What is in the message; @FILE takes it from a file, - from standard input.",
        HelpName = "TEXT|@FILE|-",
        DefaultValueFactory = static _ => "",
    };

    private static byte[] Read(CommandCall call, Option<string> payload) => InputBytes.Read(call.Terminal, call.Get(payload) is "-" ? "@-" : call.Get(payload)!);

    private static void ShowSent(CommandCall call, Agent agent, SendOutcome outcome, string type)
    {
        if (call.Json)
        {
            call.Terminal.WriteJson("sirsi.agent-send/1", json =>
            {
                json.WriteString("agent", agent.Id.ToString());
                json.WriteString("type", type);
                json.WriteString("outcome", outcome.ToString().ToLowerInvariant());
                json.WriteString("status", AgentReport.Word(agent.Status));
                json.WriteNumber("mailbox", agent.MailboxCount);
            });
            return;
        }

        string done = outcome is SendOutcome.Repeated ? "Was there already:" : "Sent to";
        call.Terminal.Results.MarkupLineInterpolated($"{done} [bold]{agent.Id}[/], which is {AgentReport.State(agent)}");
    }

    private static void ShowReply(CommandCall call, Agent agent, string type, AgentReply reply)
    {
        if (call.Json)
        {
            call.Terminal.WriteJson("sirsi.agent-reply/1", json =>
            {
                json.WriteString("agent", agent.Id.ToString());
                json.WriteString("type", type);
                json.WriteBase64String("payload", reply.Payload.Span);
            });
            return;
        }

        call.Terminal.OutputBytes.Write(reply.Payload.Span);
        call.Terminal.OutputBytes.Flush();
    }

    private static string Resting(Agent agent) =>
        $"{agent.Id} is {AgentReport.State(agent)} A question is not kept. To let it go on: sirsi agent resume {agent.Id}";

    private static string Unanswered(Agent agent, AgentReply reply) => agent.Approvals().Length > 0
        ? $"{agent.Id} waits for a person: see 'sirsi agent approvals'. {reply.Reason}"
        : $"{agent.Id}: {reply.Reason}";

    private static string Explain(Agent agent, SendOutcome outcome, int bytes) => outcome switch
    {
        SendOutcome.MailboxFull => $"{agent.Id} is {AgentReport.Word(agent.Status)}, and its mailbox is full with {Amounts.Count(agent.MailboxCount, "message")}. "
            + (agent.Status is AgentStatus.Suspended ? $"To let it work: sirsi agent resume {agent.Id}" : $"To let it work: sirsi agent watch {agent.Id}"),
        SendOutcome.QuotaExceeded => $"The mailboxes of {agent.Session.Id} hold as much as its quota allows: let its agents work, or end what is not needed.",
        SendOutcome.TooLarge => $"The payload has {Amounts.Count(bytes, "byte")}; '{agent.Type.Name}' takes {Amounts.Count(agent.Type.Mailbox.PayloadBytesMax)} at most.",
        SendOutcome.Quarantined => Resting(agent),
        SendOutcome.Ended => $"{agent.Id} has ended. 'sirsi agent spawn {agent.Type.Name}' makes another.",
        _ => $"{agent.Id} did not take it: {outcome}.",
    };
}
