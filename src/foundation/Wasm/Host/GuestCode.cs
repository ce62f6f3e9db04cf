using Sirsi.Wasm.Interpreter;

namespace Sirsi.Wasm.Host;

/// <summary>Runs a function in whichever engine it is in.</summary>
internal static unsafe class GuestCode
{
    /// <summary>Arguments lie at <paramref name="frame"/>; results replace them.</summary>
    internal static void Run(WasmCall call, WasmInstance instance, CodeHeader* header, ulong* frame)
    {
        if (header->Patience-- <= 0 && instance.Module.Code.IsReady(header, call)) instance.Module.Code.Run(call, instance, header, frame);
        else DispatchLoop.Run(call, instance, header, frame);
    }
}
