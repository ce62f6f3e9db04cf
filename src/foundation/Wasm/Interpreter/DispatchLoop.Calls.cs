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
        WasmTable table = instance.Tables[(int)(ip->Imm >> 32)];
        ulong index = table.ExternType.Limits.Is64 ? fp[ip->B] : (uint)fp[ip->B];
        return IndirectTargetOrTrap(call, instance, table, index, (int)ip->Imm);
    }

    /// <summary>The function at an index of a table; a trap unless there is one of the type.</summary>
    internal static WasmFunction IndirectTargetOrTrap(WasmCall call, WasmInstance instance, WasmTable table, ulong index, int type)
    {
        if (index >= (ulong)table.Count) throw call.Trap(WasmTrapKind.UndefinedElement);
        if (table.Elements[(int)index] is not WasmFunction function) throw call.Trap(WasmTrapKind.UninitializedElement);
        return function.ExternType.Equals(instance.Module.Content.Types[type])
            ? function
            : throw call.Trap(WasmTrapKind.IndirectCallTypeMismatch);
    }

    private static Instr* Call(WasmCall call, WasmFunction target, Instr* ip, ulong* fp)
    {
        ulong* frame = fp + ip->A;
        if (target.Host is not null)
        {
            call.Ip = ip;
            return CallHost(call, target, frame) is { } thrown ? Exceptions.Unwind(call, thrown, ip) : ip + 1;
        }

        CodeHeader* header = target.Header;
        if (CallCompiled(call, target.Instance!, header, ip, fp) is var next && next != null) return next;
        CallRecord* record = call.Record - 1;
        if (frame + header->FrameSlots > (ulong*)record) throw call.Trap(WasmTrapKind.StackExhausted);
        Instr* returnIp = ip + 1;
        if (target.Instance != call.Instance)
        {
            call.PushPassage(call.Instance!, returnIp, null, 0);
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
        {
            call.Ip = ip;
            return CallHost(call, target, fp) is { } thrown ? Exceptions.UnwindCaller(call, thrown) : Return(call);
        }

        if (fp + target.Header->FrameSlots > (ulong*)record) throw call.Trap(WasmTrapKind.StackExhausted);
        if (target.Instance != call.Instance && record->ReturnIp != CrossReturnIp)
        {
            call.PushPassage(call.Instance!, record->ReturnIp, null, 0);
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

    /// <summary>Calls a function as compiled code when it is, or now becomes, that; else null, and the interpreter goes on with it.</summary>
    private static Instr* CallCompiled(WasmCall call, WasmInstance instance, CodeHeader* header, Instr* ip, ulong* fp)
    {
        if (header->Patience-- > 0 || !instance.Module.Code.IsReady(header, call)) return null;
        WasmInstance caller = call.Instance!;
        CallRecord* record = call.Record;
        int passages = call.PassageCount;
        GuestException? thrown = null;
        WasmTrap? uncaught = null;
        call.PushPassage(caller, ip, fp, 0);
        try
        {
            instance.Module.Code.Run(call, instance, header, fp + ip->A);
        }
        catch (WasmTrap trap) when (trap.Thrown is not null)
        {
            thrown = trap.Thrown;
            uncaught = trap;
        }

        Restore(call, caller, record, fp, passages);
        return thrown is null ? ip + 1 : Exceptions.Unwind(call, thrown, ip, uncaught!);
    }

    /// <summary>Calls the host; gives the guest exception that came through it, if one did.</summary>
    internal static GuestException? CallHost(WasmCall call, WasmFunction target, ulong* frame)
    {
        call.Charge(HostCallFuel);
        call.LookNowAndThen();
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
