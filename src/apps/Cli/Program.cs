using Sirsi.Cli.Output;
using Sirsi.Core.Hosting;

namespace Sirsi.Cli;

internal static class Program
{
    private static Task<int> Main(string[] arguments) =>
        CommandLine.RunAsync(arguments, Terminal.OfProcess(), HostEnvironment.Production, CancellationToken.None);
}
