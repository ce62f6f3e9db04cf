// A team of agents: a lead hands out resources, checkers look at them, and a person approves what is to be done. Killed at any moment, it goes on where it was.
using System.Text;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Approvals;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Samples.AgentTeam;
using Sirsi.Store;

string folder = args.FirstOrDefault() ?? Directory.CreateTempSubdirectory("agent-team-").FullName;
HostEnvironment machine = HostEnvironment.Production;
AgentTypes types = new AgentTypes()
    .Register(new AgentType("lead", static () => new Lead()) { Durability = AgentDurability.Durable })
    .Register(new AgentType("checker", static () => new Checker()) { Durability = AgentDurability.Durable });
await using AgentHost host = await AgentHost.OpenAsync(machine, types, new AgentHostOptions { Folder = folder });
Session session = await host.OpenSessionAsync(
    new ProjectScope(machine.Ids.Next<TenantKind>(), machine.Ids.Next<ProjectKind>()), new SessionOptions { Capabilities = CapabilitySet.Parse(["agent.spawn:checker"]) });
Agent lead = await session.SpawnAsync("lead", new SpawnOptions { Capabilities = CapabilitySet.Parse(["agent.spawn:checker"]) });
await lead.TellAsync("estate", Encoding.UTF8.GetBytes("bucket public,database private,queue public"));
while (lead.Approvals().IsEmpty) await Task.Delay(TimeSpan.FromMilliseconds(10), machine.Time);
ApprovalRequest request = lead.Approvals()[0];
Console.WriteLine($"{request.Kind}: {Encoding.UTF8.GetString(request.Details.Span)}");
await lead.AnswerApprovalAsync(request.Number, new ApprovalAnswer(ApprovalDecision.Approved, "you", "close them"));
while (!lead.CopyVariables().ContainsKey("outcome")) await Task.Delay(TimeSpan.FromMilliseconds(10), machine.Time);
Console.WriteLine($"{Encoding.UTF8.GetString(lead.CopyVariables()["outcome"].Span)} (kept in {folder})");
