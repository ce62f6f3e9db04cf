using System.Runtime.CompilerServices;
using Sirsi.Wasm.Compiler;

namespace Sirsi.Wasm.Tests.Instances;

/// <summary>Many instances at a time, and very many one after another: nothing of the process is used up.</summary>
[Collection("process")]
public sealed class ManyInstancesTests
{
    private const int Large = 20;
    private const int Live = 4_000;

    [Fact]
    public void Thousands_of_small_instances_live_in_a_few_mappings() => LiveTogether(Live);

    [Fact, Trait("Suite", "full")]
    public void A_hundred_and_thirty_thousand_small_instances_live_in_one_process() => LiveTogether(130_000);

    [Fact]
    public void Hundreds_of_modules_come_and_go_without_a_trace() => LoadAndUnload(300);

    [Fact, Trait("Suite", "full")]
    public void Ten_thousand_modules_come_and_go_without_a_trace() => LoadAndUnload(10_000);

    [Fact]
    public void Thousands_of_kept_memories_are_used_without_a_trace() => MakeAndDispose(3_000);

    [Fact, Trait("Suite", "full")]
    public void A_hundred_thousand_kept_memories_are_used_without_a_trace() => MakeAndDispose(100_000);

    [Theory, InlineData(1), InlineData(Large)]
    public void A_module_that_nobody_refers_to_is_given_back_with_its_code(int pages)
    {
        ProcessUse before = ProcessUse.Measure();
        WeakReference[] traces = Use(pages);
        ProcessUse after = ProcessUse.Measure();
        Assert.All(traces, static trace => Assert.False(trace.IsAlive));
        after.AssertFlatSince(before);
    }

    [Fact]
    public void Instances_that_nobody_disposes_of_do_not_pile_up()
    {
        const int Pages = 16, Count = 16_384;
        var engine = new WasmEngine(TimeProvider.System);
        var linker = new WasmLinker(engine);
        WasmModule module = engine.Load(Guest.Bytes(Pages));
        long most = 0;
        for (int i = 0; i < Count; i++)
        {
            linker.Instantiate(module);
            // Those that were found dead are given back; nobody is made to look for more.
            if (i % 256 == 0) GC.WaitForPendingFinalizers();
            most = Math.Max(most, engine.MemoryBytes);
        }

        Assert.InRange(most, 1, (long)Count * Pages * WasmMemory.PageBytes / 4);
    }

    [Theory, InlineData(WasmEngineKind.Interpreter), InlineData(WasmEngineKind.Compiler)]
    public void Nothing_is_given_back_under_a_call(WasmEngineKind kind)
    {
        var writer = new ModuleWriter();
        int type = writer.Type([], [ModuleWriter.I32]);
        int action = writer.Type([], []);
        writer.Import("host", "collect", action);
        writer.Memory(Large, Large);
        writer.Data(100, 1, 2, 3, 4);
        writer.Function("f", type, [0x10, 0, 0x41, 0xE4, 0, 0x28, 0, 0]);
        var engine = new WasmEngine(TimeProvider.System, new WasmOptions { Engine = kind });
        WasmLinker linker = new WasmLinker(engine).DefineFunction("host", "collect", static () => { ProcessUse.Measure(); });
        for (int i = 0; i < 3; i++)
            Assert.Equal(0x04030201, linker.Instantiate(engine.Load(writer.Bytes())).Function("f")!.As<Func<int>>()());
    }

    [Fact]
    public void No_more_memories_are_kept_than_the_options_say()
    {
        var engine = new WasmEngine(TimeProvider.System, new WasmOptions { KeptMemoriesMax = 5, KeptBytesMax = 4 * WasmMemory.PageBytes });
        var linker = new WasmLinker(engine);
        WasmModule[] modules = [.. Enumerable.Range(0, 3).Select(_ => engine.Load(Guest.Bytes()))];
        foreach (WasmModule module in modules)
        {
            WasmInstance[] instances = [.. Enumerable.Range(0, 6).Select(_ => linker.Instantiate(module))];
            foreach (WasmInstance instance in instances) instance.Dispose();
            Assert.Equal(4, engine.Kept.Count);
        }

        // The module that came last has displaced the others.
        Assert.Equal([false, false, true], modules.Select(static module => module.Images![0].HasKept));
    }

