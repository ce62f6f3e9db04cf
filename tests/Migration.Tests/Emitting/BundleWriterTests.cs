using System.Collections.Immutable;
using System.Text;
using Sirsi.Migration.Emitting;

namespace Sirsi.Migration.Tests.Emitting;

public sealed class BundleWriterTests
{
    [Fact]
    public async Task A_bundle_holds_its_files_and_nothing_is_left_beside_it()
    {
        using var folder = new TemporaryFolder();

        await BundleWriter.WriteAsync(folder.File("deep/out"), [Text("a/b.txt", "one")], CancellationToken.None);

        Assert.Equal("one", await File.ReadAllTextAsync(folder.File("deep/out/a/b.txt")));
        Assert.Equal(["out"], Directory.GetFileSystemEntries(folder.File("deep")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task An_earlier_bundle_is_replaced_whole()
    {
        using var folder = new TemporaryFolder();
        await BundleWriter.WriteAsync(folder.File("out"), [Text("old.txt", "old")], CancellationToken.None);

        await BundleWriter.WriteAsync(folder.File("out"), [Text("new.txt", "new")], CancellationToken.None);

        Assert.False(File.Exists(folder.File("out/old.txt")));
        Assert.Equal("new", await File.ReadAllTextAsync(folder.File("out/new.txt")));
    }

    [Fact]
    public async Task An_empty_folder_is_taken()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("out"));

        await BundleWriter.WriteAsync(folder.File("out"), [Text("a", "1")], CancellationToken.None);

        Assert.True(File.Exists(folder.File("out/a")));
    }

    [Theory]
    [InlineData("plan.json")]
    [InlineData("main.tf")]
    public async Task A_folder_with_something_else_is_refused_and_left_alone(string other)
    {
        using var folder = new TemporaryFolder();
        folder.Write($"out/{other}", "mine");

        var failure = await Assert.ThrowsAsync<MigrationException>(() => BundleWriter.WriteAsync(folder.File("out"), [Text("a", "1")],
            CancellationToken.None));

        Assert.Equal(MigrationErrors.OutputNotOurs, failure.Code);
        Assert.Equal([other], Directory.GetFiles(folder.File("out")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_file_in_the_place_of_the_folder_is_refused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("out", "mine");

        var failure = await Assert.ThrowsAsync<MigrationException>(() => BundleWriter.WriteAsync(folder.File("out"), [Text("a", "1")],
            CancellationToken.None));

        Assert.Equal(MigrationErrors.OutputNotOurs, failure.Code);
    }

    [Fact]
    public async Task A_parent_that_is_a_file_is_one_clear_failure()
    {
        using var folder = new TemporaryFolder();
        folder.Write("file", "mine");

        var failure = await Assert.ThrowsAsync<MigrationException>(() => BundleWriter.WriteAsync(folder.File("file/out"), [Text("a", "1")],
            CancellationToken.None));

        Assert.Equal(MigrationErrors.OutputUnwritable, failure.Code);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_full_disk_at_any_file_leaves_the_earlier_bundle_as_it_was(int failing)
    {
        using var folder = new TemporaryFolder();
        await BundleWriter.WriteAsync(folder.File("out"), [Text("old.txt", "old")], CancellationToken.None);
        ImmutableArray<BundleFile> files = [.. Enumerable.Range(0,
            3).Select(index => index == failing ? Full($"f{index}") : Text($"f{index}", "x"))];

        var failure = await Assert.ThrowsAsync<MigrationException>(() => BundleWriter.WriteAsync(folder.File("out"), files,
            CancellationToken.None));

        Assert.Equal(MigrationErrors.OutputUnwritable, failure.Code);
        AssertOldStands(folder);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_rename_that_fails_leaves_the_earlier_bundle_as_it_was(int failing)
    {
        using var folder = new TemporaryFolder();
        await BundleWriter.WriteAsync(folder.File("out"), [Text("old.txt", "old")], CancellationToken.None);
        int moves = 0;
        void Move(string from, string to)
        {
            if (++moves == failing) throw new IOException("No rename today.");
            Directory.Move(from, to);
        }

        var failure = await Assert.ThrowsAsync<MigrationException>(() => BundleWriter.WriteAsync(folder.File("out"), [Text("a", "1")], Move,
            CancellationToken.None));

        Assert.Equal(MigrationErrors.OutputUnwritable, failure.Code);
        AssertOldStands(folder);
    }

    [Fact]
    public async Task When_no_rename_works_at_all_the_message_names_both_folders()
    {
        using var folder = new TemporaryFolder();
        await BundleWriter.WriteAsync(folder.File("out"), [Text("old.txt", "old")], CancellationToken.None);
        int moves = 0;
        void Move(string from, string to)
        {
            if (++moves > 1) throw new IOException("No rename today.");
            Directory.Move(from, to);
        }

        var failure = await Assert.ThrowsAsync<MigrationException>(() => BundleWriter.WriteAsync(folder.File("out"), [Text("a", "1")], Move,
            CancellationToken.None));

        Assert.Equal(MigrationErrors.OutputNotReplaced, failure.Code);
        string[] beside = Directory.GetDirectories(folder.Path);
        Assert.Equal(2, beside.Length);
        Assert.All(beside, path => Assert.Contains(path, failure.Message));
    }

    [Fact]
    public async Task A_cancelled_run_leaves_the_earlier_bundle_as_it_was()
    {
        using var folder = new TemporaryFolder();
        await BundleWriter.WriteAsync(folder.File("out"), [Text("old.txt", "old")], CancellationToken.None);
        using var cancellation = new CancellationTokenSource();
        ImmutableArray<BundleFile> files = [new("a", async (_, _) => await cancellation.CancelAsync()), Text("b", "2")];

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => BundleWriter.WriteAsync(folder.File("out"), files,
            cancellation.Token));

        AssertOldStands(folder);
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("/evil")]
    [InlineData("a//b")]
    public async Task A_path_that_leaves_the_bundle_is_refused(string path)
    {
        using var folder = new TemporaryFolder();

        await Assert.ThrowsAsync<ArgumentException>(() => BundleWriter.WriteAsync(folder.File("out"), [Text(path, "1")],
            CancellationToken.None));

        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    private static void AssertOldStands(TemporaryFolder folder)
    {
        Assert.Equal("old", File.ReadAllText(folder.File("out/old.txt")));
        Assert.Equal(["out"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    private static BundleFile Text(string path, string text) =>
        new(path, (stream, token) => stream.WriteAsync(Encoding.UTF8.GetBytes(text), token).AsTask());

    private static BundleFile Full(string path) => new(path, static async (stream, token) =>
    {
        await stream.WriteAsync(new byte[100], token);
        throw new IOException("No space left on device");
    });
}
