global using AgentId = Sirsi.Core.Identity.Id<Sirsi.Core.Identity.AgentKind>;
