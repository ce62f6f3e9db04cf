namespace Sirsi.Wasm.Tests.Instances;

/// <summary>What a snapshot holds, and that instances made of one share nothing. Both kinds of memory: small and copied, large and mapped.</summary>
public sealed class SnapshotTests : IDisposable
{
    private const int Small = 1;
    private const int Large = 20;
    private const int Far = 5_000;

    private readonly WasmEngine _engine = new(TimeProvider.System);

    public void Dispose() => _engine.Dispose();

    [Theory, InlineData(Small), InlineData(Large)]
    public void An_instance_of_a_snapshot_goes_on_where_the_other_was(int pages)
    {
        (WasmLinker linker, WasmInstance first) = Make(pages);
        first.Call("store", Far, 99);
        first.Call("next");
        Assert.Equal(pages, first.Call("grow", 2));
        first.Call("store", (pages + 1) * WasmMemory.PageBytes, 77);
        using WasmSnapshot snapshot = first.TakeSnapshot();
        using WasmInstance second = linker.Instantiate(snapshot);
        Assert.Equal(99, second.Call("load", Far));
        Assert.Equal(0x04030201, second.Call("load", Guest.Data));
        Assert.Equal(77, second.Call("load", (pages + 1) * WasmMemory.PageBytes));
        Assert.Equal(7, second.Call("next"));
        Assert.Equal(2, second.Call("pick", 1));
        Assert.Equal(pages + 2, second.Call("grow", 1));
    }

    [Theory, InlineData(Small), InlineData(Large)]
    public void What_one_instance_writes_no_other_sees(int pages)
    {
        (WasmLinker linker, WasmInstance first) = Make(pages);
        using WasmSnapshot snapshot = first.TakeSnapshot();
        using WasmInstance second = linker.Instantiate(snapshot);
        using WasmInstance third = second.Fork();
        first.Call("store", Guest.Data, 1);
        second.Call("store", Guest.Data, 2);
        third.Call("store", Guest.Data, 3);
        using WasmInstance fourth = linker.Instantiate(snapshot);
        Assert.Equal([1, 2, 3, 0x04030201], new[] { first, second, third, fourth }.Select(static one => one.Call("load", Guest.Data)));
        second.Call("next");
        Assert.Equal([6, 7, 6], new[] { first, second, third }.Select(static one => one.Call("next")));
    }

    [Theory, InlineData(Small), InlineData(Large)]
    public void An_instance_is_set_back_with_its_size(int pages)
    {
        (_, WasmInstance instance) = Make(pages);
        using WasmSnapshot snapshot = instance.TakeSnapshot();
        for (int round = 0; round < 3; round++)
        {
            Assert.Equal(6, instance.Call("next"));
            Assert.Equal(pages, instance.Call("grow", 3));
            instance.Call("fill", 0, 0xFF, (pages + 3) * WasmMemory.PageBytes);
            snapshot.Restore(instance);
            Assert.Equal(0x04030201, instance.Call("load", Guest.Data));
            Assert.Equal(0, instance.Call("load", Far));
            Assert.Equal(pages * WasmMemory.PageBytes, instance.Memory("memory")!.ByteLength);
            Assert.Equal(-1, instance.Memory("memory")!.Span(0, pages * WasmMemory.PageBytes).IndexOf((byte)0xFF));
        }

        Assert.Equal(pages, instance.Call("grow", 3));
        Assert.Equal(-1, instance.Memory("memory")!.Span(0, (pages + 3) * WasmMemory.PageBytes).IndexOf((byte)0xFF));
    }

    [Theory, InlineData(Small), InlineData(Large)]
    public void No_byte_of_an_instance_is_ever_seen_in_another(int pages)
    {
        WasmModule[] modules = [_engine.Load(Guest.Bytes(pages)), _engine.Load(Guest.Bytes(pages, 63))];
        var linker = new WasmLinker(_engine);
        for (int round = 0; round < 40; round++)
        {
            WasmInstance instance = linker.Instantiate(modules[round % 3 % 2]);
            Assert.Equal(0x04030201, instance.Call("load", Guest.Data));
            int size = pages;
            if (round % 5 == 0) Assert.Equal(size, instance.Call("grow", round % 4));
            size = (int)instance.Memory("memory")!.Pages;
            Span<byte> bytes = instance.Memory("memory")!.Span(0, size * WasmMemory.PageBytes);
            bytes.Slice(Guest.Data, 4).Clear();
            Assert.False(bytes.ContainsAnyExcept((byte)0));
            instance.Call("fill", 0, 0xEE, size * WasmMemory.PageBytes);
            if (round % 3 == 0) Assert.Throws<WasmTrap>(() => instance.Invoke("trap"));
            instance.Dispose();
        }
    }

