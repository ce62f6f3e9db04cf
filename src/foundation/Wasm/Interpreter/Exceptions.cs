namespace Sirsi.Wasm.Interpreter;

/// <summary>An exception of the guest's: a tag and the values it carries.</summary>
internal sealed record GuestException(WasmTag Tag, ulong[] Values);

/// <summary>Throws guest exceptions and finds their handlers by walking the call records.</summary>
internal static unsafe class Exceptions
{
    /// <summary>Throwing costs more than an instruction.</summary>
    private const long ThrowFuel = 64;

    internal static Instr* Throw(WasmCall call, WasmTag tag, ulong* values, Instr* ip)
    {
        return Unwind(call, Create(tag, values), ip);
    }

    internal static GuestException Create(WasmTag tag, ulong* values)
    {
        var carried = new ulong[tag.ExternType.Payload.ParameterSlots];
        for (int i = 0; i < carried.Length; i++) carried[i] = values[i];
        return new GuestException(tag, carried);
    }

    /// <summary>What carries an exception out of code that does not catch it; pays for the throw.</summary>
    internal static WasmTrap Uncaught(WasmCall call, GuestException thrown)
    {
        call.Charge(ThrowFuel);
        call.LookNowAndThen();
        WasmTrap uncaught = call.Trap(WasmTrapKind.UncaughtException);
        uncaught.Thrown = thrown;
        return uncaught;
    }

    /// <summary>Goes on at the innermost handler around <paramref name="ip"/>, or leaves the guest with a trap.</summary>
    internal static Instr* Unwind(WasmCall call, GuestException thrown, Instr* ip) => Unwind(call, thrown, ip, Uncaught(call, thrown));

    /// <summary>The same, beginning in the caller of the frame that has tail-called the host.</summary>
    internal static Instr* UnwindCaller(WasmCall call, GuestException thrown)
    {
        var uncaught = new WasmTrap(WasmTrapKind.UncaughtException, []) { Thrown = thrown };
        return Unwind(call, thrown, PopFrame(call, uncaught), uncaught);
    }

    /// <summary>Goes on at the innermost handler around <paramref name="ip"/> of what is on its way already.</summary>
    internal static Instr* Unwind(WasmCall call, GuestException thrown, Instr* ip, WasmTrap uncaught)
    {
        while (true)
        {
            CodeHeader* header = call.Record->Header;
            long at = ip - header->Entry;
            foreach (ExceptionHandler handler in call.Instance!.Module.Translated(header->Index).Handlers)
            {
                if (at < handler.Start || at >= handler.End) continue;
                if (handler.Tag >= 0 && call.Instance.Tags[handler.Tag] != thrown.Tag) continue;
                return Catch(call, thrown, handler, header);
            }

            ip = PopFrame(call, uncaught);
        }
    }

    private static Instr* Catch(WasmCall call, GuestException thrown, ExceptionHandler handler, CodeHeader* header)
    {
        ulong* slot = call.Fp + handler.Slot;
        if (handler.Tag >= 0)
            foreach (ulong value in thrown.Values) *slot++ = value;
        if (handler.WithReference) *slot = call.References.Handle(thrown);
        Instr* target = header->Entry + handler.Target;
        call.Ip = target;
        call.Fuel -= handler.Cost;
        if (call.Fuel < 0) call.Refill();
        return target;
    }

    /// <summary>Leaves a frame; gives the call instruction in the frame below.</summary>
    private static Instr* PopFrame(WasmCall call, WasmTrap uncaught)
    {
        Instr* ip = DispatchLoop.Leave(call);
        return DispatchLoop.IsExit(ip) ? throw uncaught : ip - 1;
    }
}
