using System.Runtime.CompilerServices;
using Sirsi.Wasm.Host;
using Sirsi.Wasm.Interpreter;

namespace Sirsi.Wasm.Compiler;

/// <summary>
/// What compiled code has done for it. Each first notes where the guest is. Methods that trap give the exception, for the code to throw: so RyuJIT
/// knows that nothing comes back.
/// </summary>
internal static unsafe class CompiledRuntime
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static Exception Trap(WasmCall call, long fuel, nint frame, int site, WasmTrapKind kind)
    {
        call.Fuel = fuel;
        Note(call, frame, site);
        return call.Trap(kind);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static Exception TrapTruncation(WasmCall call, long fuel, nint frame, int site, double value) =>
        Trap(call, fuel, frame, site, double.IsNaN(value) ? WasmTrapKind.InvalidConversionToInteger : WasmTrapKind.IntegerOverflow);

    /// <summary>There is no room for the frame of the function that begins: its caller is where the guest stopped.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static Exception TrapExhaustion(WasmCall call, nint frame)
    {
        NoteCaller(call, (ulong*)frame - CodeStubs.RecordSlots);
        return call.Trap(WasmTrapKind.StackExhausted);
    }

    /// <summary>The fuel is used up, or something else wants the guest to stop.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static Exception Stop(WasmCall call, long fuel, nint frame, int site)
    {
        call.Fuel = fuel;
        Note(call, frame, site);
        return call.Stopped();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static Exception Throw(WasmCall call, long fuel, nint frame, int site, int tag, int slot)
    {
        call.Fuel = fuel;
        Note(call, frame, site);
        return Exceptions.Uncaught(call, Exceptions.Create(call.Instance!.Tags[tag], (ulong*)frame + slot));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static Exception ThrowReference(WasmCall call, long fuel, nint frame, int site, long reference)
    {
        call.Fuel = fuel;
        Note(call, frame, site);
        return reference == 0
            ? call.Trap(WasmTrapKind.NullReference)
            : Exceptions.Uncaught(call, (GuestException)call.References[(ulong)reference]!);
    }

    /// <summary>Calls an imported function whose arguments lie at slot <paramref name="advance"/> of the frame; results replace them.</summary>
    internal static void CallImport(WasmCall call, nint frame, int site, int advance, int function)
    {
        Note(call, frame, site);
        WasmInstance instance = call.Instance!;
        Call(call, instance, instance.FunctionAt(function), (ulong*)frame, site, advance);
    }

    internal static void CallIndirect(WasmCall call, nint frame, int site, int advance, int type, int table, long index)
    {
        Note(call, frame, site);
        WasmInstance instance = call.Instance!;
        WasmFunction target = DispatchLoop.IndirectTargetOrTrap(call, instance, instance.Tables[table], (ulong)index, type);
        Call(call, instance, target, (ulong*)frame, site, advance);
        GC.KeepAlive(target);
    }

    /// <summary>Runs an instruction of the interpreter's on slots of the frame.</summary>
    internal static void Execute(WasmCall call, nint frame, int site, nint instruction)
    {
        Note(call, frame, site);
        WasmInstance instance = call.Instance!;
        var ip = (Instr*)instruction;
        if (!DispatchLoop.Move(call, ip, (ulong*)frame, instance) && !BulkOperations.Execute(call, ip, (ulong*)frame, instance))
            throw new InvalidOperationException($"The interpreter has no operation {ip->Op}.");
        call.Switch(instance);
    }

    /// <summary>Copies within the first memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void CopyBytes(WasmCall call, nint frame, int site, uint target, uint source, uint length)
    {
        ulong end = call.MemoryLength;
        if ((ulong)target + length > end || (ulong)source + length > end) throw Trap(call, call.Fuel, frame, site, WasmTrapKind.MemoryOutOfBounds);
        PayForBytes(call, frame, site, length);
        BulkOperations.Copy(call, call.MemoryBase + source, call.MemoryBase + target, length);
    }

    /// <summary>Fills a part of the first memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void FillBytes(WasmCall call, nint frame, int site, uint target, int value, uint length)
    {
        if ((ulong)target + length > call.MemoryLength) throw Trap(call, call.Fuel, frame, site, WasmTrapKind.MemoryOutOfBounds);
        PayForBytes(call, frame, site, length);
        BulkOperations.Fill(call, call.MemoryBase + target, (byte)value, length);
    }

    private static void PayForBytes(WasmCall call, nint frame, int site, uint length)
    {
        call.Fuel -= Fuel.OfBytes(length);
        if (call.Fuel >= 0 && length <= BulkOperations.PartBytes) return;
        Note(call, frame, site);
        if (call.Fuel < 0) call.Refill();
    }

    /// <summary>A number RyuJIT cannot know beforehand.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static float SingleOfBits(int bits) => BitConverter.Int32BitsToSingle(bits);

    /// <summary>The host's address of an access to any memory; 0 when it lies out of bounds.</summary>
    internal static nint FarAddress(WasmCall call, int memory, ulong address, ulong offset, uint size)
    {
        WasmMemory target = call.Instance!.Memories[memory];
        if (address > target.Length || offset > target.Length) return 0;
        address += offset;
        return address + size > target.Length ? 0 : (nint)(target.Base + address);
    }

    /// <summary>What the entrance of a piece leads to at first: compiles it and runs it. The caller has left its number.</summary>
    internal static int RunPiece(WasmCall call, nint frame) =>
        ((delegate*<WasmCall, nint, int>)call.Instance!.Module.Code.Piece(call.Site).Compile())(call, frame);

    /// <summary>A piece has run often: perhaps it should not be one.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void CutAnew(WasmCall call, int piece)
    {
        ModuleCode code = call.Instance!.Module.Code;
        code.CutAnew(code.Piece(piece).Function);
    }

    /// <summary>For the stub of a type: the code of the function it was called for; 0 when it is to be interpreted.</summary>
    internal static nint Resolve(WasmCall call, nint frame)
    {
        ulong* record = (ulong*)frame - CodeStubs.RecordSlots;
        WasmModule module = call.Instance!.Module;
        CodeHeader* header = module.Code.Callee(*(int*)(record + CodeStubs.SiteSlot), *(nint*)(record + CodeStubs.HeaderSlot));
        NoteCaller(call, record);
        if (header->Patience-- <= 0 && module.Code.IsReady(header, call)) return header->Compiled;
        call.Pending = header;
        return 0;
    }

    /// <summary>The code of a function that is about to be jumped to, compiled now if need be; 0 when it is to be interpreted.</summary>
    internal static nint Ready(WasmCall call, nint frame, int site, nint header)
    {
        Note(call, frame, site);
        var callee = (CodeHeader*)header;
        return call.Instance!.Module.Code.IsReady(callee) ? callee->Compiled : 0;
    }

    /// <summary>The function an indirect call in place of a return means; a trap unless there is one of the type.</summary>
    internal static WasmFunction FindTail(WasmCall call, nint frame, int site, int type, int table, long index)
    {
        Note(call, frame, site);
        WasmInstance instance = call.Instance!;
        return DispatchLoop.IndirectTargetOrTrap(call, instance, instance.Tables[table], (ulong)index, type);
    }

    /// <summary>A function is about to leave its frame to another: the guest is where its caller called it.</summary>
    internal static void NoteTail(WasmCall call, nint frame) => NoteCaller(call, (ulong*)frame - CodeStubs.RecordSlots);

    /// <summary>Runs a function of this instance in place of the one that left its frame; arguments, and results, lie where the record was.</summary>
    internal static void InterpretTail(WasmCall call, nint frame, nint header) => RunTail(call, frame, call.Instance!, (CodeHeader*)header);

    /// <summary>The same for a function of another instance.</summary>
    internal static void CallTail(WasmCall call, nint frame, WasmFunction target) => RunTail(call, frame, target.Instance!, target.Header);

    /// <summary>
    /// A compiled caller takes what it is given for the result, so this one is called from here. Any other caller is left to call it, so that the
    /// host's stack does not grow.
    /// </summary>
    private static void RunTail(WasmCall call, nint frame, WasmInstance target, CodeHeader* header)
    {
        ulong* slots = (ulong*)frame - CodeStubs.RecordSlots;
        if (call.Site == CodeStubs.NoSite)
        {
            call.LeaveTail(target, header, slots);
            return;
        }

        WasmInstance instance = call.Instance!;
        int passages = call.PassageCount;
        call.PushPassage(instance, null, call.Fp, call.Site);
        GuestCode.Run(call, target, header, slots);
        call.PassageCount = passages;
        call.Switch(instance);
        GC.KeepAlive(target);
    }

    /// <summary>For the stub of a type: interprets the function; arguments, and a single result, lie where the record was.</summary>
    internal static void Interpret(WasmCall call, nint frame, int resultSlots)
    {
        ulong* record = (ulong*)frame - CodeStubs.RecordSlots;
        WasmInstance instance = call.Instance!;
        int passages = call.PassageCount;
        call.PushPassage(instance, null, call.Fp, call.Site);
        GuestCode.Interpret(call, instance, call.Pending, record);
        call.PassageCount = passages;
        call.Switch(instance);
        Buffer.MemoryCopy(record, (ulong*)frame, resultSlots * 8L, resultSlots * 8L);
    }

    private static void Call(WasmCall call, WasmInstance instance, WasmFunction target, ulong* frame, int site, int advance)
    {
        ulong* slots = frame + advance;
        if (target.Host is not null)
        {
            if (DispatchLoop.CallHost(call, target, slots) is { } thrown) throw Exceptions.Uncaught(call, thrown);
        }
        else
        {
            int passages = call.PassageCount;
            call.PushPassage(instance, null, frame, site);
            GuestCode.Run(call, target.Instance!, target.Header, slots);
            call.PassageCount = passages;
        }

        call.Switch(instance);
    }

    private static void Note(WasmCall call, nint frame, int site)
    {
        call.Ip = null;
        call.Fp = (ulong*)frame;
        call.Site = site;
    }

    private static void NoteCaller(WasmCall call, ulong* record)
    {
        int site = *(int*)(record + CodeStubs.SiteSlot);
        int advance = site == CodeStubs.NoSite ? 0 : call.Instance!.Module.Code.AdvanceAt(site);
        Note(call, (nint)(record - advance), site);
    }
}
