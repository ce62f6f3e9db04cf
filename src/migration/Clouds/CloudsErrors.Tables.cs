using Sirsi.Core.Errors;

namespace Sirsi.Clouds;

/// <summary>The ways this library fails: SIRSI-4000 to SIRSI-4199.</summary>
public static partial class CloudsErrors
{
    /// <summary>SIRSI-4050.</summary>
    public static readonly ErrorCode ExpressionSyntax = new(4050, "An expression cannot be read",
        "Correct the expression at the position shown; docs/estate-model.md describes the language.");

    /// <summary>SIRSI-4051.</summary>
    public static readonly ErrorCode ExpressionTooLarge = new(4051, "An expression is too long or too deeply nested",
        "Split the expression into several facts or checks.");

    /// <summary>SIRSI-4052.</summary>
    public static readonly ErrorCode ExpressionCall = new(4052, "An expression calls a function that does not exist, or calls it wrongly",
        "Use one of the functions listed in docs/estate-model.md, with the arguments shown there.");

    /// <summary>SIRSI-4053.</summary>
    public static readonly ErrorCode ExpressionPattern = new(4053, "A pattern after 'matches' cannot be used",
        "Write the pattern as a text of at most 500 characters, without back-references and look-around.");

    /// <summary>SIRSI-4054.</summary>
    public static readonly ErrorCode TableBroken = new(4054, "A data table of the program is broken",
        "Correct the table's line shown; when the table came with the program, install the program again.");
}