    [Fact]
    public void A_snapshot_that_is_gone_is_an_error_and_its_instances_go_on()
    {
        (WasmLinker linker, WasmInstance first) = Make(Large);
        WasmSnapshot snapshot = first.TakeSnapshot();
        using WasmInstance second = linker.Instantiate(snapshot);
        snapshot.Dispose();
        Assert.Throws<ObjectDisposedException>(() => linker.Instantiate(snapshot));
        Assert.Throws<ObjectDisposedException>(() => snapshot.Restore(second));
        Assert.Equal(0x04030201, second.Call("load", Guest.Data));
    }

    [Fact]
    public void A_snapshot_is_restored_to_instances_of_its_own_module_only()
    {
        (_, WasmInstance one) = Make(Small);
        (_, WasmInstance other) = Make(Small);
        using WasmSnapshot snapshot = one.TakeSnapshot();
        Assert.Throws<ArgumentException>(() => snapshot.Restore(other));
        var stranger = new WasmEngine(TimeProvider.System);
        Assert.Throws<ArgumentException>(() => new WasmLinker(stranger).Instantiate(snapshot));
    }

    [Fact]
    public void What_is_not_the_instance_s_own_cannot_be_kept()
    {
        var writer = new ModuleWriter();
        writer.ImportMemory("host", "memory", 1);
        using var memory = new WasmMemory(_engine, new(new(1)));
        WasmInstance importing = new WasmLinker(_engine).Define("host", "memory", memory).Instantiate(_engine.Load(writer.Bytes()));
        Assert.Contains("imported memory", Assert.Throws<InvalidOperationException>(importing.TakeSnapshot).Message, StringComparison.Ordinal);

        writer = Guest.Writer();
        writer.ExportTable();
        WasmInstance instance = new WasmLinker(_engine).Instantiate(_engine.Load(writer.Bytes()));
        instance.Table("table")![1] = WasmFunction.FromHost(static () => 3);
        Assert.Contains("element 1 of table 0", Assert.Throws<InvalidOperationException>(instance.TakeSnapshot).Message, StringComparison.Ordinal);
        instance.Table("table")![1] = null;
        using WasmSnapshot snapshot = instance.TakeSnapshot();
        using WasmInstance second = new WasmLinker(_engine).Instantiate(snapshot);
        Assert.Equal(1, second.Call("pick", 0));
        Assert.Equal(WasmTrapKind.UninitializedElement, Assert.Throws<WasmTrap>(() => second.Call("pick", 1)).Kind);
    }

    [Fact]
    public void Imports_are_linked_anew_and_functions_of_tables_with_them()
    {
        var writer = new ModuleWriter();
        int type = writer.Type([], [ModuleWriter.I32]);
        int imported = writer.Import("host", "who", type);
        writer.Table(imported);
        writer.Function("f", type, [0x41, 0, 0x11, (byte)type, 0]);
        WasmModule module = _engine.Load(writer.Bytes());
        WasmInstance first = new WasmLinker(_engine).DefineFunction("host", "who", static () => 1).Instantiate(module);
        using WasmSnapshot snapshot = first.TakeSnapshot();
        using WasmInstance second = new WasmLinker(_engine).DefineFunction("host", "who", static () => 2).Instantiate(snapshot);
        Assert.Equal([1, 2], [first.Call("f"), second.Call("f")]);
        Assert.Equal(1, first.Fork().Call("f"));
        Assert.Throws<WasmException>(() => new WasmLinker(_engine).Instantiate(snapshot));
    }

    [Fact]
    public void A_snapshot_is_not_taken_inside_a_call()
    {
        var writer = new ModuleWriter();
        int type = writer.Type([], []);
        writer.Import("host", "body", type);
        writer.Function("f", type, [0x10, 0]);
        WasmInstance? instance = null;
        var refused = new List<Exception?>();
        WasmSnapshot? snapshot = null;
        WasmLinker linker = new WasmLinker(_engine).DefineFunction("host", "body", () =>
        {
            refused.Add(Record.Exception(() => instance!.TakeSnapshot()));
            refused.Add(Record.Exception(() => snapshot!.Restore(instance!)));
        });
        instance = linker.Instantiate(_engine.Load(writer.Bytes()));
        snapshot = instance.TakeSnapshot();
        instance.Invoke("f");
        Assert.All(refused, static failure => Assert.IsType<InvalidOperationException>(failure));
        Assert.Equal(2, refused.Count);
    }

    [Fact]
    public void An_instance_made_from_the_module_s_image_costs_the_same_fuel_as_the_first()
    {
        WasmModule module = _engine.Load(Guest.Bytes());
        long[] used =
        [
            .. Enumerable.Range(0, 3).Select(_ =>
            {
                using var call = new WasmCall(_engine);
                using WasmInstance instance = new WasmLinker(_engine).Instantiate(module, call);
                return call.FuelUsed;
            }),
        ];
        Assert.Equal([used[0], used[0], used[0]], used);
    }

    private (WasmLinker Linker, WasmInstance Instance) Make(int pages)
    {
        var linker = new WasmLinker(_engine);
        return (linker, linker.Instantiate(_engine.Load(Guest.Bytes(pages))));
    }
}
