using System.CommandLine;
using Sirsi.Core.Hosting;
using Sirsi.Core.Plugins;
using Sirsi.Hypervisor.Modules.Registry;

namespace Sirsi.Cli.Commands.Modules;

/// <summary>Where the modules are, and which one a command means.</summary>
internal static class ModuleHome
{
    /// <summary>The option that answers with JSON.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Answer with one JSON document." };

    /// <summary>The option that takes what nobody signed.</summary>
    public static Option<bool> Development() => new("--dev") { Description = "Take modules that nobody has signed. For development only." };

    /// <summary>The argument that names a module and perhaps a version.</summary>
    public static Argument<string> Reference(string name = "NAME[@VERSION]") => new("MODULE") { HelpName = name, Description = $"The module: {name}." };

    /// <summary>Opens the registry; to change it, its folder is made when absent, for its owner alone.</summary>
    public static async Task<ModuleRegistry> OpenAsync(HostEnvironment environment, string? home, bool write, bool development, CancellationToken cancellation)
    {
        if (write) DataFolder.Create(home);
        string folder = DataFolder.PathOf(home, DataFolder.Modules);
        return await ModuleRegistry.OpenAsync(environment, folder, new ModuleRegistryOptions { IsReadOnly = !write, AllowsUnsigned = development }, cancellation);
    }

    /// <summary>Splits <c>NAME@VERSION</c>.</summary>
    /// <exception cref="CliException">What stands behind the @ is no version.</exception>
    public static (string Name, SemanticVersion? Version) Parse(string text)
    {
        int at = text.IndexOf('@', StringComparison.Ordinal);
        if (at < 0) return (text, null);
        return at > 0 && SemanticVersion.TryParse(text[(at + 1)..], out SemanticVersion? version)
            ? (text[..at], version)
            : throw new CliException(CliErrors.Usage, $"'{text}' is not NAME@VERSION, for example tag-policy@1.2.0.");
    }
}
