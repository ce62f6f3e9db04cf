namespace Sirsi.Core.Errors;

/// <summary>How much a diagnostic matters.</summary>
public enum DiagnosticSeverity
{
    /// <summary>Worth knowing; the result is complete.</summary>
    Information,

    /// <summary>The result is usable, but something in it is missing or assumed.</summary>
    Warning,

    /// <summary>The input is wrong there; the result lacks it.</summary>
    Error,
}

/// <summary>A place in an input.</summary>
/// <param name="Source">The file or other name of the input.</param>
/// <param name="Line">1-based line, or 0 when unknown.</param>
/// <param name="Column">1-based column in bytes, or 0 when unknown.</param>
public readonly record struct SourcePosition(string Source, int Line = 0, int Column = 0)
{
    /// <summary><c>file:line:column</c>, leaving out what is unknown.</summary>
    public override string ToString() => Line == 0 ? Source : Column == 0 ? $"{Source}:{Line}" : $"{Source}:{Line}:{Column}";
}

/// <summary>One problem found in an input. Parsers and checkers collect these instead of stopping at the first.</summary>
/// <param name="Code">Which documented problem it is.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Message">The case at hand, for the user; never holds a secret.</param>
/// <param name="Position">Where it is, when it has a place.</param>
public sealed record Diagnostic(ErrorCode Code, DiagnosticSeverity Severity, string Message, SourcePosition? Position = null)
{
    /// <summary>One line: position, code, message.</summary>
    public override string ToString() => Position is { } position ? $"{position}: {Code}: {Message}" : $"{Code}: {Message}";
}
