using System.Text;
using Sirsi.Wasm.Host;

namespace Sirsi.Wasm.Extism;

/// <summary>
/// The functions of <c>extism:host/env</c>: blocks, input and output, errors, configuration, variables, logging. Offsets are the
/// plug-in's word and are looked up; 0 stands for none. The functions are the same for all plug-ins and find the kernel of the one that calls at its call.
/// </summary>
internal sealed class ExtismKernel
{
    internal const string Module = "extism:host/env";
    private const int LogBytesMax = 16_384;
    private const int RefusalFuel = 1_000; // All classes of free blocks were looked through.

    private readonly ExtismManifest _manifest;
    private readonly ExtismOptions _options;
    private ExtismRequests? _requests;
    private ulong _input;
    private ulong _inputLength;
    private ulong _output;
    private ulong _outputLength;
    private ulong _error;

    internal ExtismKernel(WasmEngine engine, ExtismManifest manifest, ExtismOptions options, IExtismVariables variables)
    {
        _manifest = manifest;
        _options = options;
        Variables = variables;
        Memory = new(engine, options.BlocksMax);
    }

    internal ExtismMemory Memory { get; }

    internal IExtismVariables Variables { get; }

    /// <summary>The requests of the plug-in.</summary>
    internal ExtismRequests Requests => _requests ??= new ExtismRequests(this, _manifest, _options);

    /// <summary>Whose kernel it is.</summary>
    internal required ExtismPlugin Plugin { get; init; }

    /// <summary>What the plug-in gave; empty when it gave nothing.</summary>
    internal byte[] Output => Memory.TryRange(_output, _outputLength, out Span<byte> bytes) ? bytes.ToArray() : [];

    /// <summary>What the plug-in said went wrong; null when it said nothing.</summary>
    internal string? Error => Memory.TryBlock(_error, out Span<byte> bytes) ? Encoding.UTF8.GetString(bytes) : null;

    /// <summary>The kernel of the plug-in that calls.</summary>
    internal static ExtismKernel Of(WasmCall call) => (ExtismKernel)call.Owner!;

    internal static void Define(WasmLinker linker)
    {
        DefineMemory(linker);
        linker.DefineFunction(Module, "input_length", static (WasmCall call) => (long)Of(call)._inputLength);
        linker.DefineFunction(Module, "input_offset", static (WasmCall call) => (long)Of(call)._input);
        linker.DefineFunction(Module, "input_load_u8", static (WasmCall call, long at) => Of(call).InputByte((ulong)at));
        linker.DefineFunction(Module, "input_load_u64", static (WasmCall call, long at) => Of(call).InputWord((ulong)at));
        linker.DefineFunction(Module, "input_set", static (WasmCall call, long offset, long length) => Of(call).SetInput((ulong)offset, (ulong)length));
        linker.DefineFunction(Module, "output_set", static (WasmCall call, long offset, long length) => Of(call).SetOutput((ulong)offset, (ulong)length));
        linker.DefineFunction(Module, "output_offset", static (WasmCall call) => (long)Of(call)._output);
        linker.DefineFunction(Module, "output_length", static (WasmCall call) => (long)Of(call)._outputLength);
        linker.DefineFunction(Module, "error_set", static (WasmCall call, long offset) => Of(call).SetError((ulong)offset));
        linker.DefineFunction(Module, "error_get", static (WasmCall call) => (long)Of(call)._error);
        linker.DefineFunction(Module, "config_get", static (WasmCall call, long key) => Of(call).Configuration(call, key));
        linker.DefineFunction(Module, "var_get", static (WasmCall call, long key) => Of(call).Variable(call, key));
        linker.DefineFunction(Module, "var_set", static (WasmCall call, long key, long value) => Of(call).SetVariable(call, key, value));
        DefineLog(linker);
    }

    /// <summary>Forgets the call before, and takes the input of the next.</summary>
    internal void Begin(ReadOnlySpan<byte> input)
    {
        Reset();
        _input = Memory.Store(input);
        if (_input == 0 && input.Length > 0) throw new ExtismException($"There is no room for an input of {input.Length} bytes.");
        _inputLength = (ulong)input.Length;
    }

    /// <summary>The bytes of a block that the plug-in named.</summary>
    internal ReadOnlySpan<byte> Block(WasmCall call, long offset, string where)
    {
        if (!Memory.TryBlock((ulong)offset, out Span<byte> bytes))
            throw new InvalidOperationException($"{where}: the offset {(ulong)offset} is no block.");
        call.Charge(Fuel.OfBytes((ulong)bytes.Length));
        return bytes;
    }

    internal string Text(WasmCall call, long offset, string where) => Encoding.UTF8.GetString(Block(call, offset, where));

