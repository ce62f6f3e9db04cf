using System.Collections.Immutable;
using Sirsi.Wasm.Wasi;

namespace Sirsi.Wasm.Extism;

/// <summary>
/// A plug-in of the Extism ABI 1.x: functions that take bytes and give bytes. Variables and the plug-in's own memory live from call to call;
/// the blocks of a call do not. After a call that was stopped, or of <c>_start</c>, the next call gets a fresh instance. One call at a
/// time; not thread-safe.
/// </summary>
public sealed class ExtismPlugin : IDisposable
{
    private readonly ExtismProgram _program;
    private readonly ExtismManifest _manifest;
    private readonly ExtismOptions _options;
    private readonly ExtismKernel _kernel;
    private WasmInstance? _instance;
    private WasiHost? _wasi;
    private bool _isCalling;

    /// <summary>Loads the modules; nothing of the plug-in runs before the first call.</summary>
    /// <inheritdoc cref="ExtismProgram(ExtismManifest, ExtismOptions)" path="/exception"/>
    public ExtismPlugin(ExtismManifest manifest, ExtismOptions options)
        : this(new ExtismProgram(manifest, options))
    {
    }

    /// <summary>A plug-in of a program that is loaded already; nothing of it runs before the first call.</summary>
    /// <param name="program">What it runs. Any number of plug-ins share one.</param>
    /// <param name="variables">Where its variables are kept; by default in itself.</param>
    public ExtismPlugin(ExtismProgram program, IExtismVariables? variables = null)
    {
        ArgumentNullException.ThrowIfNull(program);
        _program = program;
        (_manifest, _options) = (program.Manifest, program.Options);
        _kernel = new(program.Engine, _manifest, _options, variables ?? new KeptVariables(_manifest.VariableBytesMax)) { Plugin = this };
    }

    /// <summary>What the one who owns the plug-in wants its host functions to find at it (<see cref="ExtismCall.State"/>).</summary>
    public object? State { get; set; }

    /// <summary>Whether the plug-in exports a function of that name that can be called: without parameters.</summary>
    public bool HasFunction(string name) => _program.HasFunction(name);

    /// <summary>The functions that can be called, in the order of the module's exports.</summary>
    public ImmutableArray<string> Functions => _program.Functions;

    /// <summary>Calls a function.</summary>
    /// <param name="function">The name it is exported by.</param>
    /// <param name="input">What it can read as its input.</param>
    /// <param name="cancellation">Stops the call.</param>
    /// <returns>What it set as its output; empty when it set none.</returns>
    /// <exception cref="ExtismException">
    /// The plug-in reported an error, was stopped, gave a code other than 0, or has no such function.
    /// </exception>
    /// <exception cref="WasmException">Something it imports is not there.</exception>
    /// <exception cref="InvalidOperationException">A call is under way.</exception>
    public byte[] Call(string function, ReadOnlySpan<byte> input, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(function);
        if (_isCalling) throw new InvalidOperationException("A call of the plug-in is under way; it does one at a time.");
        if (!HasFunction(function)) throw new ExtismException($"The plug-in has no function \"{function}\" without parameters.");
        using var call = new WasmCall(_program.Engine, _options.Engine.Budget with { Time = _manifest.Timeout, Cancellation = cancellation }) { Owner = _kernel };
        _isCalling = true;
        try
        {
            return Run(call, function, input);
        }
        catch (WasmTrap trap)
        {
            Discard();
            return trap.InnerException is WasiExit { Code: 0 } ? Output() : throw Explain(trap);
        }
        finally
        {
            if (function == "_start" || _instance is null) Discard();
            _isCalling = false;
        }
    }

    /// <summary>Makes the instance that the first call would make.</summary>
    /// <inheritdoc cref="Call" path="/exception"/>
    public void Start()
    {
        if (_isCalling) throw new InvalidOperationException("A call of the plug-in is under way; it does one at a time.");
        using var call = new WasmCall(_program.Engine, _options.Engine.Budget with { Time = _manifest.Timeout }) { Owner = _kernel };
        _isCalling = true;
        try
        {
            _kernel.Begin([]);
            _instance ??= Instantiate(call);
        }
        catch (WasmTrap trap)
        {
            Discard();
            throw Explain(trap);
        }
        finally
        {
            _isCalling = false;
        }
    }

    /// <summary>
    /// What its memory, globals and tables are between two calls; variables and the open files of WASI are no part of it. Null when nothing of it has run since it was made or stopped, or when it consists
    /// of several modules or has a state that is not its own. The caller disposes of it.
    /// </summary>
    /// <exception cref="InvalidOperationException">A call is under way.</exception>
    public WasmSnapshot? TakeSnapshot()
    {
        if (_isCalling) throw new InvalidOperationException("A call of the plug-in is under way: take the snapshot when that is over.");
        return _instance is { } instance && _program.Parts.IsEmpty && WasmSnapshot.Foreign(_program.Main.Content) is null ? instance.TakeSnapshot() : null;
    }

