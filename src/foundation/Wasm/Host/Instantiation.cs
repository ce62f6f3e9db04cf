using Sirsi.Wasm.Binary;
using Sirsi.Wasm.Memory;

namespace Sirsi.Wasm.Host;

/// <summary>The steps that make an instance of a module and linked imports, in the specification's order.</summary>
internal static class Instantiation
{
    internal static WasmInstance Run(WasmModule module, WasmExtern[] imports, WasmCall call)
    {
        var instance = new WasmInstance(module, imports);
        try
        {
            Initialize(instance, call);
        }
        catch
        {
            instance.Dispose();
            throw;
        }

        return instance;
    }

    /// <summary>An instance in the state of a snapshot.</summary>
    internal static WasmInstance Run(WasmSnapshot snapshot, WasmExtern[] imports)
    {
        snapshot.ThrowIfDisposed();
        var instance = new WasmInstance(snapshot.Module, imports);
        try
        {
            Link(instance);
            MakeTables(instance);
            MakeTags(instance);
            MakeMemories(instance, snapshot.Images);
            snapshot.Fill(instance);
        }
        catch
        {
            instance.Dispose();
            throw;
        }

        return instance;
    }

    /// <summary>Copies elements into a table, or traps; shared with <c>table.init</c>.</summary>
    internal static bool TryInitialize(WasmInstance instance, int table, int segment, ulong target, ulong source, ulong length)
    {
        ElementSegment elements = instance.Module.Content.Elements[segment];
        ulong available = instance.DroppedElements[segment] ? 0 : (ulong)elements.Length;
        Span<object?> into = instance.Tables[table].Elements;
        if (source > available || length > available - source || target > (ulong)into.Length || length > (ulong)into.Length - target)
            return false;
        for (int i = 0; i < (int)length; i++)
        {
            int from = (int)source + i;
            into[(int)target + i] = elements.Functions is { } functions
                ? instance.FunctionAt(functions[from])
                : Evaluate(instance, elements.Expressions![from]).Reference;
        }

        return true;
    }

    /// <summary>Copies a data segment into a memory, or says it lies out of bounds; shared with <c>memory.init</c>.</summary>
    internal static unsafe bool TryInitializeMemory(
        WasmInstance instance, int memory, int segment, ulong target, ulong source, ulong length)
    {
        ReadOnlySpan<byte> content = instance.DroppedData[segment] ? [] : instance.Module.Content.Data[segment].Content.Span;
        WasmMemory into = instance.Memories[memory];
        if (source > (ulong)content.Length || length > (ulong)content.Length - source
            || target > into.Length || length > into.Length - target)
            return false;
        content.Slice((int)source, (int)length).CopyTo(new Span<byte>(into.Base + target, (int)length));
        return true;
    }

    private static void Initialize(WasmInstance instance, WasmCall call)
    {
        ModuleContent content = instance.Module.Content;
        MemoryImage[]? images = instance.Module.Images;
        Link(instance);
        MakeTables(instance);
        MakeMemories(instance, images);
        MakeTags(instance);
        for (int i = 0; i < content.GlobalInitializers.Count; i++)
            instance.GlobalAt(content.ImportedGlobals + i).Store(Evaluate(instance, content.GlobalInitializers[i]));
        FillTables(instance, call);
        FillMemories(instance, call, isDone: images is not null);
        if (images is null) NoteImages(instance);
        if (content.Start >= 0) instance.FunctionAt(content.Start).Invoke(call, [], []);
    }

    private static void MakeTables(WasmInstance instance)
    {
        ModuleContent content = instance.Module.Content;
        for (int i = content.ImportedTables; i < content.Tables.Count; i++)
            instance.Tables[i] = new(instance.Module.Engine, content.Tables[i]);
    }

    private static void MakeMemories(WasmInstance instance, MemoryImage[]? images)
    {
        ModuleContent content = instance.Module.Content;
        for (int i = content.ImportedMemories; i < content.Memories.Count; i++)
            instance.Memories[i] = new(instance.Module.Engine, content.Memories[i], images?[i - content.ImportedMemories]);
    }

    private static void MakeTags(WasmInstance instance)
    {
        ModuleContent content = instance.Module.Content;
        for (int i = content.ImportedTags; i < content.Tags.Count; i++) instance.Tags[i] = new(content.Tags[i].Payload);
    }

    /// <summary>
    /// Has the module remember what its memories begin with, for the next instance, if it is the same for all: no memory is imported and all
    /// data goes to places the module itself names.
    /// </summary>
    private static void NoteImages(WasmInstance instance)
    {
        ModuleContent content = instance.Module.Content;
        if (content.ImportedMemories > 0 || content.Memories.Count == 0) return;
        var used = new ulong[content.Memories.Count];
        foreach (DataSegment segment in content.Data)
        {
            if (segment.Mode != SegmentMode.Active) continue;
            if (Array.Exists(segment.Offset, static step => step.Opcode == Opcode.GlobalGet)) return;
            ulong end = Offset(Evaluate(instance, segment.Offset)) + (ulong)segment.Content.Length;
            used[segment.Memory] = Math.Max(used[segment.Memory], end);
        }

        instance.Module.NoteImages([.. used.Select((bytes, memory) => instance.Memories[memory].TakeImage(bytes))]);
    }

