using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Sirsi.Wasm.Wasi;

/// <summary>
/// WASI preview 1 (module <c>wasi_snapshot_preview1</c>) for one guest: its arguments, open descriptors and what it has used of its limits.
/// Belongs to the thread that runs the guest; disposing closes what the guest left open. Sandbox and limits: docs/wasi-extism.md.
/// </summary>
public sealed class WasiHost : IDisposable
{
    /// <summary>The name modules import its functions by.</summary>
    public const string ModuleName = "wasi_snapshot_preview1";

    private WasmInstance? _caller;
    private WasmMemory? _memory;

    /// <summary>A host with the given grants and limits; opens the folders.</summary>
    /// <exception cref="ArgumentException">The options break rules; the message names all of them.</exception>
    /// <exception cref="DirectoryNotFoundException">A granted folder does not exist or cannot be opened.</exception>
    /// <exception cref="PlatformNotSupportedException">Folders are granted on a system other than Linux.</exception>
    public WasiHost(WasiOptions options)
        : this(options, new FolderWalk(allowKernel: true))
    {
    }

    internal WasiHost(WasiOptions options, FolderWalk walk)
    {
        ArgumentNullException.ThrowIfNull(options);
        string problems = string.Join(' ', options.Problems());
        if (problems.Length > 0) throw new ArgumentException(problems, nameof(options));
        if (options.Folders.Length > 0 && !OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("Folders can be granted on Linux only.");
        Options = options;
        Walk = walk;
        Arguments = StringBlock.Of(options.Arguments);
        Environment = StringBlock.Of(options.Environment
            .OrderBy(static pair => pair.Key, StringComparer.Ordinal)
            .Select(static pair => $"{pair.Key}={pair.Value}"));
        Started = options.Clock?.GetTimestamp() ?? 0;
        Table = new(options.DescriptorsMax);
        Table.Add(new InputDescriptor(options.StandardInput));
        Table.Add(new OutputDescriptor(options.StandardOutput));
        Table.Add(new OutputDescriptor(options.StandardError));
        try
        {
            foreach (WasiFolder folder in options.Folders) Table.Add(Open(folder));
        }
        catch
        {
            Table.Dispose();
            throw;
        }
    }

    internal WasiOptions Options { get; }

    internal FolderWalk Walk { get; }

    internal StringBlock Arguments { get; }

    internal StringBlock Environment { get; }

    internal DescriptorTable Table { get; }

    /// <summary>The reading of the clock when the host was made; the guest's monotonic clock begins there.</summary>
    internal long Started { get; }

    /// <summary>Bytes printed so far.</summary>
    internal long Printed { get; set; }

    /// <summary>Bytes written to files or reserved for them so far.</summary>
    internal long Written { get; set; }

    /// <summary>Makes its functions importable.</summary>
    /// <returns>The same linker.</returns>
    public WasmLinker DefineOn(WasmLinker linker)
    {
        ArgumentNullException.ThrowIfNull(linker);
        foreach ((string name, WasmFunctionType type, WasiBody body, int cost) in WasiFunctions.All)
        {
            if (linker.Wants(ModuleName, name)) linker.Define(ModuleName, name, new WasmFunction(type, new WasiFunction(this, body, cost, !type.Results.IsEmpty)));
        }

        return linker;
    }

    /// <summary>Instantiates a command with nothing but WASI to import, and runs its <c>_start</c>.</summary>
    /// <param name="module">A command: a module that exports <c>_start</c>.</param>
    /// <param name="call">The budget; the engine's default without one.</param>
    /// <returns>The exit code; 0 when the program returned.</returns>
    /// <exception cref="WasmException">It imports something else, or passes a limit.</exception>
    /// <exception cref="WasmTrap">The guest was stopped.</exception>
    /// <exception cref="ArgumentException">The module exports no <c>_start</c>.</exception>
    public int Run(WasmModule module, WasmCall? call = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        using WasmCall? own = call is null ? new WasmCall(module.Engine) : null;
        WasmCall used = call ?? own!;
        return ExitCode(() => Start(DefineOn(new WasmLinker(module.Engine)).Instantiate(module, used), used));
    }

    /// <summary>Runs the <c>_start</c> of an instance that was linked to a host.</summary>
    /// <inheritdoc cref="Run(WasmModule, WasmCall)"/>
    public static int Run(WasmInstance instance, WasmCall? call = null)
    {
        ArgumentNullException.ThrowIfNull(instance);
        using WasmCall? own = call is null ? new WasmCall(instance.Module.Engine) : null;
        WasmCall used = call ?? own!;
        return ExitCode(() => Start(instance, used));
    }

    /// <summary>Closes all descriptors; the streams of the options stay open.</summary>
    public void Dispose() => Table.Dispose();

    internal WasmMemory? MemoryOf(WasmInstance? caller)
    {
        if (caller == _caller) return _memory;
        _caller = caller;
        return _memory = caller?.Memory("memory");
    }

    private static int ExitCode(Action program)
    {
        try
        {
            program();
            return 0;
        }
        catch (WasmTrap trap) when (trap.InnerException is WasiExit exit)
        {
            return exit.Code;
        }
    }

    private static void Start(WasmInstance instance, WasmCall call)
    {
        WasmFunction start = instance.Function("_start")
            ?? throw new ArgumentException("The module is no command: it exports no function \"_start\".", nameof(instance));
        start.Invoke(call);
    }

    private static unsafe FolderDescriptor Open(WasiFolder folder)
    {
        byte[] path = [.. Encoding.UTF8.GetBytes(Path.GetFullPath(folder.HostPath)), 0];
        int number;
        fixed (byte* text = path)
            number = Posix.OpenAt(Posix.CurrentFolder, text, Posix.ReadOnly | Posix.Directory | Posix.CloseOnExec, 0);
        if (number < 0)
            throw new DirectoryNotFoundException(
                $"The granted folder {folder.HostPath} cannot be opened: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
        Rights refused = folder.IsWritable ? Rights.None : Rights.Change;
        return new(
            new SafeFileHandle(number, ownsHandle: true),
            Encoding.UTF8.GetBytes(folder.GuestPath),
            Rights.Folder & ~refused,
            (Rights.Folder | Rights.File) & ~refused);
    }
}
