using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Operations;

/// <summary>
/// Conversions of floating point to integers that trap when there is no such integer: each has an interval that the number must lie in. An f32
/// is converted by way of f64, which holds each of them exactly.
/// </summary>
internal static class Truncation
{
    private const double TwoTo31 = 2147483648.0;
    private const double TwoTo32 = 4294967296.0;
    private const double TwoTo63 = 9223372036854775808.0;
    private const double TwoTo64 = 18446744073709551616.0;

    /// <summary>The open interval the number must lie in.</summary>
    internal static (double Above, double Below) Interval(Opcode opcode) => opcode switch
    {
        Opcode.I32TruncF32S or Opcode.I32TruncF64S => (-TwoTo31 - 1, TwoTo31),
        Opcode.I32TruncF32U or Opcode.I32TruncF64U => (-1, TwoTo32),

        // The next double below the smallest long.
        Opcode.I64TruncF32S or Opcode.I64TruncF64S => (-TwoTo63 - 2048, TwoTo63),
        Opcode.I64TruncF32U or Opcode.I64TruncF64U => (-1, TwoTo64),
        _ => throw new ArgumentOutOfRangeException(nameof(opcode)),
    };

    /// <summary>Converts, or says why it traps.</summary>
    internal static WasmTrapKind? Convert(Opcode opcode, double value, out ulong result)
    {
        result = 0;
        (double above, double below) = Interval(opcode);
        if (double.IsNaN(value)) return WasmTrapKind.InvalidConversionToInteger;
        if (!(value > above && value < below)) return WasmTrapKind.IntegerOverflow;
        result = opcode switch
        {
            Opcode.I32TruncF32S or Opcode.I32TruncF64S => (uint)ToInt32(value),
            Opcode.I32TruncF32U or Opcode.I32TruncF64U => (uint)ToUInt32(value),
            Opcode.I64TruncF32S or Opcode.I64TruncF64S => (ulong)ToInt64(value),
            _ => (ulong)ToUInt64(value),
        };
        return null;
    }

    // The number is known to fit, so that the machine's own conversion will do.
    internal static int ToInt32(double value) => double.ConvertToIntegerNative<int>(value);

    internal static int ToUInt32(double value) => (int)double.ConvertToIntegerNative<long>(value);

    internal static long ToInt64(double value) => double.ConvertToIntegerNative<long>(value);

    internal static long ToUInt64(double value) =>
        value < TwoTo63 ? double.ConvertToIntegerNative<long>(value) : double.ConvertToIntegerNative<long>(value - TwoTo63) ^ long.MinValue;
}
