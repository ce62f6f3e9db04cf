namespace Sirsi.Wasm;

/// <summary>Features and limits of an engine. Immutable: derive a variant with <c>with</c>. Judged when an engine is made.</summary>
public sealed record WasmOptions
{
    /// <summary>What modules may use beyond WebAssembly 2.0. Default: everything implemented.</summary>
    public WasmFeatures Features { get; init; } = WasmFeatures.All;

    /// <summary>What runs the code. Default <see cref="WasmEngineKind.Auto"/>. Where code cannot be made at run time everything is interpreted.</summary>
    public WasmEngineKind Engine { get; init; } = WasmEngineKind.Auto;

    /// <summary>
    /// With <see cref="WasmEngineKind.Auto"/>: runs the work it is given later, on another thread, to compile functions while they are still interpreted.
    /// It must not run it within the call. Default: the runtime's thread pool. Null compiles on the thread that calls a function: slower to begin with,
    /// and the same in every run.
    /// </summary>
    public Action<Action>? Background { get; init; } = static work =>
#pragma warning disable RS0030 // The default for hosts without an executor of their own.
        ThreadPool.UnsafeQueueUserWorkItem(static state => ((Action)state!)(), work);
#pragma warning restore RS0030

    /// <summary>Most functions that wait to be compiled in the background. Default 10,000; those beyond are interpreted and ask again.</summary>
    public int CompileQueueMax { get; init; } = 10_000;

    /// <summary>
    /// Whether instructions are charged for. Default true. Without it compiled code is faster, but looks at neither fuel nor deadline nor
    /// cancellation except in calls of the host and bulk instructions: for modules that are trusted to end.
    /// </summary>
    public bool Metering { get; init; } = true;

    /// <summary>Largest module, in bytes. Default 64 MiB.</summary>
    public int ModuleBytesMax { get; init; } = 64 << 20;

    /// <summary>Largest function body, in bytes. Default 7,654,321, as browsers have it.</summary>
    public int FunctionBytesMax { get; init; } = 7_654_321;

    /// <summary>Most types, functions (imported ones included), globals, exports and segments, of each. Default 1,000,000.</summary>
    public int DefinitionsMax { get; init; } = 1_000_000;

    /// <summary>Most imports. Default 100,000.</summary>
    public int ImportsMax { get; init; } = 100_000;

    /// <summary>Most parameters, and most results, of one function. Default 1,000.</summary>
    public int ParametersMax { get; init; } = 1_000;

    /// <summary>Most locals of one function, parameters included. 1 to 50,000; default 50,000.</summary>
    public int LocalsMax { get; init; } = 50_000;

    /// <summary>Deepest nesting of blocks in a function. Default 10,000.</summary>
    public int NestingMax { get; init; } = 10_000;

    /// <summary>Most tables in a module. Default 10.</summary>
    public int TablesMax { get; init; } = 10;

    /// <summary>Most memories in a module. 0 to 255; default 4.</summary>
    public int MemoriesMax { get; init; } = 4;

    /// <summary>Most elements in a table. Default 1,000,000, 8 MB.</summary>
    public int TableElementsMax { get; init; } = 1_000_000;

    /// <summary>
    /// Largest memory, in pages of 64 KiB: 0 to 16,777,216. Default 1,024 = 64 MiB. A module whose memory begins above it is refused
    /// when it is
    /// instantiated; <c>memory.grow</c> past it gives -1.
    /// </summary>
    public int MemoryPagesMax { get; init; } = 1_024;

    /// <summary>Most bytes all memories of the engine may have together. Default 64 GiB, most of which is not touched in most programs.</summary>
    public long MemoryBytesMax { get; init; } = 64L << 30;

    /// <summary>
    /// Memories that begin no larger than this, in bytes, lie many to a mapping and are filled by copying; larger ones have address space of
    /// their own and share the pages of a snapshot until they write to them (Linux). Default 256 KiB.
    /// </summary>
    public long CopiedBytesMax { get; init; } = 256 << 10;

    /// <summary>Most memories of disposed instances that are kept for instances of the same module or snapshot. Default 1,000; 0 keeps none.</summary>
    public int KeptMemoriesMax { get; init; } = 1_000;

    /// <summary>Most bytes of memories that are kept for later instances. Default 256 MiB.</summary>
    public long KeptBytesMax { get; init; } = 256L << 20;

    /// <summary>Most instances alive at one time in the engine. Default 200,000.</summary>
    public int InstancesMax { get; init; } = 200_000;

    /// <summary>The budget of a call that is given none.</summary>
    public WasmBudget Budget { get; init; } = new();

