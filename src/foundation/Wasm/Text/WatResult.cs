using System.Collections.Immutable;

namespace Sirsi.Wasm.Text;

/// <summary>Limits of reading the text format. Immutable: derive a variant with <c>with</c>.</summary>
public sealed record WatOptions
{
    /// <summary>Longest text, in characters: 0 to 268,435,456 (256 Mi). Default 134,217,728 (128 Mi).</summary>
    public int CharactersMax { get; init; } = 128 << 20;

    /// <summary>Deepest nesting of parentheses and blocks. At least 1; default 20,000.</summary>
    public int NestingMax { get; init; } = 20_000;

    /// <summary>Most problems collected before reading stops. At least 1; default 100.</summary>
    public int ProblemsMax { get; init; } = 100;

    /// <summary>Whether identifiers become a name section, so that traps can name functions. Default true.</summary>
    public bool WriteNames { get; init; } = true;

    /// <summary>Every broken rule, not only the first.</summary>
    internal IEnumerable<string> Problems()
    {
        if (CharactersMax is < 0 or > 256 << 20) yield return $"CharactersMax is {CharactersMax}; it must be 0 to 268,435,456.";
        if (NestingMax < 1) yield return $"NestingMax is {NestingMax}; it must be at least 1.";
        if (ProblemsMax < 1) yield return $"ProblemsMax is {ProblemsMax}; it must be at least 1.";
    }
}

/// <summary>Something wrong in a text.</summary>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Column">Its first character in that line, from 1, in UTF-16 units.</param>
/// <param name="Message">What is wrong.</param>
public sealed record WatProblem(int Line, int Column, string Message)
{
    /// <summary>As compilers write it: <c>3:14: unknown function $f</c>.</summary>
    public override string ToString() => $"{Line}:{Column}: {Message}";
}

/// <summary>What reading a text gave: a module, or problems.</summary>
public sealed class WatResult
{
    internal WatResult(byte[]? module, ImmutableArray<WatProblem> problems)
    {
        Module = module is null ? default(ReadOnlyMemory<byte>?) : module.AsMemory();
        Problems = problems;
    }

    /// <summary>The module in the binary format; null when there are problems. It is well-formed, and not yet validated.</summary>
    public ReadOnlyMemory<byte>? Module { get; }

    /// <summary>What is wrong, in the order of the text; empty when there is a module.</summary>
    public ImmutableArray<WatProblem> Problems { get; }

    /// <summary>Whether the text is a module.</summary>
    public bool IsModule => Module is not null;
}