    /// <summary>Goes on from a snapshot of this plug-in or of another of its program; with null, from the beginning. Variables stay what they are.</summary>
    /// <exception cref="ArgumentException">The snapshot is of another program.</exception>
    /// <exception cref="InvalidOperationException">A call is under way.</exception>
    /// <exception cref="WasmException">A limit is passed, or the machine has no room.</exception>
    public void Restore(WasmSnapshot? snapshot)
    {
        if (_isCalling) throw new InvalidOperationException("A call of the plug-in is under way: restore it when that is over.");
        if (snapshot is not null && snapshot.Module != _program.Main) throw new ArgumentException("The snapshot is of another program.", nameof(snapshot));
        if (snapshot is not null && _instance is { } instance)
        {
            RestoreInto(instance, snapshot);
            return;
        }

        Discard();
        if (snapshot is not null) _instance = Link().Instantiate(snapshot);
    }

    private void RestoreInto(WasmInstance instance, WasmSnapshot snapshot)
    {
        try
        {
            snapshot.Restore(instance);
        }
        catch
        {
            // It may have been set back in part.
            Discard();
            throw;
        }
    }

    /// <summary>A copy of one of the plug-in's variables; null when it has none of that name.</summary>
    public byte[]? Variable(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _kernel.Variables.Get(name)?.ToArray();
    }

    /// <summary>Sets one of the plug-in's variables; null removes it.</summary>
    /// <exception cref="InvalidOperationException">There would be more of them than the manifest allows.</exception>
    public void SetVariable(string name, byte[]? value)
    {
        ArgumentNullException.ThrowIfNull(name);
        _kernel.Variables.Set(name, value?.ToArray());
    }

    /// <summary>Gives back what the plug-in holds. It cannot be called any more.</summary>
    /// <exception cref="InvalidOperationException">A call is under way.</exception>
    public void Dispose()
    {
        if (_isCalling) throw new InvalidOperationException("A call of the plug-in is under way: dispose of it when that is over.");
        Discard();
        _kernel.Memory.Dispose();
    }

    private byte[] Run(WasmCall call, string function, ReadOnlySpan<byte> input)
    {
        _kernel.Begin([]);
        _instance ??= Instantiate(call);
        _kernel.Begin(input);
        WasmValue[] results = _instance.Function(function)!.Invoke(call);
        if (_kernel.Error is { } error) throw new ExtismException(error, Code(results));
        return Code(results) == 0 ? Output() : throw new ExtismException($"The plug-in gave the code {Code(results)}.", Code(results));
    }

    private byte[] Output() => _kernel.Error is { } error ? throw new ExtismException(error, 0) : _kernel.Output;

    private static int Code(WasmValue[] results) => results.Length == 0 ? 0 : results[0].AsI32;

    private ExtismException Explain(WasmTrap trap)
    {
        if (_kernel.Error is { } said) return new(said, cause: trap);
        return trap switch
        {
            { InnerException: WasiExit exit } => new($"The plug-in ended with exit code {exit.Code}.", exit.Code, trap),
            { Kind: WasmTrapKind.DeadlineExceeded } => new($"The plug-in ran longer than its time-out of {_manifest.Timeout.TotalSeconds:0.###} s.", cause: trap),
            { Kind: WasmTrapKind.HostFailure, InnerException: { } failure } => new(failure.Message, cause: trap),
            _ => new($"The plug-in was stopped: {trap.Message}", cause: trap),
        };
    }

    private WasmInstance Instantiate(WasmCall call)
    {
        WasmLinker linker = Link();
        foreach ((string? name, WasmModule module) in _program.Parts)
        {
            WasmInstance part = linker.Instantiate(module, call);
            if (name is not null) linker.Define(name, part);
        }

        WasmInstance instance = linker.Instantiate(_program.Main, call);
        Initialize(instance, call);
        return instance;
    }

    /// <summary>What the plug-in's main module finds of the host.</summary>
    private WasmLinker Link()
    {
        if (!_program.UsesWasi && _program.Parts.IsEmpty) return _program.Linker;
        var linker = new WasmLinker(_program.Linker);
        if (!_program.UsesWasi) return linker;
        _wasi = new(_options.Wasi with { Folders = _manifest.AllowedPaths });
        _wasi.DefineOn(linker);
        return linker;
    }

    /// <summary>Starts the run-time of the plug-in's language: Haskell's, else that of WASI reactors.</summary>
    private static void Initialize(WasmInstance instance, WasmCall call)
    {
        WasmFunction? reactor = Plain(instance, "_initialize");
        if (instance.Function("hs_init") is { ExternType.Parameters: [WasmValueType.I32, WasmValueType.I32] } haskell)
        {
            reactor?.Invoke(call);
            haskell.Invoke(call, WasmValue.I32(0), WasmValue.I32(0));
            return;
        }

        (Plain(instance, "__wasm_call_ctors") ?? reactor)?.Invoke(call);
    }

    private static WasmFunction? Plain(WasmInstance instance, string name) =>
        instance.Function(name) is { ExternType: { Parameters.Length: 0, Results.Length: 0 } } function ? function : null;

    private void Discard()
    {
        _instance?.Dispose();
        _instance = null;
        _wasi?.Dispose();
        _wasi = null;
    }
}
