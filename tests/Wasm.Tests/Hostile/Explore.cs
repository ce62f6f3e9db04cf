using System.Diagnostics;
namespace Sirsi.Wasm.Tests.Hostile;
public sealed class Explore
{
    [Fact(Explicit = true)]
    public void Times()
    {
        using var probe = new JitProbe();
        foreach ((string name, int[] counts) in new (string, int[])[]
        {
            ("pending operands and blocks", [100, 1_000, 10_000]), ("one expression", [500, 1_000, 2_000, 4_000, 20_000]), ("a deep expression", [1_000, 3_000, 7_000, 20_000]),
            ("nested loops over many locals", [100, 1_000, 5_000, 9_900]), ("loops in a row over many locals", [100, 200, 400, 800]),
            ("calls", [100, 300, 600, 1_000]), ("calls of many types", [100, 300, 1_000]), ("selects", [100, 1_000, 2_000, 4_000]), ("float selects", [100, 300, 600, 1_000]),
            ("accesses", [100, 300, 600, 1_000, 3_000]), ("ifs that assign many locals", [100, 400, 800, 1_000]), ("a br_table", [1_000, 100_000]), ("br_tables out of deep blocks", [100, 1_000, 9_000]),
            ("wide blocks", [10, 30, 100]), ("vectors", [500, 1_000, 2_000]),
        })
            foreach (int count in counts)
            {
                byte[] bytes = Shapes.Named(name, count);
                var engine = new WasmEngine(TimeProvider.System, new WasmOptions { Engine = WasmEngineKind.Compiler, DefinitionsMax = 1000000 });
                long t0 = Stopwatch.GetTimestamp();
                WasmModule module = engine.Load(bytes);
                TimeSpan load = Stopwatch.GetElapsedTime(t0);
                var instance = new WasmLinker(engine).Instantiate(module);
                long before = GC.GetAllocatedBytesForCurrentThread();
                t0 = Stopwatch.GetTimestamp();
                string result;
                try { result = instance.Invoke("f0", WasmValue.I32(3))[0].AsI32.ToString(); } catch (WasmTrap e) { result = e.Kind.ToString(); }
                TimeSpan run = Stopwatch.GetElapsedTime(t0);
                long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                Thread.Sleep(30);
                string tiers = string.Join(",", probe.All.Where(x => x.Name == "wasm-function[0]").Select(x => $"tier{x.Tier}:{x.Bytes}B"));
                probe.Forget();
                Console.WriteLine($"{name,-36} {count,7} {bytes.Length,8} B load {load.TotalMilliseconds,8:n1} ms, first call {run.TotalMilliseconds,8:n1} ms, {allocated / 1024,9:n0} KB {result,12} {tiers}");
            }
    }
}
