using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Interpreter;

internal static unsafe partial class DispatchLoop
{
    private static Instr[] PinnedReturns()
    {
        Instr[] returns = GC.AllocateArray<Instr>(2, pinned: true);
        returns[0].Op = Op.Exit;
        returns[1].Op = Op.CrossReturn;
        return returns;
    }

    /// <summary>
    /// Everything that is rare or may trap. The interpreter's state is in the call before and after; gives the next instruction.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Instr* Slow(WasmCall call, Instr* ip, ulong* fp, WasmInstance instance)
    {
        int op = (int)ip->Op;
        if (op >= 0x200 || (op >= Op.Far && op < Op.FarEnd))
        {
            if (!FarMemory.Execute(ip, fp, instance)) throw call.Trap(WasmTrapKind.MemoryOutOfBounds);
            return ip + 1;
        }

        switch (ip->Op)
        {
            case Op.EnterLoop: return EnterLoop(call, ip, fp, instance);
            case Opcode.Unreachable: throw call.Trap(WasmTrapKind.Unreachable);
            case Opcode.Call:
                return Call(call, instance.FunctionAt(instance.Module.Content.ImportedFunctions + (int)ip->Imm), ip, fp);
            case Op.CallImport: return Call(call, instance.FunctionAt((int)ip->Imm), ip, fp);
            case Opcode.CallIndirect: return Call(call, IndirectTargetOrTrap(call, instance, ip, fp), ip, fp);
            case Op.TailCall: return TailCall(call, instance.FunctionAt(instance.Module.Content.ImportedFunctions + (int)ip->Imm), ip, fp);
            case Op.TailCallImport: return TailCall(call, instance.FunctionAt((int)ip->Imm), ip, fp);
            case Op.TailCallIndirect: return TailCall(call, IndirectTargetOrTrap(call, instance, ip, fp), ip, fp);
            case Op.CrossReturn:
                ip = call.PopPassage(out WasmInstance caller);
                call.Instance = caller;
                return ip;
            case Op.ReturnRange:
                Buffer.MemoryCopy(fp + ip->B, fp, ip->C * 8L, ip->C * 8L);
                return Return(call);
            case Opcode.Throw:
                return Exceptions.Throw(call, instance.Tags[(int)ip->Imm], fp + ip->A, ip);
            case Opcode.ThrowRef:
                if (fp[ip->B] == 0) throw call.Trap(WasmTrapKind.NullReference);
                return Exceptions.Unwind(call, (GuestException)call.References[fp[ip->B]]!, ip);
        }

        if (!Move(call, ip, fp, instance) && !BulkOperations.Execute(call, ip, fp, instance)
            && ScalarDispatch.Truncate(ip, fp) is { } trap) throw call.Trap(trap);
        return ip + 1;
    }

    internal static Instr* Return(WasmCall call)
    {
        CallRecord* record = call.Record;
        call.Fp = record->Fp;
        call.Record = record + 1;
        return record->ReturnIp;
    }

    /// <summary>Copies of more than a word, and globals that are not one.</summary>
    internal static bool Move(WasmCall call, Instr* ip, ulong* fp, WasmInstance instance)
    {
        switch (ip->Op)
        {
            case Op.Copy128: Vector128.Load(fp + ip->B).Store(fp + ip->A); return true;
            case Op.CopyRange: Buffer.MemoryCopy(fp + ip->B, fp + ip->A, ip->C * 8L, ip->C * 8L); return true;
            case Op.Select128:
                Vector128.Load(fp + (*(int*)(fp + (ushort)ip->Imm) != 0 ? ip->B : ip->C)).Store(fp + ip->A);
                return true;
            case Op.GlobalGet128: Vector128.Load(instance.Globals[ip->Imm]).Store(fp + ip->A); return true;
            case Op.GlobalSet128: Vector128.Load(fp + ip->B).Store(instance.Globals[ip->Imm]); return true;
            case Op.GlobalGetReference:
                fp[ip->A] = call.References.Handle(instance.GlobalAt((int)ip->Imm).Reference);
                return true;
            case Op.GlobalSetReference:
                instance.GlobalAt((int)ip->Imm).Reference = call.References[fp[ip->B]];
                return true;
            case Opcode.RefFunc:
                fp[ip->A] = call.References.Handle(instance.FunctionAt((int)ip->Imm));
                return true;
            default:
                return false;
        }
    }
}
