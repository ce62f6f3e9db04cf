using System.CommandLine;
using Sirsi.Core.Errors;
using Sirsi.Core.Hosting;
using Sirsi.Core.Plugins;
using Sirsi.Hypervisor.Modules.Registry;

namespace Sirsi.Cli.Commands.Modules;

/// <summary>Where the modules are, and which one a command means.</summary>
internal static class ModuleHome
{
    /// <summary>The option that names the data folder.</summary>
    public static Option<string?> Option() => new("--home") { Description = "The data folder. Default: SIRSI_HOME, else ~/.local/share/sirsi.", HelpName = "DIR" };

    /// <summary>The option that answers with JSON.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Answer with one JSON document." };

    /// <summary>The option that takes what nobody signed.</summary>
    public static Option<bool> Development() => new("--dev") { Description = "Take modules that nobody has signed. For development only." };

    /// <summary>The argument that names a module and perhaps a version.</summary>
    public static Argument<string> Reference(string name = "NAME[@VERSION]") => new("MODULE") { HelpName = name, Description = $"The module: {name}." };

    /// <summary>Opens the registry; to change it, its folder is made when absent, for its owner alone.</summary>
    public static async Task<ModuleRegistry> OpenAsync(HostEnvironment environment, string? home, bool write, bool development, CancellationToken cancellation)
    {
        string folder = Path.Combine(Path.GetFullPath(home ?? Default()), "modules");
        try
        {
            const UnixFileMode OwnerAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            // The mode is for the last folder of a path only.
            if (write && !OperatingSystem.IsWindows()) Directory.CreateDirectory(Path.GetDirectoryName(folder)!, OwnerAlone);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CliException(CoreErrors.FileInaccessible, $"{folder}: {failure.Message}");
        }

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

    private static string Default() => Environment.GetEnvironmentVariable("SIRSI_HOME") is { Length: > 0 } home
        ? home
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "sirsi");
}