    internal long Store(WasmCall call, ReadOnlySpan<byte> bytes)
    {
        call.Charge(Fuel.OfBytes((ulong)bytes.Length));
        ulong offset = Memory.Store(bytes);
        return offset != 0 || bytes.IsEmpty
            ? (long)offset
            : throw new InvalidOperationException($"There is no room for a block of {bytes.Length} bytes.");
    }

    private static void DefineMemory(WasmLinker linker)
    {
        linker.DefineFunction(Module, "alloc", static (WasmCall call, long length) => Of(call).Allocate(call, (ulong)length));
        linker.DefineFunction(Module, "free", static (WasmCall call, long offset) => Of(call).Free((ulong)offset));
        linker.DefineFunction(Module, "length", static (WasmCall call, long offset) => (long)Of(call).Memory.Length((ulong)offset));
        linker.DefineFunction(Module, "length_unsafe", static (WasmCall call, long offset) => (long)Of(call).Memory.Length((ulong)offset));
        linker.DefineFunction(Module, "load_u8", static (WasmCall call, long offset) => (int)Of(call).Memory.LoadByte((ulong)offset));
        linker.DefineFunction(Module, "load_u64", static (WasmCall call, long offset) => (long)Of(call).Memory.LoadWord((ulong)offset));
        linker.DefineFunction(Module, "store_u8", static (WasmCall call, long offset, int value) => Of(call).Memory.StoreByte((ulong)offset, unchecked((byte)value)));
        linker.DefineFunction(Module, "store_u64", static (WasmCall call, long offset, long value) => Of(call).Memory.StoreWord((ulong)offset, (ulong)value));
        linker.DefineFunction(Module, "memory_bytes", static (WasmCall call) => Of(call).Memory.ByteLength);
        linker.DefineFunction(Module, "reset", static (WasmCall call) =>
        {
            ExtismKernel kernel = Of(call);
            call.Charge(Fuel.OfBytes((ulong)kernel.Memory.ByteLength));
            kernel.Reset();
        });
    }

    private static void DefineLog(WasmLinker linker)
    {
        linker.DefineFunction(Module, "get_log_level", static (WasmCall call) => (int)Of(call)._options.LogLevel);
        foreach (ExtismLogLevel level in Enum.GetValues<ExtismLogLevel>())
        {
            if (level == ExtismLogLevel.Off) continue;
            linker.DefineFunction(Module, "log_" + level.ToString().ToLowerInvariant(), (WasmCall call, long text) => Of(call).Log(call, level, text));
        }
    }

    private int InputByte(ulong at) => at < _inputLength ? Memory.LoadByte(_input + at) : 0;

    private long InputWord(ulong at) => _inputLength >= 8 && at <= _inputLength - 8 ? (long)Memory.LoadWord(_input + at) : 0;

    private void SetError(ulong offset) => _error = offset == 0 || Memory.Length(offset) > 0
        ? offset
        : throw new InvalidOperationException("error_set was given an offset that is no block.");

    private long Configuration(WasmCall call, long key) =>
        _manifest.Config.TryGetValue(Text(call, key, "config_get"), out string? value) ? Store(call, Encoding.UTF8.GetBytes(value)) : 0;

    private long Variable(WasmCall call, long key) => Variables.Get(Text(call, key, "var_get")) is { } value ? Store(call, value) : 0;

    private long Allocate(WasmCall call, ulong length)
    {
        long before = Memory.ByteLength;
        ulong offset = Memory.Allocate(length);
        call.Charge(offset == 0 ? RefusalFuel : Fuel.OfPages((ulong)(Memory.ByteLength - before) / WasmMemory.PageBytes));
        return (long)offset;
    }

    private void Free(ulong offset)
    {
        Memory.Free(offset);
        if (offset == _input) _inputLength = 0;
    }

    private void Reset()
    {
        Memory.Reset();
        (_input, _inputLength, _output, _outputLength, _error) = (0, 0, 0, 0, 0);
    }

    private void SetInput(ulong offset, ulong length)
    {
        if (!Memory.TryRange(offset, length, out _)) throw new InvalidOperationException("input_set was given a range outside of the blocks.");
        (_input, _inputLength) = (offset, length);
    }

    private void SetOutput(ulong offset, ulong length)
    {
        if (length != 0 && !Memory.TryRange(offset, length, out _))
            throw new InvalidOperationException("output_set was given a range outside of the blocks.");
        (_output, _outputLength) = (offset, length);
    }

    private void SetVariable(WasmCall call, long key, long value)
    {
        if (_manifest.VariableBytesMax == 0) throw new InvalidOperationException("This host has no variables.");
        string name = Text(call, key, "var_set");
        if (value == 0) Variables.Set(name, null);
        else Variables.Set(name, Block(call, value, "var_set").ToArray());
    }

    private void Log(WasmCall call, ExtismLogLevel level, long text)
    {
        if (level < _options.LogLevel) return;
        ReadOnlySpan<byte> bytes = Block(call, text, "log");
        _options.Log?.Invoke(level, Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, LogBytesMax)]));
    }
}
