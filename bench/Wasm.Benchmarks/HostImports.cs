using System.Buffers.Binary;

namespace Sirsi.Wasm.Benchmarks;

/// <summary>
/// What the measured modules import, the same as in node-runner.mjs: enough of WASI for a C library that only computes, none of which
/// reaches the outside, and one host function.
/// </summary>
internal static class HostImports
{
    private const string Wasi = "wasi_snapshot_preview1";
    private const int Success = 0;
    private const int BadDescriptor = 8;

    public static WasmLinker Linker(WasmEngine engine)
    {
        var linker = new WasmLinker(engine);
        linker.DefineFunction("host", "call", static (int x) => x);
        linker.DefineFunction(Wasi, "clock_time_get", static (WasmCall call, int _, long _, int at) =>
        {
            BinaryPrimitives.WriteInt64LittleEndian(Memory(call).Span(at, 8), 0);
            return Success;
        });
        linker.DefineFunction(Wasi, "environ_get", static (int _, int _) => Success);
        linker.DefineFunction(Wasi, "environ_sizes_get", static (WasmCall call, int count, int bytes) =>
        {
            Memory(call).Span(count, 4).Clear();
            Memory(call).Span(bytes, 4).Clear();
            return Success;
        });
        linker.DefineFunction(Wasi, "fd_close", static (int _) => BadDescriptor);
        linker.DefineFunction(Wasi, "fd_fdstat_get", static (int _, int _) => BadDescriptor);
        linker.DefineFunction(Wasi, "fd_prestat_get", static (int _, int _) => BadDescriptor);
        linker.DefineFunction(Wasi, "fd_prestat_dir_name", static (int _, int _, int _) => BadDescriptor);
        linker.DefineFunction(Wasi, "fd_read", static (int _, int _, int _, int _) => BadDescriptor);
        linker.DefineFunction(Wasi, "fd_seek", static (int _, long _, int _, int _) => BadDescriptor);
        linker.Define(Wasi, "fd_write", WasmFunction.FromHost(
            new WasmFunctionType([WasmValueType.I32, WasmValueType.I32, WasmValueType.I32, WasmValueType.I32], [WasmValueType.I32]), Write));
        linker.DefineFunction(Wasi, "proc_exit", static void (int code) =>
            throw new InvalidOperationException($"The program ended itself with code {code}."));
        return linker;
    }

    /// <summary>Takes all that is written and shows it nowhere.</summary>
    private static void Write(WasmCall call, ReadOnlySpan<WasmValue> arguments, Span<WasmValue> results)
    {
        WasmMemory memory = Memory(call);
        int vectors = arguments[1].AsI32;
        int total = 0;
        for (int i = 0; i < arguments[2].AsI32; i++)
            total += BinaryPrimitives.ReadInt32LittleEndian(memory.Span(vectors + (8 * i) + 4, 4));
        BinaryPrimitives.WriteInt32LittleEndian(memory.Span(arguments[3].AsI32, 4), total);
        results[0] = WasmValue.I32(Success);
    }

    private static WasmMemory Memory(WasmCall call) =>
        call.Caller?.Memory("memory") ?? throw new InvalidOperationException("The program exports no memory.");
}
