using System.Runtime.InteropServices;

namespace Sirsi.Wasm.Binary;

/// <summary>How a segment is used.</summary>
internal enum SegmentMode : byte { Active, Passive, Declared }

/// <summary>One step of a constant expression: a small stack program.</summary>
/// <param name="Opcode">A constant, <c>global.get</c>, <c>ref.null</c>, <c>ref.func</c> or an integer operation.</param>
/// <param name="Low">The constant's bits, or an index.</param>
/// <param name="High">The upper half of a vector constant.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ConstantStep(Opcode Opcode, ulong Low, ulong High = 0);

/// <summary>Elements for a table: plain function indices where possible, else expressions.</summary>
internal sealed record ElementSegment(
    SegmentMode Mode, WasmValueType Type, int Table, ConstantStep[] Offset, int[]? Functions, ConstantStep[][]? Expressions)
{
    internal int Length => Functions?.Length ?? Expressions!.Length;
}

/// <summary>Bytes for a memory.</summary>
internal sealed record DataSegment(SegmentMode Mode, int Memory, ConstantStep[] Offset, ReadOnlyMemory<byte> Content);

/// <summary>Where a function's code lies in the code section, after its locals, and what its locals are.</summary>
/// <param name="Start">First byte of the expression in the section's bytes.</param>
/// <param name="End">One past its last byte.</param>
/// <param name="FirstBlock">Its entry block in the block table.</param>
/// <param name="Locals">Types of the declared locals as runs (parameters not included).</param>
/// <param name="LocalSlots">Slots of parameters and locals together.</param>
/// <param name="OperandSlots">The most slots its operands take.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FunctionBody(
    int Start, int End, int FirstBlock, (int Count, WasmValueType Type)[] Locals, int LocalSlots, int OperandSlots);

/// <summary>All that decoding and validating a module finds out. Filled section by section, then never changed.</summary>
internal sealed class ModuleContent
{
    internal WasmFunctionType[] Types { get; set; } = [];

    internal List<WasmImport> Imports { get; } = [];

    internal List<WasmFunctionType> Functions { get; } = [];

    internal List<WasmTableType> Tables { get; } = [];

    internal List<WasmMemoryType> Memories { get; } = [];

    internal List<WasmGlobalType> Globals { get; } = [];

    internal List<WasmTagType> Tags { get; } = [];

    internal int ImportedFunctions { get; set; }

    internal int ImportedTables { get; set; }

    internal int ImportedMemories { get; set; }

    internal int ImportedGlobals { get; set; }

    internal int ImportedTags { get; set; }

    /// <summary>Initial values of the module's own globals.</summary>
    internal List<ConstantStep[]> GlobalInitializers { get; } = [];

    internal List<WasmExport> Exports { get; } = [];

    internal int Start { get; set; } = -1;

    internal ElementSegment[] Elements { get; set; } = [];

    internal DataSegment[] Data { get; set; } = [];

    /// <summary>The count the data count section announces; -1 without one.</summary>
    internal int DataCount { get; set; } = -1;

    /// <summary>Where code first uses a data segment although none were announced; -1 when it does not.</summary>
    internal long UncountedDataUse { get; set; } = -1;

    /// <summary>Functions a body may take a reference to: those named by exports, globals and elements.</summary>
    internal HashSet<int> ReferencedFunctions { get; } = [];

    internal byte[] Code { get; set; } = [];

    internal long CodeOrigin { get; set; }

    internal FunctionBody[] Bodies { get; set; } = [];

    internal BlockTable Blocks { get; } = new();

    internal List<WasmCustomSection> CustomSections { get; } = [];
}

/// <summary>
/// The basic blocks of all functions in code order: where each begins and what entering it costs. Computed once, while validating, so
/// that every engine behind it charges the same.
/// </summary>
internal sealed class BlockTable
{
    private int[] _offsets = new int[64];
    private int[] _costs = new int[64];

    internal int Count { get; private set; }

    /// <summary>Where block <paramref name="index"/> begins in the code section's bytes; past the last block, never.</summary>
    internal int Offset(int index) => index < Count ? _offsets[index] : int.MaxValue;

    internal int Cost(int index) => _costs[index];

    internal int Add(int offset)
    {
        if (Count == _offsets.Length)
        {
            Array.Resize(ref _offsets, Count * 2);
            Array.Resize(ref _costs, Count * 2);
        }

        _offsets[Count] = offset;
        _costs[Count] = 0;
        return Count++;
    }

    internal void Charge(int index) => _costs[index]++;
}
