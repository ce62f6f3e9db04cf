using System.Buffers.Binary;
using System.Text;
using Sirsi.Wasm.Wasi;

namespace Sirsi.Wasm.Tests;

/// <summary>The functions themselves, called with arguments no compiler would make. Needs no compiler.</summary>
public sealed class WasiFunctionTests : IDisposable
{
    private const int Fault = 21;
    private const int Scribbled = 8_192;
    private readonly WasmEngine _engine = new(TimeProvider.System);

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void All_functions_of_preview_1_can_be_imported()
    {
        Assert.Equal(46, WasiFunctions.All.Length);
        Assert.Equal(46, WasiFunctions.All.Select(static function => function.Name).Distinct(StringComparer.Ordinal).Count());
        using var host = new WasiHost(new());
        Forwarder(host);
    }

    [Fact]
    public void A_module_prints_and_exits()
    {
        var writer = new ModuleWriter();
        int write = writer.Import(WasiHost.ModuleName, "fd_write", writer.Type([0x7F, 0x7F, 0x7F, 0x7F], [0x7F]));
        int exit = writer.Import(WasiHost.ModuleName, "proc_exit", writer.Type([0x7F], []));
        writer.Memory(1, 1);
        writer.ExportMemory();
        writer.Function("_start", writer.Type([], []),
        [
            .. Store(0, 64), .. Store(4, 3), .. Store(64, 'h' | ('i' << 8) | ('\n' << 16)),
            0x41, 1, 0x41, 0, 0x41, 1, 0x41, 32, 0x10, (byte)write, 0x1A, 0x41, 7, 0x10, (byte)exit, 0x00,
        ]);
        using var output = new MemoryStream();
        using var host = new WasiHost(new() { StandardOutput = output });
        Assert.Equal(7, host.Run(_engine.Load(writer.Bytes())));
        Assert.Equal("hi\n", Encoding.UTF8.GetString(output.ToArray()));
    }

