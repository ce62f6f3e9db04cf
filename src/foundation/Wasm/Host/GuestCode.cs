using Sirsi.Wasm.Interpreter;

namespace Sirsi.Wasm.Host;

/// <summary>Runs a function in whichever engine it is in, and what is called in its place, one after the other.</summary>
internal static unsafe class GuestCode
{
    /// <summary>Arguments lie at <paramref name="frame"/>; results replace them.</summary>
    internal static void Run(WasmCall call, WasmInstance instance, CodeHeader* header, ulong* frame)
    {
        RunOne(call, instance, header, frame);
        if (call.Tail != null) RunTails(call, frame);
    }

    /// <summary>The same for a function that is not compiled, as whoever asks has found out.</summary>
    internal static void Interpret(WasmCall call, WasmInstance instance, CodeHeader* header, ulong* frame)
    {
        DispatchLoop.Run(call, instance, header, frame);
        if (call.Tail != null) RunTails(call, frame);
    }

    private static void RunTails(WasmCall call, ulong* frame)
    {
        while (call.Tail != null)
        {
            CodeHeader* header = call.TakeTail(out WasmInstance instance, frame);
            RunOne(call, instance, header, frame);
            GC.KeepAlive(instance);
        }
    }

    private static void RunOne(WasmCall call, WasmInstance instance, CodeHeader* header, ulong* frame)
    {
        if (header->Patience-- <= 0 && instance.Module.Code.IsReady(header, call)) instance.Module.Code.Run(call, instance, header, frame);
        else DispatchLoop.Run(call, instance, header, frame);
    }
}
