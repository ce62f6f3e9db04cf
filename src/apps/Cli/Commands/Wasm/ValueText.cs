using System.Globalization;
using Sirsi.Cli.Output;
using Sirsi.Wasm;
using Sirsi.Wasm.Text;

namespace Sirsi.Cli.Commands.Wasm;

/// <summary>Values of WebAssembly as people write and read them.</summary>
internal static class ValueText
{
    /// <summary>Reads the arguments of a function.</summary>
    /// <exception cref="CliException">Their number or one of them does not fit.</exception>
    public static WasmValue[] Arguments(string function, WasmFunctionType type, string[] texts)
    {
        string wanted = Amounts.Count(type.Parameters.Length, "argument");
        if (texts.Length != type.Parameters.Length)
            throw new CliException(CliErrors.Usage, $"{function} is {type} and takes {wanted}, not {texts.Length}.");
        return [.. texts.Select((text, index) => Parse(type.Parameters[index], text)
            ?? throw new CliException(
                CliErrors.Usage, $"Argument {index + 1} of {function} is {type.Parameters[index].Name()}; '{text}' is not."))];
    }

    /// <summary>A value with its type: <c>i32 42</c>.</summary>
    public static string Typed(WasmValue value) => $"{value.Type.Name()} {Text(value)}";

    /// <summary>A value as the text format writes it; references as what they refer to.</summary>
    public static string Text(WasmValue value) => value.Type switch
    {
        WasmValueType.I32 => value.AsI32.ToString(CultureInfo.InvariantCulture),
        WasmValueType.I64 => value.AsI64.ToString(CultureInfo.InvariantCulture),
        WasmValueType.F32 => WatFloat.Single.Format(value.Low),
        WasmValueType.F64 => WatFloat.Double.Format(value.Low),
        WasmValueType.V128 => $"i64x2 0x{value.Low:x16} 0x{value.High:x16}",
        _ => value.Reference is null ? "null" : "a reference",
    };

    private static WasmValue? Parse(WasmValueType type, string text)
    {
        ulong bits = 0;
        return type switch
        {
            WasmValueType.I32 => WatNumber.TryInteger(text, 32, out bits) ? WasmValue.I32((int)bits) : null,
            WasmValueType.I64 => WatNumber.TryInteger(text, 64, out bits) ? WasmValue.I64((long)bits) : null,
            WasmValueType.F32 => WatFloat.Single.TryParse(text, out bits) ? WasmValue.F32(BitConverter.UInt32BitsToSingle((uint)bits)) : null,
            WasmValueType.F64 => WatFloat.Double.TryParse(text, out bits) ? WasmValue.F64(BitConverter.UInt64BitsToDouble(bits)) : null,
            WasmValueType.ExternRef when text == "null" => WasmValue.ExternRef(null),
            WasmValueType.FuncRef when text == "null" => WasmValue.FuncRef(null),
            _ => null,
        };
    }
}
