using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sirsi.Wasm.Benchmarks;

/// <summary>
/// This engine's counterpart of node-runner.mjs: one command a line on standard input, a line of JSON for each answer. That file describes
/// the commands.
/// </summary>
internal sealed class Runner(WasmOptions options) : IDisposable
{
    private readonly WasmEngine _engine = new(TimeProvider.System, options);
    private WasmInstance? _instance;
    private int _loads;

    public void Dispose() => _engine.Dispose();

    public void Serve(TextReader commands, TextWriter answers)
    {
        while (commands.ReadLine() is { } line)
        {
            JsonObject answer;
            try
            {
                answer = Answer(line.Split('\t'));
            }
            catch (Exception failure)
                when (failure is WasmException or WasmTrap or ArgumentException or InvalidOperationException or IOException)
            {
                answer = new() { ["error"] = $"{failure.Message} {failure.InnerException?.Message}".TrimEnd() };
            }

            answers.WriteLine(answer.ToJsonString(JsonSerializerOptions.Default));
            answers.Flush();
        }
    }

    private JsonObject Answer(string[] command) => command switch
    {
        ["load", var file] => Load(file),
        ["run", var n] => Run(Number(n)),
        ["instances", var file, var count] => Measure(file, runner => runner.Instances(Number(count))),
        ["traps", var file, var count] => Measure(file, runner => runner.Traps(Number(count))),
        ["calls", var file, var count] => Measure(file, runner => runner.Calls(Number(count))),
        _ => throw new ArgumentException($"Unknown command \"{string.Join(' ', command)}\"."),
    };

    private JsonObject Load(string file)
    {
        byte[] bytes = [.. File.ReadAllBytes(file), 0, 3, 1, (byte)'n', (byte)(_loads++ & 0x7F)];
        long began = Stopwatch.GetTimestamp();
        WasmModule module = _engine.Load(bytes);
        double loaded = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        _instance = HostImports.Linker(_engine).Instantiate(module);
        if (_instance.Function("_initialize") is { } initialize) initialize.Invoke();
        int small = _instance.Invoke("small_n")[0].AsI32;
        _instance.Invoke("run", WasmValue.I32(small));
        double first = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        return new()
        {
            ["load_ms"] = loaded,
            ["first_ms"] = first,
            ["small_n"] = small,
            ["usual_n"] = _instance.Invoke("usual_n")[0].AsI32,
        };
    }

    private JsonObject Measure(string file, Func<InstanceRunner, JsonObject> what)
    {
        using var runner = new InstanceRunner(_engine, file);
        return what(runner);
    }

    private JsonObject Run(int n)
    {
        WasmInstance instance = _instance ?? throw new InvalidOperationException("No module is loaded.");
        TimeSpan before = Environment.CpuUsage.TotalTime;
        WasmValue result = instance.Invoke("run", WasmValue.I32(n))[0];
        double spent = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds;
        return new() { ["cpu_ms"] = spent, ["checksum"] = Checksum(result) };
    }

    /// <summary>An integer of 64 bits in decimal, any other number as the bits of an f64: a text both sides make the same way.</summary>
    internal static string Checksum(WasmValue value)
    {
        if (value.Type == WasmValueType.I64) return value.AsI64.ToString(CultureInfo.InvariantCulture);
        double number = value.Type switch
        {
            WasmValueType.I32 => value.AsI32,
            WasmValueType.F32 => value.AsF32,
            _ => value.AsF64,
        };
        return BitConverter.DoubleToUInt64Bits(number).ToString("x16", CultureInfo.InvariantCulture);
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}
