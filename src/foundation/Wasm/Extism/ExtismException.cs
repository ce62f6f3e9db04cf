namespace Sirsi.Wasm.Extism;

/// <summary>A call of a plug-in failed, or its manifest is wrong. The message says what the plug-in itself said, where it said something.</summary>
public sealed class ExtismException : Exception
{
    internal ExtismException(string message, int exitCode = -1, Exception? cause = null)
        : base(message, cause) => ExitCode = exitCode;

    /// <summary>What the plug-in's function or <c>proc_exit</c> gave; -1 when it was stopped or never ran.</summary>
    public int ExitCode { get; }

    /// <summary>The trap that stopped the plug-in; null when none did.</summary>
    public WasmTrap? Trap => InnerException as WasmTrap;
}
