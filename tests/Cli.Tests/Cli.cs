using Sirsi.Cli.Output;
using Sirsi.Core.Hosting;

namespace Sirsi.Cli.Tests;

/// <summary>Runs the program inside the test, with writers instead of a terminal.</summary>
internal static class Cli
{
    public static async Task<ProgramResult> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await CommandLine.RunAsync(arguments, new Terminal(output, error), HostEnvironment.Production, CancellationToken.None);
        return new(code, output.ToString(), error.ToString());
    }

    public static string Sample(string name) => Path.Combine(Repository.Root, "samples", "estates", name);
}
