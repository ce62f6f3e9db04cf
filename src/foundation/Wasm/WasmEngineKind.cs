namespace Sirsi.Wasm;

/// <summary>What runs the code of modules. Results, traps and fuel are the same with each.</summary>
public enum WasmEngineKind
{
    /// <summary>Functions begin in the interpreter; those called often or looping long are compiled.</summary>
    Auto = 0,

    /// <summary>Functions are compiled at their first call; those the compiler leaves alone are interpreted.</summary>
    Compiler = 1,

    /// <summary>Everything is interpreted.</summary>
    Interpreter = 2,
}
