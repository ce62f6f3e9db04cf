using Sirsi.Cli.Output;
using Sirsi.Core.Hosting;

namespace Sirsi.Cli.Commands.Modules;

/// <summary><c>sirsi module</c>: WebAssembly modules that supply agent types, and plug-ins of the Extism ABI.</summary>
internal static class ModuleCommand
{
    /// <summary>The verb and what is below it.</summary>
    public static Verb Create(Terminal terminal, HostEnvironment environment) =>
        new("module", "Keeps the WebAssembly modules agents are made of, and calls plug-ins of the Extism ABI, in a sandbox.")
        {
            ListVerb.Create(terminal, environment),
            ChangeVerbs.Add(terminal, environment),
            InspectVerb.Create(terminal, environment),
            VerifyVerb.Create(terminal, environment),
            ChangeVerbs.Grant(terminal, environment),
            ChangeVerbs.Activate(terminal, environment),
            ChangeVerbs.RollBack(terminal, environment),
            ChangeVerbs.Remove(terminal, environment),
            ConfigureVerb.Create(terminal, environment),
            SignVerb.Create(terminal),
            CallVerb.Create(terminal, environment.Time),
        };
}
