using Sirsi.Core.Errors;

namespace Sirsi.Migration;

// Emitting: 4400 to 4449.
public static partial class MigrationErrors
{
    /// <summary>SIRSI-4400.</summary>
    public static readonly ErrorCode OutputNotOurs = new(4400, "The output folder holds something else",
        "Give a folder that does not exist, is empty, or holds the output of an earlier run.");

    /// <summary>SIRSI-4401.</summary>
    public static readonly ErrorCode OutputUnwritable = new(4401, "The output cannot be written",
        "Give a folder on a disk that has room and that you may write to; what was there before is as it was.");

    /// <summary>SIRSI-4402.</summary>
    public static readonly ErrorCode OutputNotReplaced = new(4402, "The output was written and could not take the place of the earlier one",
        "Close programs that hold the output folder open and run again; the message says where both are.");
}
