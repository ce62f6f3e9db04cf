using System.Text;

namespace Sirsi.Wasm.Extism;

/// <summary>A function of the host that works on values; see <see cref="WasmHostCallback"/>.</summary>
public delegate void ExtismCallback(ExtismCall call, ReadOnlySpan<WasmValue> arguments, Span<WasmValue> results);

/// <summary>A function of the host that plug-ins may import. Immutable; thread-safe as far as what it calls is.</summary>
public sealed class ExtismFunction
{
    /// <summary>The module that plug-ins import functions of the host's own from.</summary>
    public const string UserModule = "extism:host/user";

    private readonly WasmFunction? _plain;
    private readonly WasmFunctionType? _type;
    private readonly ExtismCallback? _callback;

    private ExtismFunction(string module, string name, WasmFunction? plain, WasmFunctionType? type, ExtismCallback? callback)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(name);
        (Module, Name, _plain, _type, _callback) = (module, name, plain, type, callback);
    }

    /// <summary>The module it is imported from.</summary>
    public string Module { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>A function on numbers, with no use for blocks.</summary>
    public static ExtismFunction From(string name, WasmFunction function, string module = UserModule)
    {
        ArgumentNullException.ThrowIfNull(function);
        return new(module, name, function, null, null);
    }

    /// <summary>A function on values, of which i64 may be blocks; see <see cref="ExtismCall"/>.</summary>
    public static ExtismFunction From(string name, WasmFunctionType type, ExtismCallback callback, string module = UserModule)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(callback);
        return new(module, name, null, type, callback);
    }

    /// <summary>A function that is given a block and gives one: (i64) to (i64) for the plug-in.</summary>
    public static ExtismFunction FromBytes(string name, Func<ExtismCall, byte[], byte[]> body, string module = UserModule)
    {
        ArgumentNullException.ThrowIfNull(body);
        return From(
            name,
            new([WasmValueType.I64], [WasmValueType.I64]),
            (call, arguments, results) => results[0] = WasmValue.I64(call.Store(body(call, call.Bytes(arguments[0].AsI64)))),
            module);
    }

    /// <summary>A function that is given text in UTF-8 and gives such: (i64) to (i64) for the plug-in.</summary>
    public static ExtismFunction FromText(string name, Func<ExtismCall, string, string> body, string module = UserModule)
    {
        ArgumentNullException.ThrowIfNull(body);
        return FromBytes(name, (call, bytes) => Encoding.UTF8.GetBytes(body(call, Encoding.UTF8.GetString(bytes))), module);
    }

    internal WasmFunction ToWasm() => _plain
        ?? WasmFunction.FromHost(_type!, (call, arguments, results) => _callback!(new(ExtismKernel.Of(call), call), arguments, results));
}

/// <summary>A plug-in's call of a function of the host: the blocks the two share. Valid during the call.</summary>
public sealed class ExtismCall
{
    private readonly ExtismKernel _kernel;

    internal ExtismCall(ExtismKernel kernel, WasmCall call)
    {
        _kernel = kernel;
        Call = call;
    }

    /// <summary>The call that is under way: its budget, its time left.</summary>
    public WasmCall Call { get; }

    /// <summary>What the plug-in's owner set as its <see cref="ExtismPlugin.State"/>.</summary>
    public object? State => _kernel.Plugin.State;

    /// <summary>A copy of a block.</summary>
    /// <exception cref="InvalidOperationException">There is no block at that offset.</exception>
    public byte[] Bytes(long offset)
    {
        if (offset == 0) return [];
        return _kernel.Block(Call, offset, "the argument of a host function").ToArray();
    }

    /// <summary>The text of a block in UTF-8.</summary>
    /// <exception cref="InvalidOperationException">There is no block at that offset.</exception>
    public string Text(long offset) => Encoding.UTF8.GetString(Bytes(offset));

    /// <summary>A new block with these bytes, which the plug-in is to free; 0 for no bytes.</summary>
    /// <exception cref="InvalidOperationException">There is no room for it.</exception>
    public long Store(ReadOnlySpan<byte> bytes) => _kernel.Store(Call, bytes);
}
