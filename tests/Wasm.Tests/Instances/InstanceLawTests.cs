namespace Sirsi.Wasm.Tests.Instances;

/// <summary>Whatever is done in whatever order, an instance is what its own history made of it.</summary>
public sealed class InstanceLawTests
{
    private const int Seed = 20_261_125;
    private const int Steps = 1_500;
    private const int Most = 24;

    private static readonly int[] Places = [0, 4_092, 65_532, 65_536, 70_000];

    [Theory, InlineData(1), InlineData(2), InlineData(10)]
    public void Instances_snapshots_and_forks_agree_with_a_model(int pages)
    {
        // The smallest bounds, so that memories are kept, displaced, mapped and copied all the time.
        var options = new WasmOptions { CopiedBytesMax = 3 * WasmMemory.PageBytes, KeptMemoriesMax = 3, KeptBytesMax = 30 * WasmMemory.PageBytes };
        var engine = new WasmEngine(TimeProvider.System, options);
        var linker = new WasmLinker(engine);
        WasmModule module = engine.Load(Guest.Bytes(pages, Most));
        var random = new Random(Seed + pages);
        var living = new List<(WasmInstance Instance, State State)>();
        var kept = new List<(WasmSnapshot Snapshot, State State)>();
        for (int step = 0; step < Steps; step++)
        {
            if (living.Count == 0) living.Add((linker.Instantiate(module), new State(pages)));
            int at = random.Next(living.Count);
            (WasmInstance instance, State state) = living[at];
            switch (random.Next(9))
            {
                case 0: living.Add((linker.Instantiate(module), new State(pages))); break;
                case 1: kept.Add((instance.TakeSnapshot(), state.Copy())); break;
                case 2: living.Add((instance.Fork(), state.Copy())); break;
                case 3 when kept.Count > 0:
                    (WasmSnapshot snapshot, State then) = kept[random.Next(kept.Count)];
                    living.Add((linker.Instantiate(snapshot), then.Copy()));
                    break;
                case 4 when kept.Count > 0:
                    (snapshot, then) = kept[random.Next(kept.Count)];
                    snapshot.Restore(instance);
                    living[at] = (instance, then.Copy());
                    break;
                case 5:
                    int more = random.Next(3);
                    Assert.Equal(state.Pages + more <= Most ? state.Pages : -1, instance.Call("grow", more));
                    if (state.Pages + more <= Most) state.Pages += more;
                    break;
                case 6:
                    instance.Dispose();
                    living.RemoveAt(at);
                    break;
                case 7 when kept.Count > 4:
                    kept[0].Snapshot.Dispose();
                    kept.RemoveAt(0);
                    break;
                default:
                    state.Write(instance, random);
                    break;
            }

            if (living.Count > 0)
            {
                (instance, state) = living[random.Next(living.Count)];
                state.Check(instance);
            }

            if (living.Count > 12) Drop(living);
        }

        foreach ((WasmInstance instance, State state) in living) state.Check(instance);
        Assert.Equal(living.Count, engine.InstanceCount);
        Assert.Equal(living.Sum(static one => (long)one.State.Pages) * WasmMemory.PageBytes, engine.MemoryBytes);
    }

    [Theory, InlineData(1), InlineData(20)]
    public void Threads_share_kept_memories_without_seeing_each_other_s_bytes(int pages)
    {
        var engine = new WasmEngine(TimeProvider.System, new WasmOptions { KeptMemoriesMax = 2 });
        using WasmSnapshot snapshot = new WasmLinker(engine).Instantiate(engine.Load(Guest.Bytes(pages))).TakeSnapshot();
        Exception?[] failures = new Exception?[4];
        Thread[] threads =
        [
            .. Enumerable.Range(0, failures.Length).Select(thread => new Thread(() => failures[thread] = Record.Exception(() =>
            {
                var linker = new WasmLinker(engine);
                for (int i = 0; i < 300; i++)
                {
                    using WasmInstance instance = linker.Instantiate(snapshot);
                    Assert.Equal(0, instance.Call("load", 8));
                    Assert.Equal(0x04030201, instance.Call("load", Guest.Data));
                    instance.Call("store", 8, thread + 1);
                    instance.Call("store", Guest.Data, thread + 1);
                    Assert.Equal(thread + 1, instance.Call("load", 8));
                }
            }))),
        ];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.All(failures, Assert.Null);
    }

    private static void Drop(List<(WasmInstance Instance, State State)> living)
    {
        living[0].Instance.Dispose();
        living.RemoveAt(0);
    }

    /// <summary>What an instance should be.</summary>
    private sealed class State(int pages)
    {
        private readonly Dictionary<int, int> _words = [];
        private int _global = 5;

        internal int Pages { get; set; } = pages;

        internal State Copy()
        {
            var copy = new State(Pages) { _global = _global };
            foreach ((int at, int value) in _words) copy._words[at] = value;
            return copy;
        }

        internal void Write(WasmInstance instance, Random random)
        {
            Assert.Equal(++_global, instance.Call("next"));
            int at = random.Next(3) == 0 ? (Pages * WasmMemory.PageBytes) - 4 : Places[random.Next(Places.Length)];
            if (at + 4 > Pages * WasmMemory.PageBytes)
            {
                Assert.Throws<WasmTrap>(() => instance.Call("store", at, 1));
                return;
            }

            int value = random.Next();
            _words[at] = value;
            instance.Call("store", at, value);
        }

        internal void Check(WasmInstance instance)
        {
            Span<byte> bytes = instance.Memory("memory")!.Span(0, Pages * WasmMemory.PageBytes);
            Assert.Equal(bytes.Length, instance.Memory("memory")!.ByteLength);
            var expected = new byte[bytes.Length];
            BitConverter.TryWriteBytes(expected.AsSpan(Guest.Data), 0x04030201);
            foreach ((int at, int value) in _words) BitConverter.TryWriteBytes(expected.AsSpan(at), value);
            Assert.True(bytes.SequenceEqual(expected));
            Assert.Equal(_global, instance.Global("global")!.Value.AsI32);
        }
    }
}
