using System.Runtime.CompilerServices;
using Sirsi.Wasm.Binary;
using Sirsi.Wasm.Host;

namespace Sirsi.Wasm.Interpreter;

/// <summary>Operations on memories and tables as a whole. They pay for what they move before they move it.</summary>
internal static unsafe class BulkOperations
{
    /// <summary>So many bytes are moved in a few milliseconds.</summary>
    internal const uint PartBytes = 16 << 20;

    /// <summary>False when the operation is none of these.</summary>
    internal static bool Execute(WasmCall call, Instr* ip, ulong* fp, WasmInstance instance)
    {
        int first = (int)ip->Imm;
        int second = (int)(ip->Imm >> 32);
        switch (ip->Op)
        {
            case Opcode.MemorySize: fp[ip->A] = instance.Memories[first].Length / WasmMemory.PageBytes; return true;
            case Opcode.MemoryGrow: Grow(call, ip, fp, instance.Memories[first]); return true;
            case Opcode.MemoryFill: Fill(call, ip, fp, instance.Memories[first]); return true;
            case Opcode.MemoryCopy: Copy(call, ip, fp, instance.Memories[first], instance.Memories[second]); return true;
            case Opcode.MemoryInit:
                ulong length = (uint)fp[ip->C];
                ulong target = Index(fp[ip->A], instance.Memories[second].ExternType.Limits);
                call.Charge(Host.Fuel.OfBytes(length));
                if (!Instantiation.TryInitializeMemory(instance, second, first, target, (uint)fp[ip->B], length))
                    throw call.Trap(WasmTrapKind.MemoryOutOfBounds);
                return true;
            case Opcode.DataDrop: instance.DroppedData[first] = true; return true;
            case Opcode.ElemDrop: instance.DroppedElements[first] = true; return true;
            case Opcode.TableInit:
                length = (uint)fp[ip->C];
                target = Index(fp[ip->A], instance.Tables[second].ExternType.Limits);
                call.Charge((long)length);
                if (!Instantiation.TryInitialize(instance, second, first, target, (uint)fp[ip->B], length))
                    throw call.Trap(WasmTrapKind.TableOutOfBounds);
                return true;
            default: return Table(call, ip, fp, instance, first, second);
        }
    }

    private static bool Table(WasmCall call, Instr* ip, ulong* fp, WasmInstance instance, int first, int second)
    {
        if (ip->Op is not (Opcode.TableSize or Opcode.TableGet or Opcode.TableSet or Opcode.TableGrow or Opcode.TableFill
            or Opcode.TableCopy))
            return false;
        WasmTable table = instance.Tables[first];
        WasmLimits limits = table.ExternType.Limits;
        switch (ip->Op)
        {
            case Opcode.TableSize: fp[ip->A] = (ulong)table.Count; break;
            case Opcode.TableGet:
                ulong index = Index(fp[ip->B], limits);
                if (index >= (ulong)table.Count) throw call.Trap(WasmTrapKind.TableOutOfBounds);
                fp[ip->A] = call.References.Handle(table.Elements[(int)index]);
                break;
            case Opcode.TableSet:
                index = Index(fp[ip->B], limits);
                if (index >= (ulong)table.Count) throw call.Trap(WasmTrapKind.TableOutOfBounds);
                table.Elements[(int)index] = call.References[fp[ip->C]];
                break;
            case Opcode.TableGrow:
                ulong delta = Index(fp[ip->C], limits);
                call.Charge((long)Math.Min(delta, (ulong)call.Instance!.Module.Engine.Options.TableElementsMax));
                ulong before = (ulong)table.Count;
                bool grown = table.TryGrow(delta, call.References[fp[ip->B]]);
                fp[ip->A] = grown ? before : limits.Is64 ? ulong.MaxValue : uint.MaxValue;
                break;
            case Opcode.TableFill:
                index = Index(fp[ip->A], limits);
                ulong length = Index(fp[ip->C], limits);
                Check(call, index, length, table);
                call.Charge((long)length);
                table.Elements.Slice((int)index, (int)length).Fill(call.References[fp[ip->B]]);
                break;
            default:
                CopyTable(call, ip, fp, table, instance.Tables[second]);
                break;
        }

        return true;
    }