    /// <summary>Parts of functions from this many bytes on are compiled as methods of their own, whether or not they must; for tests.</summary>
    internal int PieceBytesLeast { get; init; } = int.MaxValue;

    /// <summary>
    /// How often a part of a function that was compiled as a method of its own, because the whole would have been too large, may run before the function
    /// is cut anew around it.
    /// </summary>
    internal int PieceRunsBeforeRecut { get; init; } = 10_000;

    /// <summary>Slices of fuel are no smaller; tests whose functions are small may have smaller ones, so that loops become compiled sooner.</summary>
    internal int SliceFuelLeast { get; init; } = WasmCall.SliceLeast;

    internal bool Allows(WasmFeatures feature) => (Features & feature) == feature;

    /// <summary>Every broken rule, not only the first.</summary>
    internal IEnumerable<string> Problems()
    {
        if ((Features & ~WasmFeatures.All) != WasmFeatures.None) yield return $"Features names unknown features: {Features}.";
        if (ModuleBytesMax < 8) yield return $"ModuleBytesMax is {ModuleBytesMax}; it must be at least 8 bytes.";
        if (FunctionBytesMax < 1) yield return $"FunctionBytesMax is {FunctionBytesMax}; it must be at least 1 byte.";
        if (LocalsMax is < 1 or > 50_000) yield return $"LocalsMax is {LocalsMax}; it must be 1 to 50,000.";
        if (ParametersMax is < 1 or > 1_000) yield return $"ParametersMax is {ParametersMax}; it must be 1 to 1,000.";
        if (NestingMax is < 1 or > 1_000_000) yield return $"NestingMax is {NestingMax}; it must be 1 to 1,000,000.";
        if (MemoriesMax is < 0 or > 255) yield return $"MemoriesMax is {MemoriesMax}; it must be 0 to 255.";
        if (MemoryPagesMax is < 0 or > 16_777_216) yield return $"MemoryPagesMax is {MemoryPagesMax}; it must be 0 to 16,777,216 pages.";
        if (TableElementsMax is < 0 or > 100_000_000) yield return $"TableElementsMax is {TableElementsMax}; it must be 0 to 100,000,000.";
        if (CompileQueueMax < 1) yield return $"CompileQueueMax is {CompileQueueMax}; it must be at least 1.";
        if (DefinitionsMax < 0 || ImportsMax < 0 || TablesMax < 0 || InstancesMax < 0)
            yield return "DefinitionsMax, ImportsMax, TablesMax and InstancesMax must not be negative.";
        if (MemoryBytesMax < 0 || CopiedBytesMax < 0 || KeptMemoriesMax < 0 || KeptBytesMax < 0)
            yield return "MemoryBytesMax, CopiedBytesMax, KeptMemoriesMax and KeptBytesMax must not be negative.";
        foreach (string problem in Budget.Problems()) yield return problem;
    }
}

/// <summary>What a call may spend. Immutable.</summary>
public sealed record WasmBudget
{
    /// <summary>
    /// Fuel: about one unit per instruction executed (docs/wasm.md has the rule). Deterministic for a module and its inputs. Default
    /// 10,000,000,000.
    /// </summary>
    public long Fuel { get; init; } = 10_000_000_000;

    /// <summary>Time from the beginning of the call. Default 30 s; <see cref="Timeout.InfiniteTimeSpan"/> for none.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Stops the call when cancelled, within one slice of fuel.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>The guest's stack, in bytes: 4 KiB to 256 MiB. Default 1 MiB.</summary>
    public int StackBytes { get; init; } = 1 << 20;

    /// <summary>
    /// How much fuel is spent between two looks at the clock and the cancellation; at least 266,666. Default 1,000,000, a millisecond at most.
    /// </summary>
    public int SliceFuel { get; init; } = 1_000_000;

    /// <summary>Whether there are no <see cref="Problems"/>, without allocating.</summary>
    internal bool IsSound =>
        Fuel >= 0 && (Time > TimeSpan.Zero || Time == Timeout.InfiniteTimeSpan) && StackBytes is >= 4_096 and <= 256 << 20 && SliceFuel >= 1;

    internal IEnumerable<string> Problems()
    {
        if (Fuel < 0) yield return $"Fuel is {Fuel}; it must not be negative.";
        if (Time <= TimeSpan.Zero && Time != Timeout.InfiniteTimeSpan) yield return $"Time is {Time}; it must be above zero, or infinite.";
        if (StackBytes is < 4_096 or > 256 << 20) yield return $"StackBytes is {StackBytes}; it must be 4,096 to 268,435,456.";
        if (SliceFuel < 1) yield return $"SliceFuel is {SliceFuel}; it must be at least 1.";
    }
}
