using Sirsi.Cli.Output;

namespace Sirsi.Cli.Commands;

internal static class MigrateCommand { public static Verb Create(Terminal terminal, TimeProvider t) { _ = (terminal, t); return new("migrate", "Plugins.", "sirsi migrate"); } }
