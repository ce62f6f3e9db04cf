namespace Sirsi.Wasm.Wasi;

/// <summary>
/// The guest ended itself by <c>proc_exit</c>. <see cref="WasiHost.Run(WasmModule, WasmCall)"/> turns it into the exit code; who calls
/// functions of an instance on his own finds it as the inner exception of the <see cref="WasmTrap"/>.
/// </summary>
public sealed class WasiExit : Exception
{
    internal WasiExit(int code)
        : base($"The program ended with exit code {code}.") => Code = code;

    /// <summary>The exit code; 0 is success.</summary>
    public int Code { get; }
}
