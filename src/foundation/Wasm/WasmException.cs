namespace Sirsi.Wasm;

/// <summary>Why a module was refused.</summary>
public enum WasmErrorKind
{
    /// <summary>The bytes are not a module.</summary>
    Malformed,

    /// <summary>It is a module, and breaks a rule of validation.</summary>
    Invalid,

    /// <summary>It needs a feature that is switched off or not implemented.</summary>
    Unsupported,

    /// <summary>It passes a limit of <see cref="WasmOptions"/>.</summary>
    LimitExceeded,

    /// <summary>An import is missing or has another type.</summary>
    Unlinkable,

    /// <summary>The machine could not give what was asked for (memory).</summary>
    Resources,
}

/// <summary>A module could not be loaded or linked.</summary>
public sealed class WasmException : Exception
{
    internal WasmException(WasmErrorKind kind, string message, long offset = -1)
        : base(offset < 0 ? message : $"{message} (at byte {offset})")
    {
        Kind = kind;
        Offset = offset;
    }

    /// <summary>Why.</summary>
    public WasmErrorKind Kind { get; }

    /// <summary>The byte of the module the error was found at; -1 when it has no place in it.</summary>
    public long Offset { get; }
}

/// <summary>One thing that is wrong with a module.</summary>
/// <param name="Kind">In which way.</param>
/// <param name="Message">What, with its place.</param>
/// <param name="Offset">The byte of the module it was found at; -1 when it has no place in it.</param>
public sealed record WasmProblem(WasmErrorKind Kind, string Message, long Offset);
