using Sirsi.Wasm.Wasi;

namespace Sirsi.Wasm.Tests;

/// <summary>
/// The sandbox of folders: what a guest is granted, all of that, and nothing beside it. Error numbers are the specification's: 8 badf,
/// 20 exist, 21 fault, 22 fbig, 28 inval, 31 isdir, 32 loop, 33 mfile, 37 nametoolong, 44 noent, 51 nospc, 54 notdir, 58 notsup, 63 perm,
/// 76 notcapable.
/// </summary>
public sealed class WasiSandboxTests : IDisposable
{
    private const string ReadRight = "0x2";
    private const string ReadWriteRight = "0x42";
    private const string AllRights = "0x1fffffff";

    private readonly TemporaryFolder _outer = new();
    private readonly string _granted;

    public WasiSandboxTests()
    {
        _granted = _outer.File("granted");
        _outer.Write("secret.txt", "secret");
        _outer.Write("granted/file.txt", "content");
        _outer.Write("granted/sub/deep/leaf.txt", "leaf");
        File.CreateSymbolicLink(Path.Combine(_granted, "absolute"), _outer.File("secret.txt"));
        File.CreateSymbolicLink(Path.Combine(_granted, "relative"), "../secret.txt");
        File.CreateSymbolicLink(Path.Combine(_granted, "chain"), "sub/hop");
        File.CreateSymbolicLink(Path.Combine(_granted, "sub", "hop"), "../relative");
        File.CreateSymbolicLink(Path.Combine(_granted, "up"), "..");
        File.CreateSymbolicLink(Path.Combine(_granted, "root"), "/");
        File.CreateSymbolicLink(Path.Combine(_granted, "inside"), "sub/../sub/deep/leaf.txt");
        File.CreateSymbolicLink(Path.Combine(_granted, "sub", "back"), "../file.txt");
        File.CreateSymbolicLink(Path.Combine(_granted, "folder"), "sub/deep/");
        File.CreateSymbolicLink(Path.Combine(_granted, "dangling"), "sub/new.txt");
        File.CreateSymbolicLink(Path.Combine(_granted, "loop"), "loop2");
        File.CreateSymbolicLink(Path.Combine(_granted, "loop2"), "loop");
        File.CreateSymbolicLink(Path.Combine(_granted, "process"), "/proc/self/root");
    }

    /// <summary>Both ways to walk, times all that leads out.</summary>
    public static TheoryData<bool, string> Escapes
    {
        get
        {
            var data = new TheoryData<bool, string>();
            string[] paths =
            [
                "..", "../secret.txt", "../granted/file.txt", "sub/../../secret.txt", "./../secret.txt", "sub/deep/../../../secret.txt",
                "/etc/passwd", "/", "absolute", "relative", "chain", "up/secret.txt", "up", "root", "root/etc/passwd", "sub/../relative",
                "process/etc/passwd", "folder/../../../secret.txt", "up/granted/file.txt",
            ];
            foreach (string path in paths)
            {
                data.Add(true, path);
                data.Add(false, path);
            }

            return data;
        }
    }

    public void Dispose() => _outer.Dispose();

