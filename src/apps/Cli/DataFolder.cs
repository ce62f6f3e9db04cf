using System.CommandLine;
using Sirsi.Core.Errors;

namespace Sirsi.Cli;

/// <summary>The product's data folder (docs/decisions/0005-data-folder.md): where it is and what is where in it.</summary>
internal static class DataFolder
{
    /// <summary>Modules, by digest.</summary>
    public const string Modules = "modules";

    /// <summary>What agents did: the folder of the host.</summary>
    public const string Journal = "journal";

    /// <summary>The event bus.</summary>
    public const string Bus = "bus";

    /// <summary>Relational data.</summary>
    public const string Store = "store";

    /// <summary>Secrets, encrypted.</summary>
    public const string Secrets = "secrets";

    /// <summary>The option that names it.</summary>
    public static Option<string?> Option() => new("--home") { Description = "The data folder. Default: SIRSI_HOME, else ~/.local/share/sirsi.", HelpName = "DIR" };

    /// <summary>The full path of something in it.</summary>
    /// <param name="home">What the option says; null for the default.</param>
    /// <param name="name">The path inside.</param>
    public static string PathOf(string? home, string name) => Path.Combine(Path.GetFullPath(home ?? Default()), name);

    /// <summary>Makes it, or a folder in it, when absent, for its owner alone.</summary>
    /// <exception cref="CliException">It cannot be made.</exception>
    public static void Create(string? home, string name = "")
    {
        string folder = PathOf(home, name);
        try
        {
            const UnixFileMode OwnerAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            // The mode is for the last folder of a path only.
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
            else Directory.CreateDirectory(folder, OwnerAlone);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CliException(CoreErrors.FileInaccessible, $"{folder}: {failure.Message}");
        }
    }

    private static string Default() => Environment.GetEnvironmentVariable("SIRSI_HOME") is { Length: > 0 } home
        ? home
        // Unverified: a folder that is not there yet is no reason to take the working folder instead.
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "sirsi");
}
