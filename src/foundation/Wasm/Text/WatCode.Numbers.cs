using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Text;

internal sealed partial class WatCode
{
    private void Number(OpcodeInfo info, ByteWriter into)
    {
        switch (info.Immediates)
        {
            case Immediates.I32: into.S64((int)Integer(32)); break;
            case Immediates.I64: into.S64((long)Integer(64)); break;
            case Immediates.F32: into.Fixed32((uint)Float(WatFloat.Single)); break;
            case Immediates.F64: into.Fixed64(Float(WatFloat.Double)); break;
            case Immediates.V128: Vector(into); break;
            case Immediates.Lane: Lane(into); break;
            default:
                for (int i = 0; i < 16; i++) Lane(into);
                break;
        }
    }

    private ulong Integer(int bits)
    {
        if (!reader.Is(WatTokenKind.Number)) throw reader.Unexpected($"an i{bits}");
        if (!WatNumber.TryInteger(reader.Text, bits, out ulong value)) OutOfRange($"i{bits}");
        reader.Take();
        return value;
    }

    private ulong Float(WatFloat format)
    {
        if (!reader.Is(WatTokenKind.Number) && !reader.Is(WatTokenKind.Keyword)) throw reader.Unexpected("a floating-point number");
        if (!format.TryParse(reader.Text, out ulong bits)) OutOfRange("floating-point");
        reader.Take();
        return bits;
    }

    private void OutOfRange(string what) =>
        reader.Problem(reader.Current.Start, $"{what} constant out of range or malformed: {reader.Describe(reader.Current)}");

    private void Lane(ByteWriter into)
    {
        int at = reader.Current.Start;
        uint lane = reader.U32("a lane");
        if (lane > byte.MaxValue) reader.Problem(at, "lane out of range");
        into.Byte((byte)lane);
    }

    private void Vector(ByteWriter into)
    {
        int shape = reader.Is(WatTokenKind.Keyword)
            ? reader.Text switch { "i8x16" => 8, "i16x8" => 16, "i32x4" => 32, "i64x2" => 64, "f32x4" => -32, "f64x2" => -64, _ => 0 }
            : 0;
        if (shape == 0) throw reader.Unexpected("i8x16, i16x8, i32x4, i64x2, f32x4 or f64x2");
        reader.Take();
        int bits = Math.Abs(shape);
        for (int lane = 0; lane < 128 / bits; lane++)
        {
            ulong value = shape > 0 ? Integer(bits) : Float(bits == 32 ? WatFloat.Single : WatFloat.Double);
            for (int shift = 0; shift < bits; shift += 8) into.Byte((byte)(value >> shift));
        }
    }
}
