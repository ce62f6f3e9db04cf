using System.Collections.Immutable;
using System.CommandLine;
using Sirsi.Cli.Output;
using Sirsi.Core.Documents;
using Sirsi.Core.Hosting;
using Sirsi.Core.Plugins;
using Sirsi.Hypervisor.Modules.Registry;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Modules;

/// <summary><c>sirsi module verify</c>.</summary>
internal static class VerifyVerb
{
    public static Verb Create(Terminal terminal, HostEnvironment environment)
    {
        Argument<string> subject = ModuleHome.Reference();
        Option<string?> home = DataFolder.Option();
        Option<bool> json = ModuleHome.Json(), development = ModuleHome.Development();
        var verb = new Verb("verify", "Looks whether a stored module is whole and its signature is trusted today; changes nothing.",
            "sirsi module verify tag-policy", "sirsi module verify tag-policy@1.2.0 --json")
        {
            subject, home, development, json,
        };
        verb.SetAction(async (parsed, cancellation) =>
        {
            (string name, SemanticVersion? version) = ModuleHome.Parse(parsed.GetRequiredValue(subject));
            using ModuleRegistry registry = await ModuleHome.OpenAsync(environment, parsed.GetValue(home), write: false, parsed.GetValue(development), cancellation);
            InstalledModule module = registry.Find(name, version);
            ImmutableArray<string> problems = await registry.VerifyAsync(name, module.Manifest.Version, cancellation);
            if (parsed.GetValue(json))
            {
                terminal.WriteJson("sirsi.module-verification/1", writer =>
                {
                    writer.WriteString("module", module.ToString());
                    writer.WriteBoolean("sound", problems.IsEmpty);
                    writer.WriteTexts("problems", problems);
                });
            }
            else
            {
                foreach (string problem in problems) terminal.Results.MarkupLineInterpolated($"[red]wrong[/]  {problem}");
                terminal.Results.WriteLine($"{module} is {(problems.IsEmpty ? "sound" : "not sound")}.");
            }

            return problems.IsEmpty ? ExitCode.Ok : ExitCode.Failed;
        });
        return verb;
    }
}
