namespace Sirsi.Wasm.Tests;

/// <summary>Modules that mean harm: whatever they are, the answer is a refusal or a trap.</summary>
public sealed class HostileModuleTests
{
    private const int Seed = 20_261_121;

    private static readonly WasmOptions Tight = new() { MemoryPagesMax = 16, Budget = new() { Fuel = 20_000, StackBytes = 65_536 } };

    [Fact]
    public void Twenty_thousand_mutated_modules_are_refused_or_run_within_their_limits() => Mutate(20_000);

    [Fact, Trait("Suite", "full")]
    public void A_million_mutated_modules_are_refused_or_run_within_their_limits() => Mutate(1_000_000);

    [Fact]
    public void Every_prefix_of_a_module_is_refused()
    {
        byte[] module = Sample().Bytes();
        var engine = new WasmEngine(TimeProvider.System);
        for (int length = 0; length < module.Length; length++)
        {
            // A prefix that ends between sections may be a smaller module; it is one without the code its functions need.
            byte[] prefix = module[..length];
            if (length is 8 || IsModuleWithoutFunctions(engine, prefix)) continue;
            WasmException refused = Assert.Throws<WasmException>(() => engine.Load(prefix));
            Assert.InRange(refused.Offset, 0, length);
            Assert.Throws<WasmException>(() => engine.Load(new MemoryStream(prefix)));
        }
    }

    [Fact]
    public void Loading_from_a_stream_and_from_memory_agree()
    {
        byte[] module = Sample().Bytes();
        var engine = new WasmEngine(TimeProvider.System);
        Assert.Equal(engine.Load(module).Exports, engine.Load(new MemoryStream(module)).Exports);
    }

    [Fact]
    public void A_section_that_lies_about_its_size_costs_no_memory()
    {
        byte[] module = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0x1F, 0];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<WasmException>(() => new WasmEngine(TimeProvider.System).Load(new MemoryStream(module)));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void A_vector_that_lies_about_its_length_costs_no_memory()
    {
        byte[] module = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0, 1, 5, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F];
        var engine = new WasmEngine(TimeProvider.System);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(WasmErrorKind.Malformed, Assert.Throws<WasmException>(() => engine.Load(module)).Kind);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void Four_billion_locals_are_refused()
    {
        var writer = new ModuleWriter();
        int type = writer.Type([], []);
        writer.Function("f", type, [], (int.MaxValue, ModuleWriter.I64));
        var engine = new WasmEngine(TimeProvider.System);
        Assert.Equal(WasmErrorKind.LimitExceeded, Assert.Throws<WasmException>(() => engine.Load(writer.Bytes())).Kind);
    }

    [Fact]
    public void Fifty_thousand_locals_run_and_recursion_over_them_traps()
    {
        var writer = new ModuleWriter();
        int type = writer.Type([], []);
        writer.Function("f", type, [0x10, 0], (50_000, ModuleWriter.I64));
        Assert.Equal(WasmTrapKind.StackExhausted, Assert.Throws<WasmTrap>(() => Instance(writer).Invoke("f")).Kind);
    }

    [Fact]
    public void Nesting_beyond_the_limit_is_refused_and_up_to_it_runs()
    {
        Assert.Equal(WasmErrorKind.LimitExceeded, Assert.Throws<WasmException>(() => Nested(10_001)).Kind);
        Assert.Empty(Nested(9_999).Invoke("f"));
    }

    [Fact]
    public void Fifty_thousand_functions_load_and_the_last_one_runs()
    {
        var writer = new ModuleWriter();
        int type = writer.Type([], [ModuleWriter.I32]);
        for (int i = 0; i < 50_000; i++) writer.Function("f" + i, type, [0x41, (byte)(i & 0x3F)]);
        Assert.Equal(49_999 & 0x3F, Instance(writer).Invoke("f49999")[0].AsI32);
    }

    [Fact]
    public void Block_types_that_multiply_work_are_refused()
    {
        var writer = new ModuleWriter();
        byte[] thousand = [.. Enumerable.Repeat(ModuleWriter.I32, 1_000)];
        int wide = writer.Type(thousand, thousand);
        int type = writer.Type([], []);
        byte[] values = [.. Enumerable.Repeat((byte[])[0x41, 0], 1_000).SelectMany(static value => value)];
        byte[] blocks = [.. Enumerable.Repeat((byte[])[0x02, (byte)wide, 0x0B], 100_000).SelectMany(static block => block)];
        writer.Function("f", type, [.. values, .. blocks, 0x00]);
        var engine = new WasmEngine(TimeProvider.System);
        Assert.Equal(WasmErrorKind.LimitExceeded, Assert.Throws<WasmException>(() => engine.Load(writer.Bytes())).Kind);
    }

