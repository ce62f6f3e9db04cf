using Sirsi.Cli.Output;

namespace Sirsi.Cli.Commands;

internal static class PricesCommand { public static Verb Create(Terminal terminal) { _ = terminal; return new("prices", "Configuration checks."); } }