    [Fact]
    public void A_module_without_a_start_function_is_no_command()
    {
        var writer = new ModuleWriter();
        writer.Function("f", writer.Type([], []), []);
        using var host = new WasiHost(new());
        Assert.Contains(
            "_start", Assert.Throws<ArgumentException>(() => host.Run(_engine.Load(writer.Bytes()))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("args_sizes_get", -1, 0)]
    [InlineData("environ_sizes_get", 0, 65_533)]
    [InlineData("clock_time_get", 0, 0L, 65_530)]
    [InlineData("random_get", 65_000, 1_000)]
    [InlineData("random_get", 0, -1)]
    [InlineData("fd_write", 1, 65_530, 1, 0)]
    [InlineData("fd_write", 1, 0, 1, -2)]
    [InlineData("fd_read", 0, -8, 2, 0)]
    [InlineData("fd_fdstat_get", 1, 65_520)]
    [InlineData("fd_prestat_get", 3, -4)]
    [InlineData("fd_filestat_get", 3, 65_500)]
    [InlineData("path_open", 3, 0, 65_000, 1_000, 0, 2L, 2L, 0, 0)]
    [InlineData("poll_oneoff", 0, 65_530, 1, 0)]
    public void A_pointer_out_of_the_memory_is_answered_as_a_fault(string name, params object[] arguments)
    {
        using var folder = new TemporaryFolder();
        using var host = new WasiHost(Options(folder));
        Assert.Equal(Fault, Forwarder(host).Invoke(name, [.. arguments.Select(Value)])[0].AsI32);
    }

    [Fact]
    public void A_module_without_an_exported_memory_gets_faults()
    {
        var writer = new ModuleWriter();
        int type = writer.Type([0x7F, 0x7F], [0x7F]);
        writer.Import(WasiHost.ModuleName, "random_get", type);
        writer.Function("f", type, [0x20, 0, 0x20, 1, 0x10, 0]);
        using var host = new WasiHost(WasiOptions.Deterministic(1, DateTimeOffset.UnixEpoch));
        WasmInstance instance = host.DefineOn(new WasmLinker(_engine)).Instantiate(_engine.Load(writer.Bytes()));
        Assert.Equal(Fault, instance.Invoke("f", WasmValue.I32(0), WasmValue.I32(1))[0].AsI32);
    }

    [Fact]
    public void A_flood_of_bytes_costs_fuel()
    {
        using var host = new WasiHost(WasiOptions.Deterministic(1, DateTimeOffset.UnixEpoch));
        WasmInstance instance = Forwarder(host);
        using var call = new WasmCall(_engine, new() { Fuel = 60_000 });
        Assert.Equal(
            WasmTrapKind.OutOfFuel,
            Assert.Throws<WasmTrap>(() => instance.Function("random_get")!.Invoke(call, WasmValue.I32(0), WasmValue.I32(65_536))).Kind);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Whatever_a_guest_passes_it_gets_an_error_number_or_a_trap_and_never_the_host_s_exception(bool kernelWalk) =>
        Check.That(31, 20, random =>
        {
            using var outer = new TemporaryFolder();
            using var folder = new TemporaryFolder();
            outer.Write("kept.txt", "kept");
            folder.Write("a/b", "text");
            File.CreateSymbolicLink(folder.File("up"), outer.Path);
            using var host = new WasiHost(Options(folder), new FolderWalk(kernelWalk));
            WasmInstance instance = Forwarder(host);
            WasmMemory memory = instance.Memory("memory")!;
            for (int i = 0; i < 200; i++)
            {
                (string name, WasmFunctionType type, WasiBody _, int _) = WasiFunctions.All[random.Next(WasiFunctions.All.Length)];
                Scribble(memory, random);
                WasmValue[] arguments = [.. type.Parameters.Select(parameter => parameter == WasmValueType.I32
                    ? WasmValue.I32(Odd(random))
                    : WasmValue.I64(random.Next(3) == 0 ? random.NextInt64(long.MinValue, long.MaxValue) : Odd(random)))];
                try
                {
                    WasmValue[] results = instance.Invoke(name, arguments);
                    Assert.InRange(results[0].AsI32, 0, 76);
                }
                catch (WasmTrap trap)
                {
                    Assert.True(trap.InnerException is WasiExit, $"{name}: {trap}");
                }
            }

            Assert.Equal("kept", File.ReadAllText(outer.File("kept.txt")));
            Assert.Single(Directory.EnumerateFileSystemEntries(outer.Path));
        });

    private static WasiOptions Options(TemporaryFolder folder) => WasiOptions.Deterministic(1, DateTimeOffset.UnixEpoch) with
    {
        Arguments = ["a", "bc"],
        Folders = [new(folder.Path, "/data", IsWritable: true)],
        FileBytesMax = 1 << 20,
        WrittenBytesMax = 4 << 20,
        DescriptorsMax = 16,
    };

    private static WasmValue Value(object value) => value is long wide ? WasmValue.I64(wide) : WasmValue.I32((int)value);

    /// <summary>Mostly small numbers: descriptors, flags, addresses; and the edges.</summary>
    private static int Odd(Random random) => random.Next(6) switch
    {
        0 => random.Next(0, 8),
        1 => random.Next(0, 8),
        2 => random.Next(0, Scribbled) & ~7,
        3 => 65_536 - random.Next(0, 40),
        4 => -random.Next(0, 40),
        _ => random.Next(0, 64),
    };

    /// <summary>Fills the memory with what may pass for paths, buffers and subscriptions.</summary>
    private static void Scribble(WasmMemory memory, Random random)
    {
        string[] words = ["a", "a/b", "..", "../", "/", "up", "up/kept.txt", "new", "./", "é", "a/../a", "up/../x"];
        Span<byte> bytes = memory.Span(0, Scribbled);
        for (int at = 0; at < bytes.Length; at += 64)
        {
            Span<byte> part = bytes.Slice(at, 64);
            if (random.Next(2) == 0)
                for (int i = 0; i < 64; i += 4) BinaryPrimitives.WriteInt32LittleEndian(part[i..], Odd(random));
            else
                Encoding.UTF8.GetBytes(words[random.Next(words.Length)]).CopyTo(part);
        }
    }

    private static byte[] Store(int address, int value) => [0x41, .. Signed(address), 0x41, .. Signed(value), 0x36, 2, 0];

    private static byte[] Signed(int value)
    {
        var bytes = new List<byte>();
        while (value is < -64 or > 63)
        {
            bytes.Add((byte)((value & 0x7F) | 0x80));
            value >>= 7;
        }

        bytes.Add((byte)(value & 0x7F));
        return [.. bytes];
    }

    /// <summary>An instance that exports each WASI function under its own name, and its memory.</summary>
    private WasmInstance Forwarder(WasiHost host)
    {
        var writer = new ModuleWriter();
        int[] types = [.. WasiFunctions.All.Select(function => writer.Type(Bytes(function.Type.Parameters), Bytes(function.Type.Results)))];
        for (int i = 0; i < types.Length; i++) writer.Import(WasiHost.ModuleName, WasiFunctions.All[i].Name, types[i]);
        writer.Memory(1, 1);
        for (int i = 0; i < types.Length; i++)
        {
            IEnumerable<byte> pushes = Enumerable.Range(0, WasiFunctions.All[i].Type.Parameters.Length)
                .SelectMany(static index => (byte[])[0x20, (byte)index]);
            writer.Function(WasiFunctions.All[i].Name, types[i], [.. pushes, 0x10, (byte)i]);
        }

        writer.ExportMemory();
        return host.DefineOn(new WasmLinker(_engine)).Instantiate(_engine.Load(writer.Bytes()));
    }

    private static byte[] Bytes(IEnumerable<WasmValueType> types) =>
        [.. types.Select(static type => type == WasmValueType.I32 ? ModuleWriter.I32 : ModuleWriter.I64)];
}