    private static WasmInstance Nested(int depth)
    {
        var writer = new ModuleWriter();
        int type = writer.Type([], []);
        IEnumerable<byte> begins = Enumerable.Repeat((byte[])[0x02, 0x40], depth).SelectMany(static block => block);
        writer.Function("f", type, [.. begins, .. Enumerable.Repeat((byte)0x0B, depth)]);
        return Instance(writer);
    }

    private static WasmInstance Instance(ModuleWriter writer)
    {
        var engine = new WasmEngine(TimeProvider.System);
        return new WasmLinker(engine).Instantiate(engine.Load(writer.Bytes()));
    }

    private static ModuleWriter Sample()
    {
        var writer = new ModuleWriter();
        int type = writer.Type([ModuleWriter.I32], [ModuleWriter.I32]);
        writer.Memory(1, 2);
        writer.Table(0);
        writer.Function("f", type, [0x20, 0, 0x28, 2, 4, 0x41, 1, 0x6A]);
        return writer;
    }

    private static bool IsModuleWithoutFunctions(WasmEngine engine, byte[] bytes)
    {
        try
        {
            return engine.Load(bytes).Exports.IsEmpty;
        }
        catch (WasmException)
        {
            return false;
        }
    }

    private static void Mutate(int runs)
    {
        byte[][] modules =
        [
            .. new[] { "wasm-spec/core", "wasm-spec/proposals/exception-handling" }
                .SelectMany(static folder => Directory.EnumerateFiles(TestData.Folder(folder), "*.wasm", SearchOption.AllDirectories))
                .Order(StringComparer.Ordinal)
                .Select(File.ReadAllBytes).Where(static bytes => bytes.Length is > 8 and < 4_096),
        ];
        var interpreter = new WasmEngine(TimeProvider.System, Tight with { Engine = WasmEngineKind.Interpreter });
        var compiler = new WasmEngine(TimeProvider.System, Tight with { Engine = WasmEngineKind.Compiler });
        int ran = 0, compiled = 0;
        Check.That(Seed, runs, random =>
        {
            byte[] mutant = Mutant(modules[random.Next(modules.Length)], random);
            if (!Survives(interpreter, mutant)) return;
            ran++;

            // Compiling takes its time: one in ten.
            if (random.Next(10) == 0 && Survives(compiler, mutant)) compiled++;
        });
        Assert.True(ran > runs / 100, $"only {ran} mutants of {runs} were valid: the test does not reach the interpreter");
        Assert.True(compiled > runs / 2_000, $"only {compiled} mutants of {runs} were compiled");
    }

    private static byte[] Mutant(byte[] module, Random random)
    {
        byte[] mutant = [.. module];
        for (int flips = random.Next(1, 4); flips > 0; flips--)
        {
            int at = random.Next(8, mutant.Length);
            mutant[at] = random.Next(3) == 0 ? (byte)random.Next(256) : (byte)(mutant[at] ^ (1 << random.Next(8)));
        }

        return random.Next(8) == 0 ? mutant[..random.Next(mutant.Length)] : mutant;
    }

    /// <summary>Loads, and where that works instantiates and calls every export; anything but a refusal or a trap fails the test.</summary>
    private static bool Survives(WasmEngine engine, byte[] mutant)
    {
        try
        {
            WasmModule module = engine.Load(mutant);
            if (!module.Imports.IsEmpty) return true;
            WasmInstance instance = new WasmLinker(engine).Instantiate(module);
            foreach (WasmExport export in module.Exports)
            {
                if (export.Type is not WasmFunctionType type) continue;
                WasmValue[] arguments = [.. type.Parameters.Select(static one => new WasmValue(one, one.IsReference() ? 0UL : 7UL))];
                try
                {
                    instance.Function(export.Name)!.Invoke(arguments);
                    Assert.All(instance.Memories, static memory => Assert.InRange(memory.Pages, 0, Tight.MemoryPagesMax));
                }
                catch (WasmTrap trap)
                {
                    Assert.NotEqual(WasmTrapKind.HostFailure, trap.Kind);
                }
            }

            return true;
        }
        catch (WasmException)
        {
            return false;
        }
        catch (WasmTrap)
        {
            return true;
        }
    }
}