    private static void Link(WasmInstance instance)
    {
        int functions = 0, tables = 0, memories = 0, globals = 0, tags = 0;
        foreach (WasmExtern import in instance.Imports)
        {
            switch (import)
            {
                case WasmFunction function:
                    LinkWith(instance, function.Instance);
                    instance.Import(functions++, function);
                    break;
                case WasmMemory memory:
                    memory.Use();
                    instance.Memories[memories++] = memory;
                    break;
                case WasmTable table:
                    instance.MarkLinked();
                    instance.Tables[tables++] = table;
                    break;
                case WasmGlobal global:
                    if (global.ExternType.Value.IsReference()) instance.MarkLinked();
                    instance.Import(globals++, global);
                    break;
                case WasmTag tag:
                    instance.MarkLinked();
                    instance.Tags[tags++] = tag;
                    break;
            }
        }
    }

    /// <summary>Two instances one of which can call the other can hand each other functions.</summary>
    private static void LinkWith(WasmInstance instance, WasmInstance? other)
    {
        if (other is null) return;
        instance.MarkLinked();
        other.MarkLinked();
    }

    private static void FillTables(WasmInstance instance, WasmCall call)
    {
        ElementSegment[] segments = instance.Module.Content.Elements;
        for (int i = 0; i < segments.Length; i++)
        {
            ElementSegment segment = segments[i];
            if (segment.Mode == SegmentMode.Active)
            {
                call.Charge(segment.Length);
                ulong target = Offset(Evaluate(instance, segment.Offset));
                if (!TryInitialize(instance, segment.Table, i, target, 0, (ulong)segment.Length))
                    throw new WasmTrap(WasmTrapKind.TableOutOfBounds, []);
            }

            instance.DroppedElements[i] = segment.Mode != SegmentMode.Passive;
        }
    }

    /// <summary>Copies active data, unless it is there already; it costs the same.</summary>
    private static void FillMemories(WasmInstance instance, WasmCall call, bool isDone)
    {
        DataSegment[] segments = instance.Module.Content.Data;
        for (int i = 0; i < segments.Length; i++)
        {
            DataSegment segment = segments[i];
            if (segment.Mode != SegmentMode.Active) continue;
            call.Charge(Fuel.OfBytes((ulong)segment.Content.Length));
            instance.DroppedData[i] = isDone;
            if (isDone) continue;
            ulong target = Offset(Evaluate(instance, segment.Offset));
            if (!TryInitializeMemory(instance, segment.Memory, i, target, 0, (ulong)segment.Content.Length))
                throw new WasmTrap(WasmTrapKind.MemoryOutOfBounds, []);
            instance.DroppedData[i] = true;
        }
    }

    private static ulong Offset(WasmValue value) => value.Type == WasmValueType.I32 ? (uint)value.Low : value.Low;

    private static WasmValue Evaluate(WasmInstance instance, ConstantStep[] steps)
    {
        if (steps.Length == 1) return Single(instance, steps[0]);
        var stack = new Stack<WasmValue>();
        foreach (ConstantStep step in steps)
        {
            if (step.Opcode is not (Opcode.I32Add or Opcode.I32Sub or Opcode.I32Mul or Opcode.I64Add or Opcode.I64Sub or Opcode.I64Mul))
            {
                stack.Push(Single(instance, step));
                continue;
            }

            long right = stack.Pop().AsI64;
            long left = stack.Pop().AsI64;
            long result = unchecked(step.Opcode switch
            {
                Opcode.I32Add or Opcode.I64Add => left + right,
                Opcode.I32Sub or Opcode.I64Sub => left - right,
                _ => left * right,
            });
            stack.Push(step.Opcode <= Opcode.I32Rotr ? WasmValue.I32((int)result) : WasmValue.I64(result));
        }

        return stack.Pop();
    }

    private static WasmValue Single(WasmInstance instance, ConstantStep step) => step.Opcode switch
    {
        Opcode.I32Const => new(WasmValueType.I32, step.Low),
        Opcode.I64Const => new(WasmValueType.I64, step.Low),
        Opcode.F32Const => new(WasmValueType.F32, step.Low),
        Opcode.F64Const => new(WasmValueType.F64, step.Low),
        Opcode.V128Const => new(WasmValueType.V128, step.Low, step.High),
        Opcode.RefNull => new((WasmValueType)step.Low, 0),
        Opcode.RefFunc => WasmValue.FuncRef(instance.FunctionAt((int)step.Low)),
        _ => instance.GlobalAt((int)step.Low).Value,
    };
}