    [Theory, MemberData(nameof(Escapes))]
    public void Nothing_that_leads_out_of_a_folder_is_opened_looked_at_made_or_removed(bool kernelWalk, string path)
    {
        Assert.Equal(["open 63", "stat 63", "ls 63"], Probe($"open {path} 1 0 {ReadRight} 0 stat {path} ls {path}", kernelWalk));

        // If the sandbox failed, this machine's own files would not be what is changed.
        if (path.StartsWith('/') || path.StartsWith("root", StringComparison.Ordinal) || path.StartsWith("process", StringComparison.Ordinal))
            return;
        string[] lines = Probe($"times {path} 5 open {path}/x 1 1 {ReadWriteRight} 0", kernelWalk);
        Assert.Equal("times 63", lines[0]);
        Assert.Contains(lines[1], (string[])["open 63", "open 54"]);

        // What does not follow the last name may see a link itself, but never what is behind it.
        string[] names = Probe(
            $"mkdir {path}/new rmdir {path}/new unlink {path}/secret.txt rename {path}/secret.txt stolen symlink x {path}/new "
            + $"link {path}/secret.txt stolen readlink {path}/x rename file.txt {path}/file.txt", kernelWalk);
        Assert.All(names, static line => Assert.Contains(line.Split(' ')[1], (string[])["63", "54", "44"]));
        Assert.Equal("secret", File.ReadAllText(_outer.File("secret.txt")));
        Assert.Equal(["granted", "secret.txt"], Directory.EnumerateFileSystemEntries(_outer.Path).Select(Path.GetFileName).Order());
        Assert.Equal("content", File.ReadAllText(Path.Combine(_granted, "file.txt")));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Links_and_dots_that_stay_inside_work(bool kernelWalk)
    {
        string open = $"1 0 {ReadRight} 0";
        Assert.Equal(
            ["open 0 4", "read 0 leaf", "open 0 5", "read 0 content", "open 0 6", "read 0 leaf", "stat 0 type=3 size=", "lstat 0 type=7 size=24"],
            Probe(
                $"open inside {open} read 4 10 open sub/back {open} read 5 10 open sub/.././folder/../deep/leaf.txt {open} read 6 10 "
                + "stat folder/ lstat inside", kernelWalk)
                .Select(static line => line.StartsWith("stat 0 type=3", StringComparison.Ordinal) ? "stat 0 type=3 size=" : line));
        Assert.Equal(
            ["open 32", "stat 32", "open 32", "open 44", "open 0 4", "write 0 3", "readlink 0 sub/deep/"],
            Probe(
                $"open loop {open} stat loop open inside 0 0 {ReadRight} 0 open dangling {open} open dangling 1 1 {ReadWriteRight} 0 "
                + "write 4 new readlink folder", kernelWalk));
        Assert.Equal("new", File.ReadAllText(Path.Combine(_granted, "sub", "new.txt")));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_link_to_an_absolute_path_is_not_made(bool kernelWalk) =>
        Assert.Equal(["symlink 63", "symlink 0", "linkfollow 28"], Probe("symlink /etc x symlink ../y z linkfollow relative stolen", kernelWalk));

    [Theory, InlineData(true), InlineData(false)]
    public void A_folder_swapped_for_a_link_while_the_guest_walks_lets_nothing_out(bool kernelWalk)
    {
        string folder = Path.Combine(_granted, "swap"), aside = Path.Combine(_granted, "aside");
        _outer.Write("granted/swap/secret.txt", "harmless");
        using var stop = new CancellationTokenSource();
        var swapper = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                Directory.Move(folder, aside);
                File.CreateSymbolicLink(folder, "..");
                File.Delete(folder);
                Directory.Move(aside, folder);
            }
        });
        swapper.Start();
        try
        {
            AssertSeen($"open swap/secret.txt 1 0 {ReadRight} 0 read 4 10 close 4", "read 0 harmless", kernelWalk);
        }
        finally
        {
            stop.Cancel();
            swapper.Join();
        }
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_folder_moved_out_while_the_guest_walks_back_by_dots_lets_nothing_out(bool kernelWalk)
    {
        // granted/a/b moves to outside/b and back: "a/b/../../x" must never be taken from the outside folder's parent.
        string inside = Path.Combine(_granted, "a", "b"), outside = _outer.File("outside/b");
        Directory.CreateDirectory(inside);
        Directory.CreateDirectory(Path.GetDirectoryName(outside)!);
        using var stop = new CancellationTokenSource();
        var mover = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                Directory.Move(inside, outside);
                Directory.Move(outside, inside);
            }
        });
        mover.Start();
        try
        {
            AssertSeen($"open a/b/../../secret.txt 1 0 {ReadRight} 0 read 4 10 close 4", "open 44", kernelWalk);
        }
        finally
        {
            stop.Cancel();
            mover.Join();
        }
    }

    [Fact]
    public void A_read_only_grant_changes_nothing_on_the_disk()
    {
        string before = Snapshot();
        WasiOptions options = new() { Folders = [new(_granted, "/data")] };
        string[] lines = WasiRun.Probe(options, "mkdir new rmdir sub unlink file.txt rename file.txt other symlink x y link file.txt other "
            + $"times file.txt 5 open new 0 1 {ReadRight} 0 open file.txt 0 8 {ReadRight} 0 open file.txt 0 0 {ReadWriteRight} 0");
        Assert.All(lines, static line => Assert.EndsWith(" 76", line, StringComparison.Ordinal));

        // Asking for more than is inherited gives what is inherited.
        Assert.Equal(
            ["open 0 4", "rights 0 type=4 flags=0 base=82000bf inheriting=82000bf", "setsize 76", "allocate 76", "read 0 content"],
            WasiRun.Probe(options, $"open file.txt 0 0 {0x1fffffff & ~0x40} 0 rights 4 setsize 4 0 allocate 4 0 9 read 4 10"));
        Assert.Equal(before, Snapshot());
    }

    [Fact]
    public void Rights_are_kept_can_only_be_given_up_and_pass_on_to_what_is_opened()
    {
        Assert.Equal(
            [
                "open 0 4", "write 76", "seek 76", "setrights 76", "open 0 5", "setrights 0", "write 76", "read 0 ", "open 0 6", "open 76",
                "open 0 7", "rights 0 type=4 flags=0 base=2 inheriting=2",
            ],
            Probe(
                $"open file.txt 0 0 {ReadRight} 0 write 4 x seek 4 0 0 setrights 4 0x42 0 open sub/deep/leaf.txt 0 8 {ReadWriteRight} 0 "
                + "setrights 5 0x2 0 write 5 x read 5 10 "
                + $"open sub 0 2 0x2002 0 at 6 open deep/leaf.txt 0 0 {ReadWriteRight} 0 open deep/leaf.txt 0 0 {ReadRight} 0 rights 7", true));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Descriptors_run_out_at_their_limit_and_come_back(bool kernelWalk)
    {
        WasiOptions options = Options() with { DescriptorsMax = 10 };
        Assert.Equal(
            ["exhaust 33 6", "open 33", "close 0", "open 0 7", "renumber 0", "close 8", "open 0 9"],
            WasiRun.Probe(options, $"exhaust file.txt open made 0 1 {ReadWriteRight} 0 close 7 open file.txt 0 0 2 0 renumber 9 5 "
                + "close 9 open file.txt 0 0 2 0", kernelWalk));
        Assert.False(File.Exists(Path.Combine(_granted, "made")));
    }

    [Fact]
    public void Appending_seeking_and_truncating_do_what_the_flags_say()
    {
        Assert.Equal(
            [
                "open 0 4", "write 0 3", "seek 0 0", "write 0 3", "read 0 ", "seek 0 4", "read 0 entendmor", "pread 0 nte", "tell 0 13",
                "setflags 0", "pwrite 0 2", "setsize 0", "fstat 0 type=4 size=5", "seek 28", "setflags 58", "allocate 0", "fstat 0 type=4 size=9",
                "advise 28", "advise 0", "sync 0", "datasync 0",
            ],
            Probe(
                $"open file.txt 0 0 {AllRights} 1 write 4 end seek 4 0 0 write 4 mor read 4 9 seek 4 4 0 read 4 20 pread 4 3 5 tell 4 "
                + "setflags 4 0 pwrite 4 XY 0 setsize 4 5 fstat 4 seek 4 -9 0 setflags 4 16 allocate 4 0 9 fstat 4 advise 4 9 advise 4 1 "
                + "sync 4 datasync 4", true));
        Assert.Equal("XYnte\0\0\0\0", File.ReadAllText(Path.Combine(_granted, "file.txt")));
    }

    [Fact]
    public void Listing_gives_every_entry_once_in_the_order_of_names_whatever_the_buffer() =>
        Assert.Equal(
            "ls 0 . .. absolute chain dangling file.txt folder inside loop loop2 process relative root sub up", Probe("ls .", true)[0]);

    [Fact]
    public void A_folder_of_too_many_entries_is_not_listed() =>
        Assert.Equal(
            ["ls 0 error 61", "ls 0 . .. back deep hop"], WasiRun.Probe(Options() with { FolderEntriesMax = 5 }, "ls . ls sub"));

    [Fact]
    public void Files_and_what_is_written_to_them_are_limited()
    {
        WasiOptions options = Options() with { FileBytesMax = 10, WrittenBytesMax = 12 };
        Assert.Equal(
            ["open 0 4", "write 0 8", "write 22", "pwrite 22", "setsize 22", "allocate 22", "pwrite 0 4", "pwrite 51"],
            WasiRun.Probe(options, $"open new 0 1 {AllRights} 0 write 4 12345678 write 4 90a pwrite 4 x 1000000 setsize 4 11 allocate 4 0 11 "
                + "pwrite 4 abcdef 0 pwrite 4 x 0"));
    }

    [Fact]
    public void Odd_names_are_refused_and_odd_slashes_mean_a_folder()
    {
        Assert.Equal(
            ["stat 37", "unlink 54", "unlink 31", "mkdir 0", "rmdir 0", "rename 54", "mkdir 20", "rmdir 28", "open 54", "open 28", "stat 0 type=3"],
            Probe($"stat {new string('x', 5_000)} unlink file.txt/ unlink sub/ mkdir new/ rmdir new/ rename file.txt other/ mkdir . rmdir . "
                + $"open file.txt/ 0 0 {ReadRight} 0 open x 0 3 {ReadRight} 0 stat sub//deep/.", true)
                .Select(static line => line.Split(" size")[0]));
    }

    [Fact]
    public void Pipes_and_devices_in_a_folder_are_not_opened()
    {
        Assert.True(ChildProcess.IsInstalled("mkfifo"), "mkfifo is part of every Linux system");
        using var made = System.Diagnostics.Process.Start("mkfifo", Path.Combine(_granted, "pipe"));
        made.WaitForExit();
        Assert.Equal(["open 2", "open 60"], Probe($"open pipe 0 0 {ReadRight} 0 open pipe 0 0 0x40 0", true));
    }

    [Fact]
    public void Sockets_are_answered_as_absent() =>
        Assert.Equal(["shutdown 57", "shutdown 8", "close 8", "renumber 8"], Probe("shutdown 1 shutdown 50 close 77 renumber 1 50", true));

    /// <summary>Repeats commands while another thread changes the folder; the secret is never read, and at times all goes well.</summary>
    private void AssertSeen(string commands, string expected, bool kernelWalk)
    {
        string many = string.Join(' ', Enumerable.Repeat(commands, 500));
        bool seen = false;
        for (int round = 0; round < 6 || (!seen && round < 200); round++)
        {
            string[] lines = Probe(many, kernelWalk);
            Assert.DoesNotContain("read 0 secret", lines);
            seen |= lines.Contains(expected, StringComparer.Ordinal);
        }

        Assert.True(seen, $"\"{expected}\" never came");
    }

    private WasiOptions Options() => new() { Folders = [new(_granted, "/data", IsWritable: true)] };

    private string[] Probe(string commands, bool kernelWalk) => WasiRun.Probe(Options(), commands, kernelWalk);

    private string Snapshot() => string.Join('\n', Directory
        .EnumerateFileSystemEntries(
            _granted, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
        .Order(StringComparer.Ordinal)
        .Select(static path => $"{path} {File.GetLastWriteTimeUtc(path):O} {(File.Exists(path) ? new FileInfo(path).Length : 0)}"));
}
