using Sirsi.Wasm.Compiler;

namespace Sirsi.Wasm.Interpreter;

internal static unsafe partial class DispatchLoop
{
    /// <summary>
    /// Goes on as compiled code in a loop that has used up a slice of fuel: locals are in slots at its head. Gives the instruction to interpret
    /// next: the same when the loop is not compiled, else where the loop wanted to go.
    /// </summary>
    private static Instr* GoOnCompiled(WasmCall call, Instr* ip, ulong* fp, WasmInstance instance)
    {
        WasmModule module = instance.Module;
        if (module.Engine.Options.Engine != WasmEngineKind.Auto) return ip;
        CallRecord* record = call.Record;
        CodeHeader* header = record->Header;
        int at = (int)(ip - header->Entry);
        if (!module.Translated(header->Index).Loops.TryGetValue(at, out LoopPlace? place)) return ip;
        CompiledLoop loop = module.Code.Loop(header, place.Offset);
        if (loop.Piece is null) return ip;
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