    private static void CopyTable(WasmCall call, Instr* ip, ulong* fp, WasmTable into, WasmTable from)
    {
        bool is64 = into.ExternType.Limits.Is64 && from.ExternType.Limits.Is64;
        ulong length = is64 ? fp[ip->C] : (uint)fp[ip->C];
        ulong target = Index(fp[ip->A], into.ExternType.Limits);
        ulong source = Index(fp[ip->B], from.ExternType.Limits);
        Check(call, target, length, into);
        Check(call, source, length, from);
        call.Charge((long)length);
        from.Elements.Slice((int)source, (int)length).CopyTo(into.Elements[(int)target..]);
    }

    private static void Check(WasmCall call, ulong index, ulong length, WasmTable table)
    {
        if (index > (ulong)table.Count || length > (ulong)table.Count - index) throw call.Trap(WasmTrapKind.TableOutOfBounds);
    }

    private static void Grow(WasmCall call, Instr* ip, ulong* fp, WasmMemory memory)
    {
        WasmLimits limits = memory.ExternType.Limits;
        ulong pages = Index(fp[ip->B], limits);
        ulong before = memory.Length / WasmMemory.PageBytes;
        ulong most = (ulong)call.Instance!.Module.Engine.Options.MemoryPagesMax;
        if (pages <= most) call.Charge(Host.Fuel.OfPages(pages));
        bool grown = pages <= most && memory.TryGrow((long)pages);
        fp[ip->A] = grown ? before : limits.Is64 ? ulong.MaxValue : uint.MaxValue;
    }

    private static void Fill(WasmCall call, Instr* ip, ulong* fp, WasmMemory memory)
    {
        WasmLimits limits = memory.ExternType.Limits;
        ulong target = Index(fp[ip->A], limits);
        ulong length = Index(fp[ip->C], limits);
        if (target > memory.Length || length > memory.Length - target) throw call.Trap(WasmTrapKind.MemoryOutOfBounds);
        call.Charge(Host.Fuel.OfBytes(length));
        Fill(call, memory.Base + target, (byte)fp[ip->B], length);
    }

    /// <summary>Fills bytes that were checked and paid for. Between large parts it looks whether the guest is to stop.</summary>
    internal static void Fill(WasmCall call, byte* target, byte value, ulong length)
    {
        while (true)
        {
            uint part = (uint)Math.Min(length, PartBytes);
            Unsafe.InitBlockUnaligned(target, value, part);
            target += part;
            length -= part;
            if (length == 0) return;
            call.ThrowIfStopped();
        }
    }

    /// <summary>The same for a copy; what overlaps is copied as if all were read first.</summary>
    internal static void Copy(WasmCall call, byte* source, byte* target, ulong length)
    {
        bool isBackward = target > source;
        while (true)
        {
            ulong part = Math.Min(length, PartBytes);
            ulong at = isBackward ? length - part : 0;
            Buffer.MemoryCopy(source + at, target + at, part, part);
            length -= part;
            if (length == 0) return;
            if (!isBackward)
            {
                source += part;
                target += part;
            }

            call.ThrowIfStopped();
        }
    }

    private static void Copy(WasmCall call, Instr* ip, ulong* fp, WasmMemory into, WasmMemory from)
    {
        bool is64 = into.ExternType.Limits.Is64 && from.ExternType.Limits.Is64;
        ulong target = Index(fp[ip->A], into.ExternType.Limits);
        ulong source = Index(fp[ip->B], from.ExternType.Limits);
        ulong length = is64 ? fp[ip->C] : (uint)fp[ip->C];
        if (target > into.Length || length > into.Length - target || source > from.Length || length > from.Length - source)
            throw call.Trap(WasmTrapKind.MemoryOutOfBounds);
        call.Charge(Host.Fuel.OfBytes(length));
        Copy(call, from.Base + source, into.Base + target, length);
    }

    private static ulong Index(ulong value, WasmLimits limits) => limits.Is64 ? value : (uint)value;
}
