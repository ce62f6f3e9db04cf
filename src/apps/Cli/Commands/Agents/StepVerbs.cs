using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sirsi.Cli.Output;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Http;
using Sirsi.Hypervisor.Turns;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Agents;

/// <summary>Steps of which nobody knows what came: <c>sirsi agent steps</c> and <c>settle</c>.</summary>
internal static class StepVerbs
{
    private const string Schema = "sirsi.step-list/1";

    public static Verb List(HostVerb hosts)
    {
        var id = new Argument<string?>("AGENT") { HelpName = "ID", Description = "Only of this agent.", Arity = ArgumentArity.ZeroOrOne };
        var verb = new Verb("steps", "Lists the steps that agents rest for because nobody knows what came of them.", "sirsi agent steps", "sirsi agent steps 3gwxyz --json") { id };
        return hosts.Create(verb, async (host, call) =>
        {
            await host.RestAsync(call.Cancellation);
            IReadOnlyList<Agent> agents = call.Parsed.GetValue(id) is { } text ? [host.Agent(text)] : host.AllAgents();
            (Agent Agent, UnknownStep Step)[] waiting = [.. agents.Where(static agent => agent.UnknownStep is not null).Select(static agent => (agent, agent.UnknownStep!))];
            if (call.Json) call.Terminal.WriteJson(Schema, json => WriteSteps(json, waiting));
            else if (waiting.Length == 0) call.Terminal.Results.WriteLine("No step waits to be settled.");
            else WriteTable(call, waiting);
        });
    }

    public static Verb Settle(HostVerb hosts)
    {
        Argument<string> id = AgentCommand.Reference();
        var step = new Argument<string>("STEP") { Description = "The step: its number or its key, as 'sirsi agent steps' lists them." };
        var done = new Option<bool>("--done") { Description = "It was done: the agent goes on with the result." };
        var notDone = new Option<bool>("--not-done") { Description = "It was not done: the agent asks for it again, with the same key." };
        var result = new Option<string?>("--result") { Description = "What came of it; @FILE takes it from a file, @- from standard input. Default: nothing.", HelpName = "TEXT|@FILE" };
        var status = new Option<int>("--http-status") { Description = "The step is a request: the server answered with this status, and --result is its body.", HelpName = "N" };
        status.Bound(static number => number is >= 100 and <= 599, "--http-status is 100 to 599.");
        var reason = new Option<string>("--reason") { Description = "How it is known.", HelpName = "TEXT", DefaultValueFactory = static _ => $"{Environment.UserName} settled the step." };
        var verb = new Verb("settle", "Says what came of a step that an agent rests for, and lets the agent go on.",
            "sirsi agent settle 3gwxyz 0 --done --result \"order 17\" --reason \"the shop has it\"", "sirsi agent settle 3gwxyz 0 --not-done",
            "sirsi agent settle 3gwxyz 2 --done --http-status 201 --result @answer.json")
        {
            id, step, done, notDone, result, status, reason,
        };
        return hosts.Create(verb, async (host, call) =>
        {
            if (call.Get(done) == call.Get(notDone)) throw new CliException(CliErrors.Usage, "Say whether it was done: --done or --not-done.");
            if (call.Get(notDone) && (call.Get(result) is not null || call.Get(status) > 0)) throw new CliException(CliErrors.Usage, "What was not done has no result: leave out --result and --http-status.");
            byte[] bytes = Result(call.Get(status), call.Get(result) is { } text ? InputBytes.Read(call.Terminal, text) : []);
            if (bytes.Length > AgentTurn.StepResultBytesMax) throw new CliException(CliErrors.Usage, $"A step's result has at most {AgentTurn.StepResultBytesMax} bytes.");
            Agent agent = host.Agent(call.Get(id));
            UnknownStep waiting = Find(agent, call.Get(step));
            string why = call.Get(reason)!;
            bool isSettled = call.Get(done) ? await agent.SettleStepAsync(bytes, why) : await agent.RepeatStepAsync(why);
            if (!isSettled) throw new CliException(CliErrors.AgentStateWrong, $"{agent.Id} rests for no step any more.");
            await host.RestAsync(call.Cancellation);
            AgentReport.Show(call, agent, $"Settled step {Number(waiting)} ({PlainText.Of(waiting.Name)}) of");
        });
    }

    private static byte[] Result(int status, byte[] bytes) =>
        status > 0 ? new HttpAnswer(HttpOutcome.Answered, status, ImmutableDictionary<string, string>.Empty, bytes, "").ToStepResult() : bytes;

    private static UnknownStep Find(Agent agent, string text)
    {
        if (agent.UnknownStep is not { } step) throw new CliException(CliErrors.NotFound, $"{agent.Id} rests for no step. 'sirsi agent steps' lists those that do.");
        return text == step.Key || text == Number(step) ? step : throw new CliException(CliErrors.NotFound, $"{agent.Id} rests for step {Number(step)} ({PlainText.Of(step.Name)}), and not for that one.");
    }

    private static void WriteTable(CommandCall call, (Agent Agent, UnknownStep Step)[] waiting)
    {
        var table = new Listing(">Step", "Agent", "Type", "Does", "Key");
        foreach ((Agent agent, UnknownStep step) in waiting) table.Row(Number(step), agent.Id.ToString(), agent.Type.Name, PlainText.Of(step.Name), step.Key);
        table.WriteTo(call.Terminal.Results);
    }

    private static void WriteSteps(Utf8JsonWriter json, (Agent Agent, UnknownStep Step)[] waiting)
    {
        json.WriteStartArray("steps");
        foreach ((Agent agent, UnknownStep step) in waiting)
        {
            json.WriteStartObject();
            json.WriteNumber("step", step.Index);
            json.WriteString("agent", agent.Id.ToString());
            json.WriteString("agentType", agent.Type.Name);
            json.WriteNumber("message", step.Message);
            json.WriteString("name", step.Name);
            json.WriteString("key", step.Key);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Number(UnknownStep step) => step.Index.ToString(CultureInfo.InvariantCulture);
}
