using System.Diagnostics;
using System.Text.Json;

namespace Sirsi.Wasm.Tests.Fuzzing;

/// <summary>A Node process that runs plain programs, one after the other.</summary>
internal sealed class NodePrograms : IDisposable
{
    private readonly Process _process;

    internal NodePrograms()
    {
        string script = Path.Combine(Repository.Root, "tests", "Wasm.Tests", "Fuzzing", "node-programs.mjs");
        _process = Process.Start(new ProcessStartInfo("node", [script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })
            ?? throw new InvalidOperationException("node did not start");
    }

    /// <summary>How many programs both sides have run.</summary>
    internal int Compared { get; private set; }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5_000)) _process.Kill();
        _process.Dispose();
    }

    /// <summary>How Node differs from the interpreter; what uses up its fuel or stack is left out.</summary>
    internal string? Difference(GuestProgram program)
    {
        IReadOnlyList<string> notes = Execution.Run(program, WasmEngineKind.Interpreter);
        if (notes.Any(static note => note.Contains(nameof(WasmTrapKind.OutOfFuel), StringComparison.Ordinal)
            || note.Contains(nameof(WasmTrapKind.StackExhausted), StringComparison.Ordinal))) return null;
        _process.StandardInput.WriteLine(JsonSerializer.Serialize(Request(program)));
        Compared++;
        string answer = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("node has ended");
        return Differential.Between("Node", [.. Comparable(notes)], JsonSerializer.Deserialize<string[]>(answer)!);
    }

    /// <summary>What both sides can tell: no fuel, no tables, no vectors, and of a trap only that it was one.</summary>
    private static IEnumerable<string> Comparable(IReadOnlyList<string> notes)
    {
        foreach (string note in notes)
        {
            bool isState = note.Length > 1 && note[0] is 'm' or 'g' && char.IsAsciiDigit(note[1]);
            if (note.StartsWith("instantiation", StringComparison.Ordinal)) yield return "instantiation";
            else if (note[0] == '(' || note.StartsWith("log ", StringComparison.Ordinal) || (isState && !note.Contains(':', StringComparison.Ordinal)))
                yield return note;
            else if (char.IsAsciiLetterUpper(note[0])) yield return "trap";
        }
    }

    private static object Request(GuestProgram program)
    {
        var engine = new WasmEngine(TimeProvider.System, Execution.Options(WasmEngineKind.Interpreter));
        WasmModule[] modules = [.. program.Modules.Select(bytes => engine.Load(bytes))];
        return new
        {
            modules = modules.Select((module, index) => new
            {
                bytes = Convert.ToBase64String(program.Modules[index]),
                imported = module.Content.ImportedFunctions,
                state = module.Exports.Where(IsVisible).Select(static export => new { name = export.Name, kind = KindOf(export) }),
            }),
            calls = program.Invocations.Select(call => new
            {
                module = call.Module,
                function = call.Function,
                arguments = call.Arguments.Select(static one => new { kind = one.Type.Name(), value = Text(one) }),
                results = modules[call.Module].Content.Functions[call.Function].Results.Select(static type => type.Name()),
            }),
        };
    }

    private static bool IsVisible(WasmExport export) =>
        export.Type is WasmMemoryType || (export.Type is WasmGlobalType global && global.Value != WasmValueType.V128);

    private static string KindOf(WasmExport export) => export.Type is WasmGlobalType global ? global.Value.Name() : "memory";

    private static string? Text(WasmValue value) =>
        value.Type.IsReference() ? (string?)value.Reference : value.Low.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
