using System.Runtime.CompilerServices;

namespace Sirsi.Wasm.Interpreter;

internal static unsafe partial class DispatchLoop
{
    private static readonly Instr[] Returns = PinnedReturns();
    private static readonly Instr* ExitIp = (Instr*)Unsafe.AsPointer(ref Returns[0]);
    private static readonly Instr* CrossReturnIp = (Instr*)Unsafe.AsPointer(ref Returns[1]);

    /// <summary>Whether a record returns to the host.</summary>
    internal static bool IsExit(Instr* ip) => ip == ExitIp;

    /// <summary>Whether a record returns to another instance.</summary>
    internal static bool IsCrossReturn(Instr* ip) => ip == CrossReturnIp;

    /// <summary>Runs a guest's function whose arguments lie at <paramref name="frame"/>; its results replace them.</summary>
    internal static void Run(WasmCall call, WasmInstance instance, CodeHeader* header, ulong* frame)
    {
        call.Instance = instance;
        if (header->Entry == null) instance.Module.Translate(header->Index);
        CallRecord* record = call.Record - 1;
        if (frame + header->FrameSlots > (ulong*)record) throw call.ExhaustedAtEntry();
        record->ReturnIp = ExitIp;
        record->Fp = frame;
        record->Header = header;
        call.Record = record;
        call.Fp = frame;
        call.Ip = header->Entry;
        for (ulong* local = frame + header->ParameterSlots; local < frame + header->LocalSlots; local++) *local = 0;
        call.Fuel -= header->EntryCost;
        if (call.Fuel < 0) call.Refill();
        Loop(call);
    }
}
