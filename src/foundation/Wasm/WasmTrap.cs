using System.Collections.Immutable;

namespace Sirsi.Wasm;

/// <summary>Why a guest was stopped.</summary>
public enum WasmTrapKind
{
    /// <summary>An <c>unreachable</c> instruction.</summary>
    Unreachable,

    /// <summary>A memory access outside of the memory.</summary>
    MemoryOutOfBounds,

    /// <summary>A table access outside of the table.</summary>
    TableOutOfBounds,

    /// <summary>An indirect call through an index outside of the table.</summary>
    UndefinedElement,

    /// <summary>An indirect call through a null reference.</summary>
    UninitializedElement,

    /// <summary>An indirect call of a function of another type.</summary>
    IndirectCallTypeMismatch,

    /// <summary>An integer division by zero.</summary>
    IntegerDivideByZero,

    /// <summary>An integer division or conversion whose result has no representation.</summary>
    IntegerOverflow,

    /// <summary>A conversion of NaN to an integer.</summary>
    InvalidConversionToInteger,

    /// <summary><c>throw_ref</c> of null.</summary>
    NullReference,

    /// <summary>The call stack passed its limit of bytes.</summary>
    StackExhausted,

    /// <summary>The call used up its fuel.</summary>
    OutOfFuel,

    /// <summary>The call passed its deadline.</summary>
    DeadlineExceeded,

    /// <summary>The call was cancelled.</summary>
    Cancelled,

    /// <summary>An exception thrown by the guest that nothing caught.</summary>
    UncaughtException,

    /// <summary>A host function failed; <see cref="Exception.InnerException"/> tells how.</summary>
    HostFailure,
}

/// <summary>A place in the guest's call stack.</summary>
/// <param name="Module">The name the module gives itself in its name section, or empty.</param>
/// <param name="FunctionIndex">The function's index in its module.</param>
/// <param name="FunctionName">Its name from the name section or an export, else <c>func[N]</c>.</param>
/// <param name="Offset">The byte of the module the instruction begins at.</param>
public sealed record WasmFrame(string Module, int FunctionIndex, string FunctionName, long Offset)
{
    /// <summary>As a line of a stack trace.</summary>
    public override string ToString() => $"{(Module.Length == 0 ? "" : Module + "!")}{FunctionName} @0x{Offset:x}";
}

/// <summary>The guest was stopped. What it did before stays done; the instance can be called again, and may be in any state.</summary>
public sealed class WasmTrap : Exception
{
    internal WasmTrap(WasmTrapKind kind, ImmutableArray<WasmFrame> frames, Exception? cause = null)
        : base(Describe(kind, frames, cause), cause)
    {
        Kind = kind;
        Frames = frames;
    }

    /// <summary>Why.</summary>
    public WasmTrapKind Kind { get; }

    /// <summary>The guest's call stack, innermost first, at most 64 frames; empty for traps while instantiating.</summary>
    public ImmutableArray<WasmFrame> Frames { get; }

    /// <summary>The name of the function that trapped; empty when there is no frame.</summary>
    public string FunctionName => Frames.Length > 0 ? Frames[0].FunctionName : "";

    /// <summary>The byte of the module at which it trapped; -1 when there is no frame.</summary>
    public long Offset => Frames.Length > 0 ? Frames[0].Offset : -1;

    /// <summary>The exception of the guest, when an uncaught one is why.</summary>
    internal Interpreter.GuestException? Thrown { get; set; }

    /// <summary>The guest's call stack as text, one frame a line.</summary>
    public string GuestStackTrace => string.Join('\n', Frames.Select(static frame => "  at " + frame));

    private static string Describe(WasmTrapKind kind, ImmutableArray<WasmFrame> frames, Exception? cause)
    {
        string text = kind switch
        {
            WasmTrapKind.Unreachable => "unreachable",
            WasmTrapKind.MemoryOutOfBounds => "out of bounds memory access",
            WasmTrapKind.TableOutOfBounds => "out of bounds table access",
            WasmTrapKind.UndefinedElement => "undefined element",
            WasmTrapKind.UninitializedElement => "uninitialized element",
            WasmTrapKind.IndirectCallTypeMismatch => "indirect call type mismatch",
            WasmTrapKind.IntegerDivideByZero => "integer divide by zero",
            WasmTrapKind.IntegerOverflow => "integer overflow",
            WasmTrapKind.InvalidConversionToInteger => "invalid conversion to integer",
            WasmTrapKind.NullReference => "null reference",
            WasmTrapKind.StackExhausted => "call stack exhausted",
            WasmTrapKind.OutOfFuel => "out of fuel",
            WasmTrapKind.DeadlineExceeded => "deadline exceeded",
            WasmTrapKind.Cancelled => "cancelled",
            WasmTrapKind.UncaughtException => "uncaught exception",
            _ => "a host function failed" + (cause is null ? "" : ": " + cause.Message),
        };
        return frames.Length == 0 ? text : $"{text} in {frames[0]}";
    }
}
