using Sirsi.Cli.Output;

namespace Sirsi.Cli.Commands;

internal static class ChecksCommand { public static Verb Create(Terminal terminal) { _ = terminal; return new("checks", "Configuration checks."); } }
