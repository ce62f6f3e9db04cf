using System.Runtime.CompilerServices;

namespace Sirsi.Simulation;

/// <summary>Puts the text of a note together only when somebody is going to read it.</summary>
[InterpolatedStringHandler]
public ref struct NoteHandler
{
    private DefaultInterpolatedStringHandler _text;

    /// <summary>Begins; the compiler calls it.</summary>
    public NoteHandler(int literalLength, int formattedCount, SimulatedWorld world, out bool isWanted)
    {
        ArgumentNullException.ThrowIfNull(world);
        isWanted = world.KeepsHistory;
        _text = isWanted ? new DefaultInterpolatedStringHandler(literalLength, formattedCount) : default;
    }

    /// <summary>Adds a literal part.</summary>
    public void AppendLiteral(string part) => _text.AppendLiteral(part);

    /// <summary>Adds a value.</summary>
    public void AppendFormatted<T>(T value, string? format = null) => _text.AppendFormatted(value, format);

    internal string Text() => _text.ToStringAndClear();
}

/// <summary>Puts the text of a violation together only when there is one.</summary>
[InterpolatedStringHandler]
public ref struct RequirementHandler
{
    private DefaultInterpolatedStringHandler _text;

    /// <summary>Begins; the compiler calls it.</summary>
    public RequirementHandler(int literalLength, int formattedCount, bool holds, out bool isWanted)
    {
        isWanted = !holds;
        _text = isWanted ? new DefaultInterpolatedStringHandler(literalLength, formattedCount) : default;
    }

    /// <summary>Adds a literal part.</summary>
    public void AppendLiteral(string part) => _text.AppendLiteral(part);

    /// <summary>Adds a value.</summary>
    public void AppendFormatted<T>(T value, string? format = null) => _text.AppendFormatted(value, format);

    internal string Text() => _text.ToStringAndClear();
}
