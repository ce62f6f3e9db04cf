using Sirsi.Cli.Output;
using Sirsi.Core.Hosting;

namespace Sirsi.Cli.Commands.Wasm;

/// <summary><c>sirsi wasm</c>: runs, checks, shows and assembles WebAssembly modules.</summary>
internal static class WasmCommand
{
    /// <summary>The verb and what is below it.</summary>
    public static Verb Create(Terminal terminal, HostEnvironment environment) =>
        new(
            "wasm", "Runs, checks, shows and assembles WebAssembly modules, in a sandbox.",
            "sirsi wasm run samples/wasm/fib.wat --invoke fib 30")
        {
            RunVerb.Create(terminal, environment.Time),
            ValidateVerb.Create(terminal, environment.Time),
            InspectVerb.Create(terminal, environment.Time),
            TextVerbs.Print(terminal, environment.Time),
            TextVerbs.Build(terminal, environment.Time),
            BenchVerb.Create(terminal, environment.Time),
            SpecTestVerb.Create(terminal, environment.Time),
        };
}
