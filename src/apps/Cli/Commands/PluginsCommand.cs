using Sirsi.Cli.Output;

namespace Sirsi.Cli.Commands;

internal static class PluginsCommand { public static Verb Create(Terminal terminal, TimeProvider t) { _ = (terminal, t); return new("plugins", "Plugins.", "sirsi plugins"); } }
