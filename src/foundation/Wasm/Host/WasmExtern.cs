namespace Sirsi.Wasm;

/// <summary>Something that can be imported: a function, table, memory, global or tag.</summary>
public abstract class WasmExtern
{
    private protected WasmExtern()
    {
    }

    /// <summary>Its type as it was declared.</summary>
    public abstract WasmExternType ExternType { get; }
}

/// <summary>A tag: a kind of exception. Two tags are the same only when they are the same object.</summary>
public sealed class WasmTag : WasmExtern
{
    /// <summary>A new tag whose exceptions carry the parameters of <paramref name="payload"/>.</summary>
    public WasmTag(WasmFunctionType payload) => ExternType = new WasmTagType(payload);

    /// <inheritdoc/>
    public override WasmTagType ExternType { get; }
}
