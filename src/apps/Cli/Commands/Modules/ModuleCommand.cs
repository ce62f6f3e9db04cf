using Sirsi.Cli.Output;
using Sirsi.Core.Hosting;

namespace Sirsi.Cli.Commands.Modules;

/// <summary><c>sirsi module</c>: WebAssembly modules that supply agent types, and plug-ins of the Extism ABI.</summary>
internal static class ModuleCommand
{
    /// <summary>The verb and what is below it.</summary>
    public static Verb Create(Terminal terminal, HostEnvironment environment) =>
        new("module", "Calls WebAssembly plug-ins of the Extism ABI, in a sandbox.", "sirsi module call plugin.wasm greet --input World")
        {
            CallVerb.Create(terminal, environment.Time),
        };
}
