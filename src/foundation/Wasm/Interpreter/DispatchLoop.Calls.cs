namespace Sirsi.Wasm.Interpreter;

internal static unsafe partial class DispatchLoop
{
    /// <summary>What a call of the host costs beyond its instruction.</summary>
    private const long HostCallFuel = 16;

    /// <summary>The function an indirect call means when nothing is wrong with it; else null.</summary>
    private static WasmFunction? IndirectTarget(WasmInstance instance, Instr* ip, ulong* fp)
    {
        WasmTable table = instance.Tables[(int)(ip->Imm >> 32)];
        ulong index = table.ExternType.Limits.Is64 ? fp[ip->B] : (uint)fp[ip->B];
        Span<object?> elements = table.Elements;
        return index < (ulong)elements.Length && elements[(int)index] is WasmFunction function
            && function.ExternType.Equals(instance.Module.Content.Types[(int)ip->Imm])
            ? function
            : null;
    }

    private static WasmFunction IndirectTargetOrTrap(WasmCall call, WasmInstance instance, Instr* ip, ulong* fp)
    {
        if (IndirectTarget(instance, ip, fp) is { } function) return function;
        WasmTable table = instance.Tables[(int)(ip->Imm >> 32)];
        ulong index = table.ExternType.Limits.Is64 ? fp[ip->B] : (uint)fp[ip->B];
        if (index >= (ulong)table.Count) throw call.Trap(WasmTrapKind.UndefinedElement);
        throw call.Trap(table[(int)index] is null ? WasmTrapKind.UninitializedElement : WasmTrapKind.IndirectCallTypeMismatch);
    }

    private static Instr* Call(WasmCall call, WasmFunction target, Instr* ip, ulong* fp)
    {
        ulong* frame = fp + ip->A;
        if (target.Host is not null) return CallHost(call, target, frame, ip) is { } thrown ? Exceptions.Unwind(call, thrown, ip) : ip + 1;
        CallRecord* record = call.Record - 1;
        CodeHeader* header = target.Header;
        if (frame + header->FrameSlots > (ulong*)record) throw call.Trap(WasmTrapKind.StackExhausted);
        Instr* returnIp = ip + 1;
        if (target.Instance != call.Instance)
        {
            call.PushCross(call.Instance!, returnIp);
            returnIp = CrossReturnIp;
        }

        record->ReturnIp = returnIp;
        record->Fp = fp;
        call.Record = record;
        return EnterGuest(call, target, record, frame);
    }

    /// <summary>The callee takes its caller's place: arguments move to the beginning of the frame, and the call record stays.</summary>
    private static Instr* TailCall(WasmCall call, WasmFunction target, Instr* ip, ulong* fp)
    {
        CallRecord* record = call.Record;
        Buffer.MemoryCopy(fp + ip->A, fp, ip->C * 8L, ip->C * 8L);
        if (target.Host is not null)
            return CallHost(call, target, fp, ip) is { } thrown ? Exceptions.UnwindCaller(call, thrown) : Return(call);
        if (fp + target.Header->FrameSlots > (ulong*)record) throw call.Trap(WasmTrapKind.StackExhausted);
        if (target.Instance != call.Instance && record->ReturnIp != CrossReturnIp)
        {
            call.PushCross(call.Instance!, record->ReturnIp);
            record->ReturnIp = CrossReturnIp;
        }

        return EnterGuest(call, target, record, fp);
    }

    private static Instr* EnterGuest(WasmCall call, WasmFunction target, CallRecord* record, ulong* frame)
    {
        CodeHeader* header = target.Header;
        if (header->Entry == null) target.Instance!.Module.Translate(header->Index);
        record->Header = header;
        call.Instance = target.Instance;
        call.Fp = frame;
        call.Ip = header->Entry;
        for (ulong* local = frame + header->ParameterSlots; local < frame + header->LocalSlots; local++) *local = 0;
        call.Fuel -= header->EntryCost;
        if (call.Fuel < 0) call.Refill();
        return header->Entry;
    }

    /// <summary>Calls the host; gives the guest exception that came through it, if one did.</summary>
    private static GuestException? CallHost(WasmCall call, WasmFunction target, ulong* frame, Instr* ip)
    {
        call.Ip = ip;
        call.Charge(HostCallFuel);
        try
        {
            call.RunHost(target.Host!, frame, frame + Math.Max(target.ExternType.ParameterSlots, target.ExternType.ResultSlots));
            return null;
        }
        catch (WasmTrap trap) when (trap.Thrown is not null)
        {
            return trap.Thrown;
        }
    }
}
