global using AgentId = Sirsi.Core.Identity.Id<Sirsi.Core.Identity.AgentKind>;
global using SessionId = Sirsi.Core.Identity.Id<Sirsi.Core.Identity.SessionKind>;
global using TaskId = Sirsi.Core.Identity.Id<Sirsi.Core.Identity.TaskKind>;
