using Sirsi.Core.Errors;

namespace Sirsi.Migration;

/// <summary>Every documented problem of this library: 4200 to 4499. Listed in <c>docs/errors.md</c>.</summary>
public static partial class MigrationErrors
{
    /// <summary>SIRSI-4200.</summary>
    public static readonly ErrorCode ChecksUnreadable = new(4200, "A folder or file of checks cannot be read",
        "Give a folder that exists and can be read, with files of at most 1 MiB that end in .yaml or .yml.");

    /// <summary>SIRSI-4201.</summary>
    public static readonly ErrorCode CheckSyntax = new(4201, "A file of checks is not the YAML we read",
        "Correct the file at the position shown; anchors, aliases, tags and nesting deeper than 16 are refused.");

    /// <summary>SIRSI-4202.</summary>
    public static readonly ErrorCode CheckField = new(4202, "A field of a check is missing, unknown or of the wrong form",
        "Write the field as docs/checks.md shows it.");

    /// <summary>SIRSI-4203.</summary>
    public static readonly ErrorCode CheckRepeated = new(4203, "Two checks have the same id",
        "Give the check an id of its own; a check that came with the program can not be replaced.");

    /// <summary>SIRSI-4204.</summary>
    public static readonly ErrorCode CheckWord = new(4204, "A check uses a word that does not exist",
        "Use the kinds, clouds and facts of docs/estate-model.md and the frameworks of docs/checks.md.");

    /// <summary>SIRSI-4205.</summary>
    public static readonly ErrorCode CheckCondition = new(4205, "The condition of a check cannot be read",
        "Correct the expression; docs/estate-model.md describes the language.");

    /// <summary>SIRSI-4206.</summary>
    public static readonly ErrorCode CheckExample = new(4206, "A check does not agree with its own example",
        "Correct the condition or the example: 'fails' must make the condition true, 'passes' must not.");
}
