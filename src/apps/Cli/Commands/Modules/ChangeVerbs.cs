using System.CommandLine;
using Sirsi.Cli.Output;
using Sirsi.Core.Hosting;
using Sirsi.Core.Plugins;
using Sirsi.Hypervisor.Modules.Registry;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Modules;

/// <summary>What changes the registry: <c>sirsi module add</c>, <c>grant</c>, <c>activate</c>, <c>rollback</c>, <c>remove</c>. Each shows the version it changed.</summary>
internal static class ChangeVerbs
{
    private delegate Task<InstalledModule> Change(ModuleRegistry registry, string subject, ParseResult parsed, CancellationToken cancellation);

    public static Verb Add(Terminal terminal, HostEnvironment environment)
    {
        var folder = new Argument<string>("FOLDER") { Description = "The folder with module.yaml and what it names." };
        var verb = new Verb("add", "Takes a module in: checks its manifest, digest, signature and code. It does not run before it is activated.",
            "sirsi module add modules/tag-policy", "sirsi module add modules/counter --dev");
        return Create(verb, terminal, environment, folder, "Added", static (registry, subject, _, cancellation) => registry.AddAsync(Path.GetFullPath(subject), cancellation));
    }

    public static Verb Grant(Terminal terminal, HostEnvironment environment)
    {
        var verb = new Verb("grant", "Allows a version all it asks for; without a version, the greatest that waits.", "sirsi module grant tag-policy", "sirsi module grant tag-policy@1.2.0");
        return Create(verb, terminal, environment, ModuleHome.Reference(), "Granted", static (registry, subject, _, cancellation) =>
        {
            (string name, SemanticVersion? version) = ModuleHome.Parse(subject);
            return registry.GrantAsync(name, version, Environment.UserName, cancellation);
        });
    }

    public static Verb Activate(Terminal terminal, HostEnvironment environment)
    {
        Option<string[]> configuration = Pairs.Option("--config", "A value of its configuration to keep, as 'sirsi module configure' does; any number of times.");
        var verb = new Verb("activate", "Makes a granted version the one agents are made of; without a version, the greatest.", "sirsi module activate tag-policy",
            "sirsi module activate tag-policy@1.2.0", "sirsi module activate cost-totals --config currency=USD")
        {
            configuration,
        };
        return Create(verb, terminal, environment, ModuleHome.Reference(), "Activated", async (registry, subject, parsed, cancellation) =>
        {
            (string name, SemanticVersion? version) = ModuleHome.Parse(subject);
            InstalledModule module = await registry.ActivateAsync(name, version, Pairs.Read(parsed.GetValue(configuration)), cancellation);
            if (ConfigureVerb.Missing(module.Manifest, registry.Configuration(name)) is { Length: > 0 } missing)
                terminal.Messages.MarkupLineInterpolated($"[yellow]still needed[/]: {string.Join(", ", missing)}; 'sirsi module configure {name} KEY=VALUE' sets them.");
            return module;
        });
    }

    public static Verb RollBack(Terminal terminal, HostEnvironment environment)
    {
        var verb = new Verb("rollback", "Makes the version active again that was so before.", "sirsi module rollback tag-policy");
        return Create(verb, terminal, environment, ModuleHome.Reference("NAME"), "Back to", static (registry, subject, _, cancellation) => registry.RollBackAsync(subject, cancellation));
    }

    public static Verb Remove(Terminal terminal, HostEnvironment environment)
    {
        var verb = new Verb("remove", "Removes a version that is not the active one of several.", "sirsi module remove tag-policy@1.1.0");
        return Create(verb, terminal, environment, ModuleHome.Reference("NAME@VERSION"), "Removed", static (registry, subject, _, cancellation) =>
        {
            (string name, SemanticVersion? version) = ModuleHome.Parse(subject);
            return version is null
                ? throw new CliException(CliErrors.Usage, $"Say which version: sirsi module remove {name}@VERSION.")
                : registry.RemoveAsync(name, version, cancellation);
        });
    }

    private static Verb Create(Verb verb, Terminal terminal, HostEnvironment environment, Argument<string> subject, string done, Change change)
    {
        Option<string?> home = DataFolder.Option();
        Option<bool> json = ModuleHome.Json(), development = ModuleHome.Development();
        verb.Add(subject);
        verb.Add(home);
        verb.Add(development);
        verb.Add(json);
        verb.SetAction(async (parsed, cancellation) =>
        {
            using ModuleRegistry registry = await ModuleHome.OpenAsync(environment, parsed.GetValue(home), write: true, parsed.GetValue(development), cancellation);
            ModuleReport.Show(terminal, await change(registry, parsed.GetRequiredValue(subject), parsed, cancellation), done, parsed.GetValue(json));
            return ExitCode.Ok;
        });
        return verb;
    }
}
