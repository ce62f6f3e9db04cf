using System.Security.Cryptography;

namespace Sirsi.Wasm.Tests.Fuzzing;

/// <summary>Runs a program once in one engine, and writes down all that can be seen of it.</summary>
internal sealed class Execution : IDisposable
{
    private readonly GuestProgram _program;
    private readonly WasmEngine _engine;
    private readonly bool _isMetered;
    private readonly List<WasmInstance> _instances = [];
    private readonly List<string> _notes = [];

    private Execution(GuestProgram program, WasmOptions options)
    {
        _program = program;
        _isMetered = options.Metering;
        _engine = new(TimeProvider.System, options);
    }

    public void Dispose() => _engine.Dispose();

    /// <summary>Functions are compiled where they are called, so that it happens at the same place in every run.</summary>
    internal static WasmOptions Options(WasmEngineKind kind) =>
        new() { Engine = kind, Background = null, MemoryPagesMax = 8, TableElementsMax = 64 };

    internal static IReadOnlyList<string> Run(GuestProgram program, WasmEngineKind kind, bool isMetered = true) =>
        Run(program, Options(kind) with { Metering = isMetered });

    internal static IReadOnlyList<string> Run(GuestProgram program, WasmOptions options) => Run(program, options, out _);

    /// <summary>Also tells how many loops were compiled apart from their functions.</summary>
    internal static IReadOnlyList<string> Run(GuestProgram program, WasmOptions options, out int loops)
    {
        using var execution = new Execution(program, options);
        if (execution.Instantiate())
            foreach (Invocation invocation in program.Invocations) execution.Invoke(invocation);
        loops = execution._instances.Sum(static instance => instance.Module.Code.LoopsMade);
        return execution._notes;
    }

    internal void Note(string note)
    {
        if (_notes.Count < 10_000) _notes.Add(note);
    }

    internal string Describe(ReadOnlySpan<WasmValue> values)
    {
        var parts = new List<string>();
        foreach (WasmValue value in values) parts.Add(Describe(value));
        return $"({string.Join(", ", parts)})";
    }

    private unsafe string Describe(WasmValue value) => value.Type switch
    {
        WasmValueType.I32 or WasmValueType.I64 => $"{value.Low:x}",
        WasmValueType.F32 => float.IsNaN(value.AsF32) ? "nan" : $"{value.Low:x}",
        WasmValueType.F64 => double.IsNaN(value.AsF64) ? "nan" : $"{value.Low:x}",
        WasmValueType.V128 => $"{value.Low:x}:{value.High:x}",
        _ => DescribeReference(value.Reference),
    };

    private unsafe string DescribeReference(object? reference) => reference switch
    {
        null => "null",
        WasmFunction { Instance: { } instance } function => $"module {_instances.IndexOf(instance)} function {function.Header->Index}",
        WasmFunction => "host function",
        string text => text,
        _ => reference.GetType().Name,
    };

    /// <summary>At which instruction of a loop's head fuel is missed is the engine's own business.</summary>
    private static string Describe(WasmTrap trap, WasmFrame frame, int depth) =>
        depth == 0 && trap.Kind == WasmTrapKind.OutOfFuel ? frame.FunctionName : frame.ToString();

    private bool Instantiate()
    {
        var linker = new WasmLinker(_engine);
        HostFunctions.Define(linker, this);
        using var call = new WasmCall(_engine);
        try
        {
            foreach (byte[] bytes in _program.Modules)
            {
                WasmModule module = _engine.Load(bytes);
                SetPatience(module);
                WasmInstance instance = linker.Instantiate(module, call);
                linker.Define($"{_instances.Count}", instance);
                _instances.Add(instance);
            }

            return true;
        }
        catch (WasmTrap trap)
        {
            Note($"instantiation: {trap.Kind}");
            return false;
        }
    }

    private unsafe void SetPatience(WasmModule module)
    {
        if (_engine.Options.Engine != WasmEngineKind.Auto) return;
        for (int i = 0; i < module.Content.Bodies.Length; i++) module.Headers[i].Patience = _program.Patience;
    }

    private void Invoke(Invocation invocation)
    {
        WasmFunction function = _instances[invocation.Module].Function($"f{invocation.Function}")!;
        using var call = new WasmCall(_engine, new WasmBudget { Fuel = _program.Fuel, StackBytes = _program.StackBytes, SliceFuel = 1 });
        try
        {
            Note(Describe(function.Invoke(call, invocation.Arguments)));
        }
        catch (WasmTrap trap)
        {
            // A trap within the host that was called is the host's business to describe.
            Note($"{trap.Kind} {string.Join(" < ", trap.Frames.Select((frame, depth) => Describe(trap, frame, depth)))}");
            if (trap.Kind == WasmTrapKind.HostFailure && trap.InnerException!.Message != "failed on purpose") throw;
        }

        if (_isMetered) Note($"fuel {call.FuelUsed}");
        foreach (WasmInstance instance in _instances) NoteState(instance);
    }

    private void NoteState(WasmInstance instance)
    {
        foreach (WasmExport export in instance.Module.Exports)
        {
            switch (instance.Export(export))
            {
                case WasmMemory memory:
                    byte[] hash = SHA256.HashData(memory.Span(0, (int)memory.ByteLength));
                    Note($"{export.Name} {memory.Pages} {Convert.ToHexString(hash.AsSpan(0, 8))}");
                    break;
                case WasmGlobal global: Note($"{export.Name} {Describe(global.Value)}"); break;
                case WasmTable table:
                    Note($"{export.Name} {string.Join(", ", table.Elements.ToArray().Select(DescribeReference))}");
                    break;
            }
        }
    }
}
