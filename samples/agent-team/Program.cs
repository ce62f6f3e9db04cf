// A team of agents: a lead hands out resources, checkers look at them, and a person approves what is to be done. Killed at any moment, it goes on where it was.
using System.Text;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Approvals;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Hypervisor.Turns;
using Sirsi.Store;

string folder = args.FirstOrDefault() ?? Directory.CreateTempSubdirectory("agent-team-").FullName;
HostEnvironment machine = HostEnvironment.Production;
AgentTypes types = new AgentTypes()
    .Register(new AgentType("lead", static () => new Lead()) { Durability = AgentDurability.Durable })
    .Register(new AgentType("checker", static () => new Checker()) { Durability = AgentDurability.Durable });
CapabilitySet mayDo = CapabilitySet.Parse(["agent.spawn:checker"]);
await using AgentHost host = await AgentHost.OpenAsync(machine, types, new AgentHostOptions { Folder = folder });
Session session = await host.OpenSessionAsync(new ProjectScope(machine.Ids.Next<TenantKind>(), machine.Ids.Next<ProjectKind>()), new SessionOptions { Capabilities = mayDo });
Agent lead = await session.SpawnAsync("lead", new SpawnOptions { Capabilities = mayDo });
await lead.TellAsync("estate", "bucket public,database private,queue public"u8.ToArray());
while (lead.Approvals().IsEmpty) await Task.Delay(TimeSpan.FromMilliseconds(10), machine.Time);
ApprovalRequest request = lead.Approvals()[0];
Console.WriteLine($"{request.Kind}: {Encoding.UTF8.GetString(request.Details.Span)}");
await lead.AnswerApprovalAsync(request.Number, new ApprovalAnswer(ApprovalDecision.Approved, "you", "close them"));
while (!lead.CopyVariables().ContainsKey("outcome")) await Task.Delay(TimeSpan.FromMilliseconds(10), machine.Time);
Console.WriteLine($"{Encoding.UTF8.GetString(lead.CopyVariables()["outcome"].Span)} (kept in {folder})");

internal sealed class Lead : IAgentBehavior
{
    public async ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message)
    {
        string[] estate = message.Text.Split(',');
        if (message.Type == "estate")
            foreach (string resource in estate) turn.Tell(turn.Spawn("checker"), "check", Encoding.UTF8.GetBytes(resource));
        int open = turn.TryGetVariable("open", out ReadOnlyMemory<byte> kept) ? kept.Span[0] - 1 : estate.Length;
        string found = turn.TryGetVariable("found", out ReadOnlyMemory<byte> before) ? Encoding.UTF8.GetString(before.Span) : "";
        if (message.Type == "public") found += message.Text + " ";
        turn.SetVariable("open", new[] { (byte)open });
        turn.SetVariable("found", Encoding.UTF8.GetBytes(found));
        if (open > 0) return;
        ApprovalAnswer answer = await turn.ApprovalAsync("close to the public", Encoding.UTF8.GetBytes(found), TimeSpan.FromDays(1));
        turn.SetVariable("outcome", Encoding.UTF8.GetBytes(answer.IsApproved ? $"closed: {found.Trim()}, as {answer.By} said" : "left as it is"));
    }
}

internal sealed class Checker : IAgentBehavior
{
    public ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message)
    {
        string[] words = message.Text.Split(' ');
        turn.Tell(turn.Parent, words[1], Encoding.UTF8.GetBytes(words[0]));
        turn.Stop("It has checked what it was made for.");
        return ValueTask.CompletedTask;
    }
}
