global using Sirsi.Hypervisor.Agents;
global using Sirsi.Hypervisor.Messages;
global using Sirsi.Hypervisor.Sessions;
global using Sirsi.Hypervisor.Tasks;
global using Sirsi.Hypervisor.Turns;
global using AgentId = Sirsi.Core.Identity.Id<Sirsi.Core.Identity.AgentKind>;
