using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Sirsi.Wasm.Benchmarks;

/// <summary>Measures instances, traps and calls between host and guest, on the module of bench/Wasm/instance.</summary>
internal sealed class InstanceRunner(WasmEngine engine, string file) : IDisposable
{
    private const int WarmingInstances = 2_000;
    private const int Rounds = 9;

    private readonly WasmLinker _linker = HostImports.Linker(engine);
    private readonly WasmSnapshot _snapshot = HostImports.Linker(engine).Instantiate(engine.Load(File.ReadAllBytes(file))).TakeSnapshot();

    /// <summary>Makes instances one after another, each with one call, and tells how long they took.</summary>
    public JsonObject Instances(int count)
    {
        for (int i = 0; i < Math.Min(count, WarmingInstances); i++) First(i);
        var took = new double[count];
        int sum = 0;
        TimeSpan cpuBefore = Environment.CpuUsage.TotalTime;
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            long start = Stopwatch.GetTimestamp();
            sum += First(i);
            took[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        double all = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        double cpu = (Environment.CpuUsage.TotalTime - cpuBefore).TotalMicroseconds;
        Array.Sort(took);
        return new()
        {
            ["p50_us"] = took[(int)(count * 0.5)],
            ["p99_us"] = took[(int)(count * 0.99)],
            ["worst_us"] = took[^1],
            ["mean_us"] = all / count,
            ["cpu_us"] = cpu / count,
            ["checksum"] = Runner.Checksum(WasmValue.I32(sum)),
        };
    }

    /// <summary>Calls that end in a trap, each a call of its own, as an owner of agents makes them.</summary>
    public JsonObject Traps(int count)
    {
        WasmFunction trap = Function(Make(), "trap");
        int caught = 0;
        double best = BestNanoseconds(count, times =>
        {
            for (int i = 0; i < times; i++)
            {
                try
                {
                    trap.Invoke(WasmValue.I32(i));
                }
                catch (WasmTrap)
                {
                    caught++;
                }
            }
        });
        return new() { ["trap_ns"] = best, ["checksum"] = Runner.Checksum(WasmValue.I32(caught)) };
    }

    /// <summary>Calls of the guest by the host within one budget and with a budget each, and calls of the host by the guest.</summary>
    public JsonObject Calls(int count)
    {
        WasmInstance instance = Make();
        WasmFunction function = Function(instance, "add");
        var add = function.As<Func<WasmCall, int, int, int>>();
        var addAlone = function.As<Func<int, int, int>>();
        WasmFunction callHost = Function(instance, "call_host");
        int sum = 0;
        double guest = BestNanoseconds(count, times =>
        {
            using var call = new WasmCall(engine);
            for (int i = 0; i < times; i++) sum = add(call, sum, i);
        });
        int other = 0;
        double budgeted = BestNanoseconds(count, times =>
        {
            for (int i = 0; i < times; i++) other = addAlone(other, i);
        });
        if (other != sum) throw new InvalidOperationException($"Calls with a budget each gave {other}, not {sum}.");
        int last = 0;
        double host = BestNanoseconds(count, times => last = callHost.Invoke(WasmValue.I32(times))[0].AsI32);
        return new()
        {
            ["guest_ns"] = guest,
            ["guest_budget_ns"] = budgeted,
            ["host_ns"] = host,
            ["checksum"] = Runner.Checksum(WasmValue.I32(sum ^ last)),
        };
    }

    public void Dispose() => _snapshot.Dispose();

    /// <summary>The one place that says how an instance is made.</summary>
    private WasmInstance Make() => _linker.Instantiate(_snapshot);

    /// <summary>An instance's whole life: made, called once, given back.</summary>
    private int First(int i)
    {
        using WasmInstance instance = Make();
        return instance.Invoke("first", WasmValue.I32(i))[0].AsI32;
    }

    private static WasmFunction Function(WasmInstance instance, string name) =>
        instance.Function(name) ?? throw new InvalidOperationException($"The module exports no function \"{name}\".");

    /// <summary>The best of several rounds, the earlier of which warm up.</summary>
    private static double BestNanoseconds(int count, Action<int> body)
    {
        double best = double.PositiveInfinity;
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            body(count);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / count);
        }

        return best;
    }
}
