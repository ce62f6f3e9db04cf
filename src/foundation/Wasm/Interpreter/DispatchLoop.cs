using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Interpreter;

/// <summary>
/// Runs register code. One loop runs all calls between guests, within an instance and across instances: the guest's calls never use the
/// host's stack. What is hot lies in this method; rarer groups of operations have methods of their own, because RyuJIT gives up
/// optimising a
/// method with too many blocks or variables.
/// </summary>
internal static unsafe partial class DispatchLoop
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    [SuppressMessage("Design", "MA0051", Justification = "The dispatch loop: one switch, one case per operation.")]
    private static void Loop(WasmCall call)
    {
        WasmInstance instance = call.Instance!;
        CodeHeader* headers = instance.Module.Headers;
        Instr* ip = call.Ip;
        ulong* fp = call.Fp;
        CallRecord* record = call.Record;
        long fuel = call.Fuel;
        byte* memory = null;
        ulong length = 0;
        ulong address;
        int jump;
        WasmTrapKind trap;
        CodeHeader* header;
        if (instance.Memories.Length > 0)
        {
            memory = instance.Memories[0].Base;
            length = instance.Memories[0].Length;
        }

        while (true)
        {
            switch (ip->Op)
            {
                case Op.Copy: fp[ip->A] = fp[ip->B]; break;
                case Op.Const: fp[ip->A] = (ulong)ip->Imm; break;
                case Opcode.Select: fp[ip->A] = *(int*)(fp + (ushort)ip->Imm) != 0 ? fp[ip->B] : fp[ip->C]; break;
                case Opcode.GlobalGet: fp[ip->A] = *instance.Globals[ip->Imm]; break;
                case Opcode.GlobalSet: *instance.Globals[ip->Imm] = fp[ip->B]; break;
                case Opcode.Br:
                    fuel -= ip->Cost;
                    jump = ip->Target;
                    ip += jump;
                    if (fuel >= 0) continue;
                    goto CheckLoop;
                case Opcode.BrIf: if (*(int*)(fp + ip->B) != 0) goto Taken; goto NotTaken;
                case Op.BrIfZero: if (*(int*)(fp + ip->B) == 0) goto Taken; goto NotTaken;
                case Opcode.BrTable:
                    ip += 1 + Math.Min(*(uint*)(fp + ip->B), (uint)ip->Imm);
                    goto case Opcode.Br;
                case Op.Fuel: fuel -= ip->Cost; break;
                case Op.FuelLoop:
                    fuel -= ip->Cost;
                    ip++;
                    if (fuel >= 0) continue;
                    goto Refill;
                case Opcode.Call:
                    header = headers + ip->Imm;
                    goto EnterGuest;
                case Opcode.CallIndirect:
                    if (IndirectTarget(instance, ip, fp) is not { } target || target.Instance != instance) goto default;
                    header = target.Header;
                    goto EnterGuest;
                case Op.Return1: fp[0] = fp[ip->B]; goto case Op.Return0;
                case Op.Return0:
                    ip = record->ReturnIp;
                    fp = record->Fp;
                    record++;
                    continue;
                case (Opcode)(Op.BrI32 + 0): if (*(int*)(fp + ip->B) == *(int*)(fp + ip->C)) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI32 + 1): if (*(int*)(fp + ip->B) != *(int*)(fp + ip->C)) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI32 + 2): if (*(int*)(fp + ip->B) < *(int*)(fp + ip->C)) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI32 + 3): if (*(uint*)(fp + ip->B) < *(uint*)(fp + ip->C)) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI32 + 4): if (*(int*)(fp + ip->B) > *(int*)(fp + ip->C)) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI32 + 5): if (*(uint*)(fp + ip->B) > *(uint*)(fp + ip->C)) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI32 + 6): if (*(int*)(fp + ip->B) <= *(int*)(fp + ip->C)) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI32 + 7): if (*(uint*)(fp + ip->B) <= *(uint*)(fp + ip->C)) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI32 + 8): if (*(int*)(fp + ip->B) >= *(int*)(fp + ip->C)) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI32 + 9): if (*(uint*)(fp + ip->B) >= *(uint*)(fp + ip->C)) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI32Imm + 0): if (*(int*)(fp + ip->B) == (short)ip->C) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI32Imm + 1): if (*(int*)(fp + ip->B) != (short)ip->C) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI32Imm + 2): if (*(int*)(fp + ip->B) < (short)ip->C) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI32Imm + 3): if (*(uint*)(fp + ip->B) < (uint)(short)ip->C) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI32Imm + 4): if (*(int*)(fp + ip->B) > (short)ip->C) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI32Imm + 5): if (*(uint*)(fp + ip->B) > (uint)(short)ip->C) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI32Imm + 6): if (*(int*)(fp + ip->B) <= (short)ip->C) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI32Imm + 7): if (*(uint*)(fp + ip->B) <= (uint)(short)ip->C) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI32Imm + 8): if (*(int*)(fp + ip->B) >= (short)ip->C) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI32Imm + 9): if (*(uint*)(fp + ip->B) >= (uint)(short)ip->C) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI64 + 0): if (*(long*)(fp + ip->B) == *(long*)(fp + ip->C)) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI64 + 1): if (*(long*)(fp + ip->B) != *(long*)(fp + ip->C)) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI64 + 2): if (*(long*)(fp + ip->B) < *(long*)(fp + ip->C)) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI64 + 3): if (fp[ip->B] < fp[ip->C]) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI64 + 4): if (*(long*)(fp + ip->B) > *(long*)(fp + ip->C)) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI64 + 5): if (fp[ip->B] > fp[ip->C]) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI64 + 6): if (*(long*)(fp + ip->B) <= *(long*)(fp + ip->C)) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI64 + 7): if (fp[ip->B] <= fp[ip->C]) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI64 + 8): if (*(long*)(fp + ip->B) >= *(long*)(fp + ip->C)) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI64 + 9): if (fp[ip->B] >= fp[ip->C]) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI64Imm + 0): if (*(long*)(fp + ip->B) == (short)ip->C) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI64Imm + 1): if (*(long*)(fp + ip->B) != (short)ip->C) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI64Imm + 2): if (*(long*)(fp + ip->B) < (short)ip->C) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI64Imm + 3): if (fp[ip->B] < (ulong)(short)ip->C) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI64Imm + 4): if (*(long*)(fp + ip->B) > (short)ip->C) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI64Imm + 5): if (fp[ip->B] > (ulong)(short)ip->C) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI64Imm + 6): if (*(long*)(fp + ip->B) <= (short)ip->C) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI64Imm + 7): if (fp[ip->B] <= (ulong)(short)ip->C) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI64Imm + 8): if (*(long*)(fp + ip->B) >= (short)ip->C) goto Taken; goto NotTaken;
                case (Opcode)(Op.BrI64Imm + 9): if (fp[ip->B] >= (ulong)(short)ip->C) goto Taken; goto NotTaken;
                case Opcode.I32Eqz: fp[ip->A] = *(int*)(fp + ip->B) == 0 ? 1UL : 0UL; break;
                case Opcode.I64Eqz: fp[ip->A] = *(long*)(fp + ip->B) == 0 ? 1UL : 0UL; break;
                case Opcode.I32Eq: fp[ip->A] = *(int*)(fp + ip->B) == *(int*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.I32Ne: fp[ip->A] = *(int*)(fp + ip->B) != *(int*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.I32LtS: fp[ip->A] = *(int*)(fp + ip->B) < *(int*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.I32LtU: fp[ip->A] = *(uint*)(fp + ip->B) < *(uint*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.I32GtS: fp[ip->A] = *(int*)(fp + ip->B) > *(int*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.I32GtU: fp[ip->A] = *(uint*)(fp + ip->B) > *(uint*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.I32LeS: fp[ip->A] = *(int*)(fp + ip->B) <= *(int*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.I32LeU: fp[ip->A] = *(uint*)(fp + ip->B) <= *(uint*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.I32GeS: fp[ip->A] = *(int*)(fp + ip->B) >= *(int*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.I32GeU: fp[ip->A] = *(uint*)(fp + ip->B) >= *(uint*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.I64Eq: fp[ip->A] = *(long*)(fp + ip->B) == *(long*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.I64Ne: fp[ip->A] = *(long*)(fp + ip->B) != *(long*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.I64LtS: fp[ip->A] = *(long*)(fp + ip->B) < *(long*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.I64LtU: fp[ip->A] = fp[ip->B] < fp[ip->C] ? 1UL : 0UL; break;
                case Opcode.I64GtS: fp[ip->A] = *(long*)(fp + ip->B) > *(long*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.I64GtU: fp[ip->A] = fp[ip->B] > fp[ip->C] ? 1UL : 0UL; break;
                case Opcode.I64LeS: fp[ip->A] = *(long*)(fp + ip->B) <= *(long*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.I64LeU: fp[ip->A] = fp[ip->B] <= fp[ip->C] ? 1UL : 0UL; break;
                case Opcode.I64GeS: fp[ip->A] = *(long*)(fp + ip->B) >= *(long*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.I64GeU: fp[ip->A] = fp[ip->B] >= fp[ip->C] ? 1UL : 0UL; break;
                case (Opcode)(Op.I32CompareImm + 0): fp[ip->A] = *(int*)(fp + ip->B) == (int)ip->Imm ? 1UL : 0UL; break;
                case (Opcode)(Op.I32CompareImm + 1): fp[ip->A] = *(int*)(fp + ip->B) != (int)ip->Imm ? 1UL : 0UL; break;
                case (Opcode)(Op.I32CompareImm + 2): fp[ip->A] = *(int*)(fp + ip->B) < (int)ip->Imm ? 1UL : 0UL; break;
                case (Opcode)(Op.I32CompareImm + 3): fp[ip->A] = *(uint*)(fp + ip->B) < (uint)ip->Imm ? 1UL : 0UL; break;
                case (Opcode)(Op.I32CompareImm + 4): fp[ip->A] = *(int*)(fp + ip->B) > (int)ip->Imm ? 1UL : 0UL; break;
                case (Opcode)(Op.I32CompareImm + 5): fp[ip->A] = *(uint*)(fp + ip->B) > (uint)ip->Imm ? 1UL : 0UL; break;
                case (Opcode)(Op.I32CompareImm + 6): fp[ip->A] = *(int*)(fp + ip->B) <= (int)ip->Imm ? 1UL : 0UL; break;
                case (Opcode)(Op.I32CompareImm + 7): fp[ip->A] = *(uint*)(fp + ip->B) <= (uint)ip->Imm ? 1UL : 0UL; break;
                case (Opcode)(Op.I32CompareImm + 8): fp[ip->A] = *(int*)(fp + ip->B) >= (int)ip->Imm ? 1UL : 0UL; break;
                case (Opcode)(Op.I32CompareImm + 9): fp[ip->A] = *(uint*)(fp + ip->B) >= (uint)ip->Imm ? 1UL : 0UL; break;
                case (Opcode)(Op.I64CompareImm + 0): fp[ip->A] = *(long*)(fp + ip->B) == ip->Imm ? 1UL : 0UL; break;
                case (Opcode)(Op.I64CompareImm + 1): fp[ip->A] = *(long*)(fp + ip->B) != ip->Imm ? 1UL : 0UL; break;
                case (Opcode)(Op.I64CompareImm + 2): fp[ip->A] = *(long*)(fp + ip->B) < ip->Imm ? 1UL : 0UL; break;
                case (Opcode)(Op.I64CompareImm + 3): fp[ip->A] = fp[ip->B] < (ulong)ip->Imm ? 1UL : 0UL; break;
                case (Opcode)(Op.I64CompareImm + 4): fp[ip->A] = *(long*)(fp + ip->B) > ip->Imm ? 1UL : 0UL; break;
                case (Opcode)(Op.I64CompareImm + 5): fp[ip->A] = fp[ip->B] > (ulong)ip->Imm ? 1UL : 0UL; break;
                case (Opcode)(Op.I64CompareImm + 6): fp[ip->A] = *(long*)(fp + ip->B) <= ip->Imm ? 1UL : 0UL; break;
                case (Opcode)(Op.I64CompareImm + 7): fp[ip->A] = fp[ip->B] <= (ulong)ip->Imm ? 1UL : 0UL; break;
                case (Opcode)(Op.I64CompareImm + 8): fp[ip->A] = *(long*)(fp + ip->B) >= ip->Imm ? 1UL : 0UL; break;
                case (Opcode)(Op.I64CompareImm + 9): fp[ip->A] = fp[ip->B] >= (ulong)ip->Imm ? 1UL : 0UL; break;
                case Opcode.F32Eq: fp[ip->A] = *(float*)(fp + ip->B) == *(float*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.F32Ne: fp[ip->A] = *(float*)(fp + ip->B) != *(float*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.F32Lt: fp[ip->A] = *(float*)(fp + ip->B) < *(float*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.F32Gt: fp[ip->A] = *(float*)(fp + ip->B) > *(float*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.F32Le: fp[ip->A] = *(float*)(fp + ip->B) <= *(float*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.F32Ge: fp[ip->A] = *(float*)(fp + ip->B) >= *(float*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.F64Eq: fp[ip->A] = *(double*)(fp + ip->B) == *(double*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.F64Ne: fp[ip->A] = *(double*)(fp + ip->B) != *(double*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.F64Lt: fp[ip->A] = *(double*)(fp + ip->B) < *(double*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.F64Gt: fp[ip->A] = *(double*)(fp + ip->B) > *(double*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.F64Le: fp[ip->A] = *(double*)(fp + ip->B) <= *(double*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.F64Ge: fp[ip->A] = *(double*)(fp + ip->B) >= *(double*)(fp + ip->C) ? 1UL : 0UL; break;
                case Opcode.I32Add: fp[ip->A] = *(uint*)(fp + ip->B) + *(uint*)(fp + ip->C); break;
                case Opcode.I64Add: fp[ip->A] = fp[ip->B] + fp[ip->C]; break;
                case Opcode.I32Sub: fp[ip->A] = *(uint*)(fp + ip->B) - *(uint*)(fp + ip->C); break;
                case Opcode.I64Sub: fp[ip->A] = fp[ip->B] - fp[ip->C]; break;
                case Opcode.I32Mul: fp[ip->A] = *(uint*)(fp + ip->B) * *(uint*)(fp + ip->C); break;
                case Opcode.I64Mul: fp[ip->A] = fp[ip->B] * fp[ip->C]; break;
                case Opcode.I32And: fp[ip->A] = *(uint*)(fp + ip->B) & *(uint*)(fp + ip->C); break;
                case Opcode.I64And: fp[ip->A] = fp[ip->B] & fp[ip->C]; break;
                case Opcode.I32Or: fp[ip->A] = *(uint*)(fp + ip->B) | *(uint*)(fp + ip->C); break;
                case Opcode.I64Or: fp[ip->A] = fp[ip->B] | fp[ip->C]; break;
                case Opcode.I32Xor: fp[ip->A] = *(uint*)(fp + ip->B) ^ *(uint*)(fp + ip->C); break;
                case Opcode.I64Xor: fp[ip->A] = fp[ip->B] ^ fp[ip->C]; break;
                case Opcode.I32Shl: fp[ip->A] = *(uint*)(fp + ip->B) << *(int*)(fp + ip->C); break;
                case Opcode.I32ShrS: fp[ip->A] = (uint)(*(int*)(fp + ip->B) >> *(int*)(fp + ip->C)); break;
                case Opcode.I32ShrU: fp[ip->A] = *(uint*)(fp + ip->B) >> *(int*)(fp + ip->C); break;
                case Opcode.I64Shl: fp[ip->A] = fp[ip->B] << *(int*)(fp + ip->C); break;
                case Opcode.I64ShrS: fp[ip->A] = (ulong)(*(long*)(fp + ip->B) >> *(int*)(fp + ip->C)); break;
                case Opcode.I64ShrU: fp[ip->A] = fp[ip->B] >> *(int*)(fp + ip->C); break;
                case Opcode.I32Rotl: fp[ip->A] = BitOperations.RotateLeft(*(uint*)(fp + ip->B), *(int*)(fp + ip->C)); break;
                case Opcode.I32Rotr: fp[ip->A] = BitOperations.RotateRight(*(uint*)(fp + ip->B), *(int*)(fp + ip->C)); break;
                case Opcode.I64Rotl: fp[ip->A] = BitOperations.RotateLeft(fp[ip->B], *(int*)(fp + ip->C)); break;
                case Opcode.I64Rotr: fp[ip->A] = BitOperations.RotateRight(fp[ip->B], *(int*)(fp + ip->C)); break;
                case (Opcode)(Op.I32Imm + 0): fp[ip->A] = *(uint*)(fp + ip->B) + (uint)ip->Imm; break;
                case (Opcode)(Op.I32Imm + 1): fp[ip->A] = *(uint*)(fp + ip->B) * (uint)ip->Imm; break;
                case (Opcode)(Op.I32Imm + 2): fp[ip->A] = *(uint*)(fp + ip->B) & (uint)ip->Imm; break;
                case (Opcode)(Op.I32Imm + 3): fp[ip->A] = *(uint*)(fp + ip->B) | (uint)ip->Imm; break;
                case (Opcode)(Op.I32Imm + 4): fp[ip->A] = *(uint*)(fp + ip->B) ^ (uint)ip->Imm; break;
                case (Opcode)(Op.I32Imm + 5): fp[ip->A] = *(uint*)(fp + ip->B) << (int)ip->Imm; break;
                case (Opcode)(Op.I32Imm + 6): fp[ip->A] = (uint)(*(int*)(fp + ip->B) >> (int)ip->Imm); break;
                case (Opcode)(Op.I32Imm + 7): fp[ip->A] = *(uint*)(fp + ip->B) >> (int)ip->Imm; break;
                case (Opcode)(Op.I64Imm + 0): fp[ip->A] = fp[ip->B] + (ulong)ip->Imm; break;
                case (Opcode)(Op.I64Imm + 1): fp[ip->A] = fp[ip->B] * (ulong)ip->Imm; break;
                case (Opcode)(Op.I64Imm + 2): fp[ip->A] = fp[ip->B] & (ulong)ip->Imm; break;
                case (Opcode)(Op.I64Imm + 3): fp[ip->A] = fp[ip->B] | (ulong)ip->Imm; break;
                case (Opcode)(Op.I64Imm + 4): fp[ip->A] = fp[ip->B] ^ (ulong)ip->Imm; break;
                case (Opcode)(Op.I64Imm + 5): fp[ip->A] = fp[ip->B] << (int)ip->Imm; break;
                case (Opcode)(Op.I64Imm + 6): fp[ip->A] = (ulong)(*(long*)(fp + ip->B) >> (int)ip->Imm); break;
                case (Opcode)(Op.I64Imm + 7): fp[ip->A] = fp[ip->B] >> (int)ip->Imm; break;
                case Opcode.F32Add: *(float*)(fp + ip->A) = *(float*)(fp + ip->B) + *(float*)(fp + ip->C); break;
                case Opcode.F32Sub: *(float*)(fp + ip->A) = *(float*)(fp + ip->B) - *(float*)(fp + ip->C); break;
                case Opcode.F32Mul: *(float*)(fp + ip->A) = *(float*)(fp + ip->B) * *(float*)(fp + ip->C); break;
                case Opcode.F32Div: *(float*)(fp + ip->A) = *(float*)(fp + ip->B) / *(float*)(fp + ip->C); break;
                case Opcode.F64Add: *(double*)(fp + ip->A) = *(double*)(fp + ip->B) + *(double*)(fp + ip->C); break;
                case Opcode.F64Sub: *(double*)(fp + ip->A) = *(double*)(fp + ip->B) - *(double*)(fp + ip->C); break;
                case Opcode.F64Mul: *(double*)(fp + ip->A) = *(double*)(fp + ip->B) * *(double*)(fp + ip->C); break;
                case Opcode.F64Div: *(double*)(fp + ip->A) = *(double*)(fp + ip->B) / *(double*)(fp + ip->C); break;
                case Opcode.I32WrapI64: fp[ip->A] = *(uint*)(fp + ip->B); break;
                case Opcode.I64ExtendI32S: fp[ip->A] = (ulong)(long)*(int*)(fp + ip->B); break;
                case Opcode.I64ExtendI32U: fp[ip->A] = *(uint*)(fp + ip->B); break;
                case Opcode.F64ConvertI32S: *(double*)(fp + ip->A) = *(int*)(fp + ip->B); break;
                case Opcode.I32Load:
                    address = *(uint*)(fp + ip->B) + (ulong)ip->Imm; if (address + 4 > length) goto OutOfBounds;
                    fp[ip->A] = *(uint*)(memory + address); break;
                case Opcode.I64Load:
                    address = *(uint*)(fp + ip->B) + (ulong)ip->Imm; if (address + 8 > length) goto OutOfBounds;
                    fp[ip->A] = *(ulong*)(memory + address); break;
                case Opcode.F32Load:
                    address = *(uint*)(fp + ip->B) + (ulong)ip->Imm; if (address + 4 > length) goto OutOfBounds;
                    fp[ip->A] = *(uint*)(memory + address); break;
                case Opcode.F64Load:
                    address = *(uint*)(fp + ip->B) + (ulong)ip->Imm; if (address + 8 > length) goto OutOfBounds;
                    fp[ip->A] = *(ulong*)(memory + address); break;
                case Opcode.I32Load8S:
                    address = *(uint*)(fp + ip->B) + (ulong)ip->Imm; if (address + 1 > length) goto OutOfBounds;
                    fp[ip->A] = (uint)(int)(sbyte)memory[address]; break;
                case Opcode.I32Load8U:
                    address = *(uint*)(fp + ip->B) + (ulong)ip->Imm; if (address + 1 > length) goto OutOfBounds;
                    fp[ip->A] = memory[address]; break;
                case Opcode.I32Load16S:
                    address = *(uint*)(fp + ip->B) + (ulong)ip->Imm; if (address + 2 > length) goto OutOfBounds;
                    fp[ip->A] = (uint)(int)*(short*)(memory + address); break;
                case Opcode.I32Load16U:
                    address = *(uint*)(fp + ip->B) + (ulong)ip->Imm; if (address + 2 > length) goto OutOfBounds;
                    fp[ip->A] = *(ushort*)(memory + address); break;
                case Opcode.I64Load8S:
                    address = *(uint*)(fp + ip->B) + (ulong)ip->Imm; if (address + 1 > length) goto OutOfBounds;
                    fp[ip->A] = (ulong)(long)(sbyte)memory[address]; break;
                case Opcode.I64Load8U:
                    address = *(uint*)(fp + ip->B) + (ulong)ip->Imm; if (address + 1 > length) goto OutOfBounds;
                    fp[ip->A] = memory[address]; break;
                case Opcode.I64Load16S:
                    address = *(uint*)(fp + ip->B) + (ulong)ip->Imm; if (address + 2 > length) goto OutOfBounds;
                    fp[ip->A] = (ulong)(long)*(short*)(memory + address); break;
                case Opcode.I64Load16U:
                    address = *(uint*)(fp + ip->B) + (ulong)ip->Imm; if (address + 2 > length) goto OutOfBounds;
                    fp[ip->A] = *(ushort*)(memory + address); break;
                case Opcode.I64Load32S:
                    address = *(uint*)(fp + ip->B) + (ulong)ip->Imm; if (address + 4 > length) goto OutOfBounds;
                    fp[ip->A] = (ulong)(long)*(int*)(memory + address); break;
                case Opcode.I64Load32U:
                    address = *(uint*)(fp + ip->B) + (ulong)ip->Imm; if (address + 4 > length) goto OutOfBounds;
                    fp[ip->A] = *(uint*)(memory + address); break;
                case Opcode.I32Store:
                    address = *(uint*)(fp + ip->B) + (ulong)ip->Imm; if (address + 4 > length) goto OutOfBounds;
                    *(uint*)(memory + address) = (uint)fp[ip->C]; break;
                case Opcode.I64Store:
                    address = *(uint*)(fp + ip->B) + (ulong)ip->Imm; if (address + 8 > length) goto OutOfBounds;
                    *(ulong*)(memory + address) = (ulong)fp[ip->C]; break;
                case Opcode.F32Store:
                    address = *(uint*)(fp + ip->B) + (ulong)ip->Imm; if (address + 4 > length) goto OutOfBounds;
                    *(uint*)(memory + address) = (uint)fp[ip->C]; break;
                case Opcode.F64Store:
                    address = *(uint*)(fp + ip->B) + (ulong)ip->Imm; if (address + 8 > length) goto OutOfBounds;
                    *(ulong*)(memory + address) = (ulong)fp[ip->C]; break;
                case Opcode.I32Store8:
                    address = *(uint*)(fp + ip->B) + (ulong)ip->Imm; if (address + 1 > length) goto OutOfBounds;
                    *(byte*)(memory + address) = (byte)fp[ip->C]; break;
                case Opcode.I32Store16:
                    address = *(uint*)(fp + ip->B) + (ulong)ip->Imm; if (address + 2 > length) goto OutOfBounds;
                    *(ushort*)(memory + address) = (ushort)fp[ip->C]; break;
                case Opcode.I64Store8:
                    address = *(uint*)(fp + ip->B) + (ulong)ip->Imm; if (address + 1 > length) goto OutOfBounds;
                    *(byte*)(memory + address) = (byte)fp[ip->C]; break;
                case Opcode.I64Store16:
                    address = *(uint*)(fp + ip->B) + (ulong)ip->Imm; if (address + 2 > length) goto OutOfBounds;
                    *(ushort*)(memory + address) = (ushort)fp[ip->C]; break;
                case Opcode.I64Store32:
                    address = *(uint*)(fp + ip->B) + (ulong)ip->Imm; if (address + 4 > length) goto OutOfBounds;
                    *(uint*)(memory + address) = (uint)fp[ip->C]; break;
                case Opcode.I32DivS or Opcode.I32DivU or Opcode.I32RemS or Opcode.I32RemU
                    or Opcode.I64DivS or Opcode.I64DivU or Opcode.I64RemS or Opcode.I64RemU:
                    if (DivisionOperations.Execute(ip, fp, out trap)) break;
                    goto Trap;
                case Op.LoadVector:
                    address = *(uint*)(fp + ip->B) + (ulong)ip->Imm; if (address + 16 > length) goto OutOfBounds;
                    Vector128.Load(memory + address).Store((byte*)(fp + ip->A)); break;
                case Op.StoreVector:
                    address = *(uint*)(fp + ip->B) + (ulong)ip->Imm; if (address + 16 > length) goto OutOfBounds;
                    Vector128.Load((byte*)(fp + ip->C)).Store(memory + address); break;
                case Op.Exit:
                    call.Fuel = fuel;
                    call.Record = record;
                    return;

                default:
                    if ((int)ip->Op >= 0x200 && VectorDispatch.Execute(ip, fp))
                    {
                        if (ip->Op is Opcode.V128Const or Opcode.I8x16Shuffle) ip++;
                        break;
                    }

                    if (ScalarDispatch.Execute(ip, fp)) break;
                    goto Outside;
            }

            ip++;
            continue;

        NotTaken:
            fuel -= ip->Cost;
            ip++;
            continue;

        Taken:
            fuel -= ip->A;
            jump = ip->Target;
            ip += jump;
            if (fuel >= 0) continue;

        CheckLoop:
            // Only loops and calls look at the fuel; a branch forward may overdraw it until the next one does. An empty loop jumps
            // to itself.
            if (jump > 0) continue;
            goto Refill;

        EnterGuest:
            if (header->Patience <= 0) goto Outside;
            header->Patience--;
            if (header->Entry == null) instance.Module.Translate(header->Index);
            if (fp + ip->A + header->FrameSlots > (ulong*)(record - 1)) goto StackExhausted;
            record--;
            record->ReturnIp = ip + 1;
            record->Fp = fp;
            record->Header = header;
            fp += ip->A;
            ip = header->Entry;
            for (ulong* local = fp + header->ParameterSlots; local < fp + header->LocalSlots; local++) *local = 0;
            fuel -= header->EntryCost;
            if (fuel >= 0) continue;

        Refill:
            call.Fuel = fuel;
            call.Ip = ip;
            call.Fp = fp;
            call.Record = record;
            call.Refill();
            ip = GoOnCompiled(call, ip, fp, instance);
            goto Reload;

        Outside:
            call.Ip = ip;
            call.Fp = fp;
            call.Record = record;
            call.Fuel = fuel;
            ip = Slow(call, ip, fp, instance);

        Reload:
            fp = call.Fp;
            record = call.Record;
            fuel = call.Fuel;
            instance = call.Instance!;
            headers = instance.Module.Headers;
            length = 0;
            if (instance.Memories.Length == 0) continue;
            memory = instance.Memories[0].Base;
            length = instance.Memories[0].Length;
            continue;

        StackExhausted:
            trap = WasmTrapKind.StackExhausted;
            goto Trap;

        OutOfBounds:
            trap = WasmTrapKind.MemoryOutOfBounds;

        Trap:
            call.Fuel = fuel;
            call.Ip = ip;
            call.Record = record;
            throw call.Trap(trap);
        }
    }
}
