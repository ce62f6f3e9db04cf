using Sirsi.Core.Errors;

namespace Sirsi.Cli;

/// <summary>The codes of this program: 6000 to 6099.</summary>
internal static class CliErrors
{
    /// <summary>The command line makes no sense.</summary>
    public static readonly ErrorCode Usage = new(6001, "Wrong use of the command line",
        "Compare with the examples that --help shows.");

    /// <summary>Something that was asked for by name is not there.</summary>
    public static readonly ErrorCode NotFound = new(6002, "No such thing",
        "Check the spelling; the message lists what comes near.");
}