    [Fact]
    public void Mappings_that_are_used_up_are_an_error_and_come_back()
    {
        // What begins this large has mappings of its own, of which the engine leaves the rest of the process a quarter.
        if (!OperatingSystem.IsLinux()) return;
        var engine = new WasmEngine(TimeProvider.System);
        var linker = new WasmLinker(engine);
        using WasmSnapshot snapshot = linker.Instantiate(engine.Load(Guest.Bytes(Large))).TakeSnapshot();
        var instances = new List<WasmInstance>();
        WasmException refused = Assert.Throws<WasmException>(() =>
        {
            for (int i = 0; i < 40_000; i++) instances.Add(linker.Instantiate(snapshot));
        });
        Assert.Equal(WasmErrorKind.Resources, refused.Kind);
        Assert.InRange(instances.Count, 10_000, 40_000);
        foreach (WasmInstance instance in instances) instance.Dispose();
        using WasmInstance again = linker.Instantiate(snapshot);
        Assert.Equal(0x04030201, again.Call("load", Guest.Data));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_functions")]
    private static extern ref CompiledFunction?[] Compiled(ModuleCode code);

    private static void LiveTogether(int count)
    {
        var engine = new WasmEngine(TimeProvider.System);
        var linker = new WasmLinker(engine);
        using WasmSnapshot snapshot = linker.Instantiate(engine.Load(Guest.Bytes(1, 1_024))).TakeSnapshot();
        ProcessUse before = ProcessUse.Measure();
        var instances = new WasmInstance[count];
        for (int i = 0; i < count; i++)
        {
            instances[i] = linker.Instantiate(snapshot);
            instances[i].Memory("memory")!.Span(8, 4)[0] = (byte)i;
        }

        // A slab of 256 is one mapping, or part of a neighbour's.
        ProcessUse full = ProcessUse.Measure();
        Assert.InRange(full.Mappings - before.Mappings, int.MinValue, (count / 256) + 256);
        for (int i = 0; i < count; i += 97) Assert.Equal((byte)i, (byte)instances[i].Call("load", 8));
        foreach (WasmInstance instance in instances) instance.Dispose();
        Assert.InRange(engine.InstanceCount, 0, 1);
        ProcessUse.Measure().AssertFlatSince(before with { Resident = before.Resident + engine.Options.KeptBytesMax });
    }

    private static void LoadAndUnload(int count)
    {
        var engine = new WasmEngine(TimeProvider.System, new WasmOptions { Engine = WasmEngineKind.Compiler });
        var linker = new WasmLinker(engine);
        for (int i = 0; i < 20; i++) Cycle(i);
        ProcessUse before = ProcessUse.Measure();
        for (int i = 0; i < count; i++) Cycle(i);
        ProcessUse.Measure().AssertFlatSince(before);
        Assert.Equal(0, engine.MemoryBytes);

        void Cycle(int i)
        {
            using WasmInstance first = linker.Instantiate(engine.Load(Guest.Bytes(i % 2 == 0 ? 1 : Large)));
            using WasmSnapshot snapshot = first.TakeSnapshot();
            using WasmInstance second = linker.Instantiate(snapshot);
            second.Call("store", 4, i);
            Assert.Equal(i, second.Call("load", 4));
        }
    }

    private static void MakeAndDispose(int count)
    {
        var engine = new WasmEngine(TimeProvider.System);
        var linker = new WasmLinker(engine);
        WasmSnapshot[] snapshots =
            [.. new[] { 1, Large }.Select(pages => linker.Instantiate(engine.Load(Guest.Bytes(pages))).TakeSnapshot())];
        Run(500);
        ProcessUse before = ProcessUse.Measure();
        Run(count);
        ProcessUse.Measure().AssertFlatSince(before);
        foreach (WasmSnapshot snapshot in snapshots) snapshot.Dispose();

        void Run(int times)
        {
            for (int i = 0; i < times; i++)
            {
                using WasmInstance instance = linker.Instantiate(snapshots[i % 2]);
                Assert.Equal(0, instance.Call("load", 4));
                instance.Call("store", 4, i);
                if (i % 7 == 0) instance.Call("grow", 1);
                if (i % 11 == 0) Assert.Throws<WasmTrap>(() => instance.Invoke("trap"));
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference[] Use(int pages)
    {
        var engine = new WasmEngine(TimeProvider.System, new WasmOptions { Engine = WasmEngineKind.Compiler });
        WasmModule module = engine.Load(Guest.Bytes(pages));
        var linker = new WasmLinker(engine);
        for (int i = 0; i < 3; i++) Assert.Equal(6, linker.Instantiate(module).Call("next"));
        WasmInstance instance = linker.Instantiate(linker.Instantiate(module).TakeSnapshot());
        var method = Compiled(module.Code).First(static function => function is not null)!.Method;
        return [new(engine), new(module), new(instance), new(instance.Memory("memory")), new(method)];
    }
}
