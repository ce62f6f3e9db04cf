using System.Globalization;
using System.Text.Json;

namespace Sirsi.Wasm.Spec;

/// <summary>Values as the suite writes them, and whether a result is what a script expects.</summary>
internal static class SpecValue
{
    private const uint Canonical32 = 0x7FC0_0000;
    private const ulong Canonical64 = 0x7FF8_0000_0000_0000;

    internal static WasmValue Read(JsonElement json)
    {
        string type = json.GetProperty("type").GetString()!;
        if (type == "v128")
        {
            (ulong low, ulong high) = Vector(json);
            return WasmValue.V128(low, high);
        }

        string text = json.GetProperty("value").GetString()!;
        return type switch
        {
            "i32" => new(WasmValueType.I32, Bits(text)),
            "i64" => new(WasmValueType.I64, Bits(text)),
            "f32" => new(WasmValueType.F32, Bits(text)),
            "f64" => new(WasmValueType.F64, Bits(text)),
            "externref" => WasmValue.ExternRef(text == "null" ? null : new HostObject(text)),
            "funcref" => WasmValue.FuncRef(null),
            _ => new(WasmValueType.ExnRef, 0),
        };
    }

    internal static bool Fits(WasmValue value, JsonElement expected)
    {
        string type = expected.GetProperty("type").GetString()!;
        if (value.Type.Name() != type) return false;
        if (type == "v128") return FitsVector(value, expected);
        string? text = expected.TryGetProperty("value", out JsonElement given) ? given.GetString() : null;
        if (value.Type.IsReference())
        {
            if (text is null) return value.Reference is not null;
            return text == "null" ? value.Reference is null : Equals(value.Reference, new HostObject(text));
        }

        return FitsNumber(value.Low, text!, value.Type is WasmValueType.F32 or WasmValueType.I32 ? 32 : 64);
    }

    private static bool FitsVector(WasmValue value, JsonElement expected)
    {
        int bits = LaneBits(expected);
        int lane = 0;
        foreach (JsonElement text in expected.GetProperty("value").EnumerateArray())
        {
            int position = lane++ * bits;
            ulong half = position < 64 ? value.Low : value.High;
            ulong found = half >> (position & 63);
            if (bits < 64) found &= (1UL << bits) - 1;
            if (!FitsNumber(found, text.GetString()!, bits)) return false;
        }

        return true;
    }

    private static bool FitsNumber(ulong found, string text, int bits)
    {
        ulong canonical = bits == 32 ? Canonical32 : Canonical64;
        ulong magnitude = bits == 32 ? 0x7FFF_FFFFUL : 0x7FFF_FFFF_FFFF_FFFFUL;
        return text switch
        {
            "nan:canonical" => (found & magnitude) == canonical,
            "nan:arithmetic" => (found & canonical) == canonical,
            _ => found == Bits(text),
        };
    }

    private static (ulong Low, ulong High) Vector(JsonElement json)
    {
        int bits = LaneBits(json);
        ulong low = 0, high = 0;
        int lane = 0;
        foreach (JsonElement text in json.GetProperty("value").EnumerateArray())
        {
            int position = lane++ * bits;
            ulong part = Bits(text.GetString()!);
            if (bits < 64) part &= (1UL << bits) - 1;
            if (position < 64) low |= part << position;
            else high |= part << (position - 64);
        }

        return (low, high);
    }

    private static int LaneBits(JsonElement json) =>
        int.Parse(json.GetProperty("lane_type").GetString()![1..], CultureInfo.InvariantCulture);

    private static ulong Bits(string text) =>
        text.StartsWith('-') ? (ulong)long.Parse(text, CultureInfo.InvariantCulture) : ulong.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>The host object a script names by a number.</summary>
    private sealed record HostObject(string Number);
}
