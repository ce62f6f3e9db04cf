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

        return CallGuest(call, target.Instance!, target.Header, ip, fp);
    }

    /// <summary>
    /// Calls a function of a guest, compiled or not, for the call instruction at <paramref name="ip"/>. What compiled code calls in place of returning
    /// to here is called from here.
    /// </summary>
    private static Instr* CallGuest(WasmCall call, WasmInstance instance, CodeHeader* header, Instr* ip, ulong* fp)
    {
        while (IsCompiled(call, instance, header))
        {
            Instr* next = CallCompiled(call, instance, header, ip, fp);
            if (call.Tail == null) return next;
            header = call.TakeTail(out instance, fp + ip->A);
            call.Ip = ip;
        }

        CallRecord* record = call.Record - 1;
        ulong* frame = fp + ip->A;
        if (frame + header->FrameSlots > (ulong*)record) throw call.Trap(WasmTrapKind.StackExhausted);
        Instr* returnIp = ip + 1;
        if (instance != call.Instance)
        {
            call.PushPassage(call.Instance!, returnIp, null, 0);
            returnIp = CrossReturnIp;
        }

        record->ReturnIp = returnIp;
        record->Fp = fp;
        call.Record = record;
        return EnterGuest(call, instance, header, record, frame);
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

        WasmInstance instance = target.Instance!;
        CodeHeader* header = target.Header;
        if (fp + header->FrameSlots > (ulong*)record || IsCompiled(call, instance, header)) return CallFromBelow(call, instance, header);
        if (instance != call.Instance && record->ReturnIp != CrossReturnIp)
        {
            call.PushPassage(call.Instance!, record->ReturnIp, null, 0);
            record->ReturnIp = CrossReturnIp;
        }

        return EnterGuest(call, instance, header, record, fp);
    }

    /// <summary>
    /// Leaves the frame, at whose beginning the arguments lie, and has the function called where this one was: so neither stack grows. When that was
    /// outside of this loop, the loop ends.
    /// </summary>
    private static Instr* CallFromBelow(WasmCall call, WasmInstance instance, CodeHeader* header)
    {
        ulong* frame = call.Fp;
        Instr* back = Leave(call);
        if (IsExit(back))
        {
            call.LeaveTail(instance, header, frame);
            return back;
        }

        call.Ip = back - 1;
        return CallGuest(call, instance, header, back - 1, call.Fp);
    }

    /// <summary>Leaves a frame; gives where the one below goes on.</summary>
    internal static Instr* Leave(WasmCall call)
    {
        Instr* back = Return(call);
        if (!IsCrossReturn(back)) return back;
        back = call.PopPassage(out WasmInstance caller);
        call.Instance = caller;
        return back;
    }

    private static Instr* EnterGuest(WasmCall call, WasmInstance instance, CodeHeader* header, CallRecord* record, ulong* frame)
    {
        if (header->Entry == null) instance.Module.Translate(header->Index);
        record->Header = header;
        call.Instance = instance;
        call.Fp = frame;
        call.Ip = header->Entry;
        for (ulong* local = frame + header->ParameterSlots; local < frame + header->LocalSlots; local++) *local = 0;
        call.Fuel -= header->EntryCost;
        if (call.Fuel < 0) call.Refill();
        return header->Entry;
    }

    /// <summary>Whether a function that is called is, or now becomes, compiled code; counts the call.</summary>
    private static bool IsCompiled(WasmCall call, WasmInstance instance, CodeHeader* header) =>
        header->Patience-- <= 0 && instance.Module.Code.IsReady(header, call);

    /// <summary>Calls compiled code; gives the instruction to go on at, unless the code has left a call to make in its place.</summary>
    private static Instr* CallCompiled(WasmCall call, WasmInstance instance, CodeHeader* header, Instr* ip, ulong* fp)
    {
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
