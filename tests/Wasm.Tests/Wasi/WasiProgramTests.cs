using System.Collections.Immutable;
using System.IO.Pipelines;
using Sirsi.Wasm.Wasi;

namespace Sirsi.Wasm.Tests;

/// <summary>Ordinary C programs, made by others' tools, run as they do elsewhere and see what they were given only.</summary>
public sealed class WasiProgramTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void A_program_sees_no_argument_and_no_variable_that_it_was_not_given()
    {
        WasiRun run = WasiRun.Program("hello", new());
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["hello"], run.Lines);
        Assert.Equal("done\n", run.Error);
    }

    [Fact]
    public void A_program_gets_its_arguments_and_variables_and_gives_its_exit_code()
    {
        WasiRun run = WasiRun.Program("hello", new()
        {
            Arguments = ["hello", "", "två ord"],
            Environment = ImmutableDictionary<string, string>.Empty.Add("B", "2").Add("A", "x=y"),
        });
        Assert.Equal(3, run.ExitCode);
        Assert.Equal(
            ["hello", "argument 0: hello", "argument 1: ", "argument 2: två ord", "variable: A=x=y", "variable: B=2"], run.Lines);
    }

    [Fact]
    public void Standard_input_comes_out_unchanged()
    {
        var bytes = new byte[300_000];
        new Random(1).NextBytes(bytes);
        using var output = new MemoryStream();
        using var host = new WasiHost(new() { StandardInput = new MemoryStream(bytes), StandardOutput = output });
        Assert.Equal(0, host.Run(WasiRun.Module("cat")));
        Assert.Equal(bytes, output.ToArray());
    }

    [Fact]
    public void A_big_write_is_done_in_parts_and_loses_nothing()
    {
        WasiRun run = WasiRun.Program("flood", new() { Arguments = ["flood", "5000000", "3000000"], TransferBytesMax = 100_000 });
        Assert.Equal((0, "5000000\n"), (run.ExitCode, run.Error));
        Assert.Equal(5_000_000, run.Output.Length);
        string block = string.Create(3_000_000, 0, static (letters, _) =>
        {
            for (int i = 0; i < letters.Length; i++) letters[i] = (char)('a' + (i % 26));
        });
        Assert.True(run.Output == block + block[..2_000_000], "the output differs");
    }

    [Fact]
    public void A_flood_of_output_ends_at_the_limit_to_the_byte()
    {
        WasiRun run = WasiRun.Program("flood", new() { Arguments = ["flood", "100000", "999"], OutputBytesMax = 12_345 });
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(12_345, run.Output.Length);
        Assert.Equal("", run.Error);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_program_works_with_files_as_on_any_system(bool kernelWalk)
    {
        using var folder = new TemporaryFolder();
        WasiRun run = WasiRun.Program("files", new() { Folders = [new(folder.Path, "/data", IsWritable: true)] }, kernelWalk: kernelWalk);
        Assert.Equal((0, "all is well\n", ""), (run.ExitCode, run.Output, run.Error));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_fixed_clock_moves_by_sleeping_alone_and_seeded_bytes_repeat()
    {
        WasiRun Run(ulong seed) =>
            WasiRun.Program("clock", WasiOptions.Deterministic(seed, Start) with { Arguments = ["clock", "90061001"] });

        WasiRun first = Run(7);
        Assert.Equal(0, first.ExitCode);
        Assert.Equal(["1767323045.000000000", "slept 90061001 ms"], first.Lines[..2]);
        Assert.Equal(first.Output, Run(7).Output);
        Assert.NotEqual(first.Lines[2], Run(8).Lines[2]);
    }

    [Fact]
    public void A_program_without_a_clock_or_randomness_is_told_that_it_may_not()
    {
        Assert.Equal(1, WasiRun.Program("clock", new() { Arguments = ["clock", "0"] }).ExitCode);
        Assert.Equal(
            3, WasiRun.Program("clock", new() { Clock = WasiOptions.FixedClock(Start), Arguments = ["clock", "0"] }).ExitCode);
        Assert.Equal(["random 76", "time 76"], WasiRun.Probe(new(), "random time 0"));
    }

    [Fact]
    public void A_sleep_ends_at_the_deadline_of_the_call()
    {
        WasmTrap trap = Assert.Throws<WasmTrap>(() => WasiRun.Program(
            "clock",
            WasiOptions.Standard(TimeProvider.System) with { Arguments = ["clock", "100000000"] },
            new() { Time = TimeSpan.FromMilliseconds(100) }));
        Assert.Equal(WasmTrapKind.DeadlineExceeded, trap.Kind);
    }

    [Fact]
    public void A_read_of_input_that_never_comes_ends_when_the_call_is_cancelled()
    {
        WasmModule cat = WasiRun.Module("cat");
        var pipe = new Pipe();
        using var cancel = new CancellationTokenSource();
        using var input = new SignallingStream(pipe.Reader.AsStream(), cancel.Cancel);
        using var host = new WasiHost(new() { StandardInput = input });
        using var call = new WasmCall(cat.Engine, new() { Cancellation = cancel.Token });
        Assert.Equal(WasmTrapKind.Cancelled, Assert.Throws<WasmTrap>(() => host.Run(cat, call)).Kind);
    }

    [Fact]
    public void Polling_ends_by_the_clock_or_by_input_whichever_is_first()
    {
        WasiOptions options = WasiOptions.Deterministic(1, Start);
        Assert.Equal(["poll 0 7:0:1:5:0"], WasiRun.Probe(options with { StandardInput = new MemoryStream("hello"u8.ToArray()) }, "poll 50"));
        Assert.Equal(["poll 0 7:0:1:0:1"], WasiRun.Probe(options, "poll 50"));
        using var silent = new SignallingStream(new Pipe().Reader.AsStream(), static () => { });
        Assert.Equal(
            ["time 0 0", "poll 0 8:0:0:0:0", "time 0 50000000"],
            WasiRun.Probe(options with { StandardInput = silent }, "time 1 poll 50 time 1"));
    }

    [Fact]
    public void The_fuel_of_a_run_depends_on_nothing_but_the_program_and_its_input()
    {
        long Fuel()
        {
            WasmModule cat = WasiRun.Module("cat");
            using var host = new WasiHost(new() { StandardInput = new MemoryStream(new byte[100_000]) });
            using var call = new WasmCall(cat.Engine);
            host.Run(cat, call);
            return call.FuelUsed;
        }

        long used = Fuel();
        Assert.Equal(used, Fuel());
        Assert.InRange(used, 2 * 100_000 / 8, 10_000_000);
    }

    [Fact]
    public void Broken_options_are_all_named()
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(
            () => new WasiHost(new() { DescriptorsMax = 2, PathBytesMax = 0, Arguments = ["a\0b"] }));
        Assert.Contains("DescriptorsMax", refused.Message, StringComparison.Ordinal);
        Assert.Contains("PathBytesMax", refused.Message, StringComparison.Ordinal);
        Assert.Contains("NUL", refused.Message, StringComparison.Ordinal);
        Assert.Throws<DirectoryNotFoundException>(() => new WasiHost(new() { Folders = [new("/no such folder", "/x")] }));
    }

    /// <summary>Passes on to a stream, and says when it is first read.</summary>
    private sealed class SignallingStream(Stream inner, Action onRead) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            ValueTask<int> reading = inner.ReadAsync(buffer, CancellationToken.None);
            onRead();
            return reading;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
