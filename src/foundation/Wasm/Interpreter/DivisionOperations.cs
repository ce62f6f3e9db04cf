using System.Runtime.CompilerServices;
using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Interpreter;

/// <summary>Integer division. What would be an exception of .NET's is tested for before.</summary>
internal static unsafe class DivisionOperations
{
    /// <summary>Divides, or says why it traps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static bool Execute(Instr* ip, ulong* fp, out WasmTrapKind trap)
    {
        bool isWide = ip->Op >= Opcode.I64DivS;
        long a = isWide ? (long)fp[ip->B] : (int)fp[ip->B];
        long b = isWide ? (long)fp[ip->C] : (int)fp[ip->C];
        trap = WasmTrapKind.IntegerDivideByZero;
        if (b == 0) return false;
        trap = WasmTrapKind.IntegerOverflow;
        switch (ip->Op)
        {
            case Opcode.I32DivS:
                if (a == int.MinValue && b == -1) return false;
                fp[ip->A] = (uint)((int)a / (int)b);
                break;
            case Opcode.I64DivS:
                if (a == long.MinValue && b == -1) return false;
                fp[ip->A] = (ulong)(a / b);
                break;
            case Opcode.I32DivU: fp[ip->A] = (uint)a / (uint)b; break;
            case Opcode.I64DivU: fp[ip->A] = (ulong)a / (ulong)b; break;
            case Opcode.I32RemU: fp[ip->A] = (uint)a % (uint)b; break;
            case Opcode.I64RemU: fp[ip->A] = (ulong)a % (ulong)b; break;

            // The smallest number divided by -1 has a remainder, but no quotient: .NET raises.
            case Opcode.I32RemS: fp[ip->A] = b == -1 ? 0 : (uint)((int)a % (int)b); break;
            default: fp[ip->A] = b == -1 ? 0 : (ulong)(a % b); break;
        }

        return true;
    }
}
