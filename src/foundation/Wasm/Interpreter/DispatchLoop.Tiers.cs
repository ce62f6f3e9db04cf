using Sirsi.Wasm.Compiler;

namespace Sirsi.Wasm.Interpreter;

internal static unsafe partial class DispatchLoop
{
    /// <summary>
    /// A slice of fuel was used up: where that was at the head of a loop, it goes on as compiled code, and from now on whenever it is come to. The
    /// function as a whole is compiled when it is called next.
    /// </summary>
    private static Instr* GoOnCompiled(WasmCall call, Instr* ip, ulong* fp, WasmInstance instance)
    {
        WasmModule module = instance.Module;
        if (module.Engine.Options.Engine != WasmEngineKind.Auto) return ip;
        CodeHeader* header = call.Record->Header;
        FunctionCode code = module.Translated(header->Index);
        if (!code.Loops.TryGetValue((int)(ip - header->Entry), out LoopPlace? place)) return ip;
        header->Patience = Math.Min(header->Patience, 0);
        code.Redirect(place);
        return EnterLoop(call, ip, fp, instance);
    }

    /// <summary>
    /// Runs a loop as compiled code, from the beginning of a round that is paid for: locals are in slots there. Gives the instruction to interpret
    /// next: the loop's own when it cannot be compiled, else where the loop wanted to go.
    /// </summary>
    private static Instr* EnterLoop(WasmCall call, Instr* ip, ulong* fp, WasmInstance instance)
    {
        WasmModule module = instance.Module;
        CallRecord* record = call.Record;
        CodeHeader* header = record->Header;
        FunctionCode code = module.Translated(header->Index);
        int at = (int)(ip - header->Entry);
        LoopPlace place = code.Loops[at];
        CompiledLoop? loop = module.Code.Loop(header, place, code);
        if (loop?.Piece is null)
        {
            code.Reset(place);
            return ip;
        }

        place.Enter(code);
        int passages = call.PassageCount;
        call.PushPassage(instance, ip, fp, 0, above: fp);
        int exit;
        try
        {
            exit = module.Code.RunPiece(call, instance, loop.Piece, fp);
        }
        catch (WasmTrap trap) when (trap.Thrown is not null)
        {
            Restore(call, instance, record, fp, passages);
            return Exceptions.Unwind(call, trap.Thrown, ip, trap);
        }

        Restore(call, instance, record, fp, passages);
        if (exit == CompiledLoop.Ended) return header->Entry + place.End;
        BlockPlace target = place.Outer.Out(loop.Exits[exit]);
        if (target.Position < 0) return Return(call);
        call.Fuel -= target.Cost;
        call.Ip = header->Entry + target.Position;
        if (target.Position <= at && call.Fuel < 0) call.Refill();
        return call.Ip;
    }

    private static void Restore(WasmCall call, WasmInstance instance, CallRecord* record, ulong* fp, int passages)
    {
        call.PassageCount = passages;
        call.Instance = instance;
        call.Record = record;
        call.Fp = fp;
    }
}
