using System.Runtime.InteropServices;

namespace Sirsi.Wasm;

/// <summary>A value of any type. Immutable; the default is an i32 of zero.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct WasmValue
{
    private readonly byte _type;

    internal WasmValue(WasmValueType type, ulong low, ulong high = 0, object? reference = null)
    {
        _type = (byte)type;
        Low = low;
        High = high;
        Reference = reference;
    }

    /// <summary>Its type.</summary>
    public WasmValueType Type => _type == 0 ? WasmValueType.I32 : (WasmValueType)_type;

    /// <summary>The bits: the low half of a v128, the whole of other numbers; zero for references.</summary>
    public ulong Low { get; }

    /// <summary>The high half of a v128.</summary>
    public ulong High { get; }

    /// <summary>What a reference refers to: a <see cref="WasmFunction"/>, an object of the host, or null.</summary>
    public object? Reference { get; }

    /// <summary>The value as i32; of an i64 its low half.</summary>
    public int AsI32 => (int)Low;

    /// <summary>The value as i64.</summary>
    public long AsI64 => (long)Low;

    /// <summary>The value as f32.</summary>
    public float AsF32 => BitConverter.UInt32BitsToSingle((uint)Low);

    /// <summary>The value as f64.</summary>
    public double AsF64 => BitConverter.UInt64BitsToDouble(Low);

    /// <summary>An i32.</summary>
    public static WasmValue I32(int value) => new(WasmValueType.I32, (uint)value);

    /// <summary>An i64.</summary>
    public static WasmValue I64(long value) => new(WasmValueType.I64, (ulong)value);

    /// <summary>An f32.</summary>
    public static WasmValue F32(float value) => new(WasmValueType.F32, BitConverter.SingleToUInt32Bits(value));

    /// <summary>An f64.</summary>
    public static WasmValue F64(double value) => new(WasmValueType.F64, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>A v128 from its halves.</summary>
    public static WasmValue V128(ulong low, ulong high) => new(WasmValueType.V128, low, high);

    /// <summary>A reference to a function, or null.</summary>
    public static WasmValue FuncRef(WasmFunction? function) => new(WasmValueType.FuncRef, 0, 0, function);

    /// <summary>A reference to an object of the host, or null.</summary>
    public static WasmValue ExternRef(object? value) => new(WasmValueType.ExternRef, 0, 0, value);
}
