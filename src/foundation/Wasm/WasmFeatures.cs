namespace Sirsi.Wasm;

/// <summary>
/// What a module may use beyond WebAssembly 2.0 (which, vectors included, is always there). A module that needs a feature that is off is
/// refused with a <see cref="WasmException"/>.
/// </summary>
[Flags]
public enum WasmFeatures
{
    /// <summary>WebAssembly 2.0 and nothing else.</summary>
    None = 0,

    /// <summary>Addition, subtraction and multiplication in constant expressions.</summary>
    ExtendedConstants = 1,

    /// <summary><c>return_call</c> and <c>return_call_indirect</c>.</summary>
    TailCalls = 2,

    /// <summary>More than one memory in a module.</summary>
    MultipleMemories = 4,

    /// <summary>Memories and tables indexed by i64.</summary>
    Memory64 = 8,

    /// <summary>Tags, <c>throw</c>, <c>throw_ref</c>, <c>try_table</c> and exnref.</summary>
    ExceptionHandling = 16,

    /// <summary>Imports grouped by their module name, as newer tools write them.</summary>
    CompactImports = 32,

    /// <summary>Everything the engine implements.</summary>
    All = ExtendedConstants | TailCalls | MultipleMemories | Memory64 | ExceptionHandling | CompactImports,
}
