using System.CommandLine;
using Sirsi.Cli.Output;
using Sirsi.Core.Hosting;

namespace Sirsi.Cli.Commands.Store;

/// <summary><c>sirsi store</c>: what operators do with the database.</summary>
internal static class StoreCommand
{
    /// <summary>The verb and what is below it.</summary>
    public static Verb Create(Terminal terminal, HostEnvironment environment) => new("store", "Backs up, restores and checks the database.", "sirsi store check")
    {
        BackupVerb.Create(terminal, environment),
        RestoreVerb.Create(terminal, environment),
        CheckVerb.Create(terminal, environment),
    };

    /// <summary>The option that answers with JSON.</summary>
    public static Option<bool> JsonOption() => new("--json") { Description = "Answer with one JSON document." };
}
