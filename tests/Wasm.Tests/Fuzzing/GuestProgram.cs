namespace Sirsi.Wasm.Tests.Fuzzing;

/// <summary>Modules linked to each other, and what is called in them one after the other.</summary>
/// <param name="Modules">Each may import what those before it export, by the module name of its number.</param>
/// <param name="Invocations">The calls, on the same instances.</param>
/// <param name="Fuel">For each call.</param>
/// <param name="StackBytes">For each call.</param>
/// <param name="Patience">After how many interpreted calls the automatic choice compiles a function.</param>
/// <param name="IsPlain">Whether Node 20 can run it.</param>
internal sealed record GuestProgram(
    byte[][] Modules, IReadOnlyList<Invocation> Invocations, long Fuel, int StackBytes, int Patience, bool IsPlain)
{
    internal string Describe()
    {
        var engine = new WasmEngine(TimeProvider.System, Execution.Options(WasmEngineKind.Interpreter));
        IEnumerable<string> modules = Modules.Select((bytes, index) => $"module {index}, {bytes.Length} bytes:\n{Disassembly.Of(engine.Load(bytes))}");
        return $"fuel {Fuel}, stack {StackBytes}, patience {Patience}\n{string.Join('\n', Invocations)}\n{string.Join('\n', modules)}";
    }
}

/// <summary>A call of an exported function.</summary>
internal sealed record Invocation(int Module, int Function, WasmValue[] Arguments)
{
    public override string ToString() => $"module {Module}, f{Function}({string.Join(", ", Arguments.Select(static one => $"{one.Type} 0x{one.Low:x}"))})";
}
