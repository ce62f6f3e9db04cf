global using AgentId = Sirsi.Core.Identity.Id<Sirsi.Core.Identity.AgentKind>;
global using ProjectId = Sirsi.Core.Identity.Id<Sirsi.Core.Identity.ProjectKind>;
global using SessionId = Sirsi.Core.Identity.Id<Sirsi.Core.Identity.SessionKind>;
global using TaskId = Sirsi.Core.Identity.Id<Sirsi.Core.Identity.TaskKind>;
global using TenantId = Sirsi.Core.Identity.Id<Sirsi.Core.Identity.TenantKind>;
