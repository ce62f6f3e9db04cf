using System.Collections.Immutable;

namespace Sirsi.Wasm.Text;

/// <summary>Reads types (section 6.4).</summary>
internal sealed class WatTypes(WatReader reader, WatScope scope)
{
    /// <summary>A value type if one is next.</summary>
    internal WasmValueType TryValueType()
    {
        if (reader.IsOpen("ref")) return ReferenceType();
        if (!reader.Is(WatTokenKind.Keyword)) return WasmValueType.None;
        WasmValueType type = reader.Text switch
        {
            "i32" => WasmValueType.I32,
            "i64" => WasmValueType.I64,
            "f32" => WasmValueType.F32,
            "f64" => WasmValueType.F64,
            "v128" => WasmValueType.V128,
            "funcref" => WasmValueType.FuncRef,
            "externref" => WasmValueType.ExternRef,
            "exnref" => WasmValueType.ExnRef,
            _ => WasmValueType.None,
        };
        if (type != WasmValueType.None) reader.Take();
        return type;
    }

    internal WasmValueType ValueType() => TryValueType() is var type and not WasmValueType.None ? type : throw reader.Unexpected("a value type");

    /// <summary>A reference type if one is next.</summary>
    internal bool TryReferenceType(out WasmValueType type)
    {
        type = WasmValueType.None;
        if (!reader.IsOpen("ref") && !reader.IsKeyword("funcref") && !reader.IsKeyword("externref") && !reader.IsKeyword("exnref")) return false;
        type = ValueType();
        return true;
    }

    internal WasmValueType ReferenceType()
    {
        if (reader.TryOpen("ref"))
        {
            int at = reader.Current.Start;
            if (!reader.TryKeyword("null"))
                throw new WatSyntaxException(at, "needs function references, which the engine does not implement");
            WasmValueType type = HeapType();
            reader.Close();
            return type;
        }

        return TryReferenceType(out WasmValueType found) ? found : throw reader.Unexpected("a reference type");
    }

    /// <summary><c>func</c>, <c>extern</c> or <c>exn</c>, as the type of nullable references to it.</summary>
    internal WasmValueType HeapType()
    {
        if (reader.TryKeyword("func")) return WasmValueType.FuncRef;
        if (reader.TryKeyword("extern")) return WasmValueType.ExternRef;
        return reader.TryKeyword("exn") ? WasmValueType.ExnRef : throw reader.Unexpected("func, extern or exn");
    }

    /// <summary>Parameters and results; identifiers of parameters are added to <paramref name="locals"/>, or refused when it is null.</summary>
    internal WasmFunctionType Signature(WatSpace? locals)
    {
        if (!reader.IsOpen("param") && !reader.IsOpen("result")) return Empty;
        List<WasmValueType> parameters = [];
        while (reader.TryOpen("param")) Declarations(parameters, locals);
        List<WasmValueType> results = [];
        while (reader.TryOpen("result"))
        {
            while (!reader.Is(WatTokenKind.Close)) results.Add(ValueType());
            reader.Close();
        }

        return new([.. parameters], [.. results]);
    }

    /// <summary>The rest of a <c>(param</c> or <c>(local</c>: one with a name, or any number without.</summary>
    internal void Declarations(List<WasmValueType> types, WatSpace? locals)
    {
        int at = reader.Current.Start;
        if (reader.TryId() is { } id)
        {
            if (locals is null) reader.Problem(at, "a name is not allowed here");
            locals?.Add(reader, id, at);
            types.Add(ValueType());
        }
        else
        {
            while (!reader.Is(WatTokenKind.Close))
            {
                types.Add(ValueType());
                locals?.Add(reader, null, at);
            }
        }

        reader.Close();
    }

    /// <summary>A use of a type: by its index, by what it is, or both.</summary>
    internal uint TypeUse(WatSpace? locals, out bool isExplicit, out WasmFunctionType type)
    {
        int at = reader.Current.Start;
        isExplicit = reader.TryOpen("type");
        uint index = 0;
        if (isExplicit)
        {
            index = scope.TypeNames.Index(reader);
            reader.Close();
        }

        bool isWritten = reader.IsOpen("param") || reader.IsOpen("result");
        type = Signature(locals);
        if (!isExplicit) return index;
        WasmFunctionType? used = index < (uint)scope.Types.Count ? scope.Types[(int)index] : null;
        if (isWritten && used is not null && !used.Equals(type)) reader.Problem(at, "inline function type does not match the type used");
        if (isWritten) return index;
        type = used ?? Empty;
        if (used is null) reader.Problem(at, $"unknown type {index}");
        foreach (WasmValueType _ in type.Parameters) locals?.Add(reader, null, at);
        return index;
    }

    /// <summary>A use of a type as its index.</summary>
    internal uint TypeIndex(WatSpace? locals = null)
    {
        uint index = TypeUse(locals, out bool isExplicit, out WasmFunctionType type);
        return isExplicit ? index : scope.IndexOf(type);
    }

    /// <summary><c>i64</c> or <c>i32</c> (memory64), then one or two numbers; writes them.</summary>
    internal void Limits(ByteWriter into)
    {
        bool is64 = IndexType();
        ulong minimum = Bound(is64);
        ulong? maximum = reader.Is(WatTokenKind.Number) ? Bound(is64) : null;
        if (reader.IsKeyword("shared"))
            throw new WatSyntaxException(reader.Current.Start, "needs threads, which the engine does not implement");
        WriteLimits(into, minimum, maximum, is64);
    }

    internal bool IndexType()
    {
        if (reader.TryKeyword("i64")) return true;
        reader.TryKeyword("i32");
        return false;
    }

    internal static void WriteLimits(ByteWriter into, ulong minimum, ulong? maximum, bool is64)
    {
        into.Byte((byte)((maximum is null ? 0 : 1) | (is64 ? 4 : 0)));
        into.U64(minimum);
        if (maximum is { } most) into.U64(most);
    }

    internal void GlobalType(ByteWriter into)
    {
        bool isMutable = reader.TryOpen("mut");
        WasmValueType type = ValueType();
        if (isMutable) reader.Close();
        into.Byte((byte)type);
        into.Byte(isMutable ? (byte)1 : (byte)0);
    }

    internal static WasmFunctionType Empty { get; } = new(ImmutableArray<WasmValueType>.Empty, ImmutableArray<WasmValueType>.Empty);

    private ulong Bound(bool is64) => is64 ? reader.U64("a size") : reader.U32("a size");
}
