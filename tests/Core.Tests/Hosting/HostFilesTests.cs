using Sirsi.Core.Hosting;

namespace Sirsi.Core.Tests.Hosting;

/// <summary>The same promises on a disk and in memory.</summary>
public abstract class HostFilesTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    protected abstract HostFolder Folder { get; }

    [Fact]
    public Task What_is_appended_is_read_back() => RunAsync(async () =>
    {
        using HostFile file = Folder.Open("a", HostFileAccess.Append);
        await file.AppendAsync("one "u8.ToArray(), None);
        await file.AppendAsync("two"u8.ToArray(), None);
        await file.FlushAsync(None);
        Assert.Equal(7, file.Length);
        Assert.Equal("one two", await TextAsync("a"));
        byte[] middle = new byte[3];
        Assert.Equal(3, await file.ReadAsync(2, middle, None));
        Assert.Equal("e t"u8.ToArray(), middle);
        Assert.Equal(0, await file.ReadAsync(7, middle, None));
    });

    [Fact]
    public Task A_file_opened_again_is_appended_to() => RunAsync(async () =>
    {
        using (HostFile file = Folder.Open("a", HostFileAccess.Append)) await file.AppendAsync("one"u8.ToArray(), None);
        using (HostFile file = Folder.Open("a", HostFileAccess.Append)) await file.AppendAsync("two"u8.ToArray(), None);
        Assert.Equal("onetwo", await TextAsync("a"));
    });

    [Fact]
    public Task A_torn_tail_is_cut_off() => RunAsync(async () =>
    {
        using HostFile file = Folder.Open("a", HostFileAccess.Append);
        await file.AppendAsync("whole torn"u8.ToArray(), None);
        file.Truncate(5);
        await file.AppendAsync("!"u8.ToArray(), None);
        Assert.Equal("whole!", await TextAsync("a"));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Truncate(7));
    });

    [Fact]
    public Task Writing_at_a_position_overwrites_and_grows() => RunAsync(async () =>
    {
        using HostFile file = Folder.Open("a", HostFileAccess.Append);
        await file.WriteAsync(0, "abcdef"u8.ToArray(), None);
        await file.WriteAsync(4, "EFGH"u8.ToArray(), None);
        await file.WriteAsync(1, "B"u8.ToArray(), None);
        Assert.Equal(8, file.Length);
        Assert.Equal("aBcdEFGH", await TextAsync("a"));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await file.WriteAsync(9, new byte[1], None));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await file.WriteAsync(-1, new byte[1], None));
    });

    [Fact]
    public Task Reserved_room_is_zeros_and_takes_nothing_that_is_there() => RunAsync(async () =>
    {
        using HostFile file = Folder.Open("a", HostFileAccess.Append);
        await file.WriteAsync(0, "abc"u8.ToArray(), None);
        file.Reserve(6);
        file.Reserve(2);
        await file.FlushAsync(None);
        Assert.Equal(6, file.Length);
        Assert.Equal("abc\0\0\0", await TextAsync("a"));
        file.Truncate(1);
        file.Reserve(3);
        Assert.Equal("a\0\0", await TextAsync("a"));
    });

    [Fact]
    public Task Names_are_listed_in_ordinal_order() => RunAsync(async () =>
    {
        foreach (string name in new[] { "b", "a", "B", "10", "9" }) Folder.Open(name, HostFileAccess.Append).Dispose();
        await Folder.FlushAsync(None);
        Assert.Equal(["10", "9", "B", "a", "b"], Folder.List());
    });

    [Fact]
    public Task Renaming_replaces_and_deleting_is_forgiving() => RunAsync(async () =>
    {
        using (HostFile file = Folder.Open("new", HostFileAccess.Append)) await file.AppendAsync("n"u8.ToArray(), None);
        using (HostFile file = Folder.Open("old", HostFileAccess.Append)) await file.AppendAsync("o"u8.ToArray(), None);
        Folder.Rename("new", "old");
        Assert.Equal(["old"], Folder.List());
        Assert.Equal("n", await TextAsync("old"));
        Folder.Delete("old");
        Folder.Delete("old");
        Assert.Empty(Folder.List());
        Assert.Throws<FileNotFoundException>(() => Folder.Rename("old", "new"));
        Assert.Throws<FileNotFoundException>(() => Folder.Open("old", HostFileAccess.Read));
    });

    [Fact]
    public void A_folder_has_one_owner_at_a_time()
    {
        IDisposable? mine = Folder.TryLock();
        Assert.NotNull(mine);
        Assert.Null(Folder.TryLock());
        Assert.Matches("^(this process|process [0-9]+, started 20.*UTC)$", Folder.LockHolder());
        mine.Dispose();
        using IDisposable? next = Folder.TryLock();
        Assert.NotNull(next);
        Assert.Empty(Folder.List());
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("../a")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData(".lock")]
    [InlineData("a\0")]
    public void A_name_cannot_leave_the_folder(string name) =>
        Assert.ThrowsAny<ArgumentException>(() => Folder.Open(name, HostFileAccess.Append));

    [Fact]
    public Task A_reader_cannot_write() => RunAsync(async () =>
    {
        Folder.Open("a", HostFileAccess.Append).Dispose();
        using HostFile file = Folder.Open("a", HostFileAccess.Read);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await file.AppendAsync(new byte[1], None));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await file.WriteAsync(0, new byte[1], None));
        Assert.Throws<InvalidOperationException>(() => file.Reserve(1));
        Assert.Throws<InvalidOperationException>(() => file.Truncate(0));
    });

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract Task RunAsync(Func<Task> work);

    protected virtual void Dispose(bool disposing)
    {
    }

    private async Task<string> TextAsync(string name)
    {
        using HostFile file = Folder.Open(name, HostFileAccess.Read);
        byte[] bytes = new byte[file.Length];
        int read = await file.ReadAsync(0, bytes, None);
        return System.Text.Encoding.UTF8.GetString(bytes, 0, read);
    }
}

public sealed class DiskFilesTests : HostFilesTests
{
    private readonly TemporaryFolder _temporary = new();

    protected override HostFolder Folder => HostEnvironment.Production.Files.OpenFolder(_temporary.File("journal"));

    protected override Task RunAsync(Func<Task> work) => HostEnvironment.Production.Executor.RunAsync(work);

    protected override void Dispose(bool disposing)
    {
        _temporary.Dispose();
        base.Dispose(disposing);
    }
}

public sealed class MemoryFilesTests : HostFilesTests
{
    private readonly DeterministicHost _host = new(seed: 1);

    protected override HostFolder Folder => _host.Files.OpenFolder("journal");

    protected override Task RunAsync(Func<Task> work)
    {
        _host.Run(work);
        return Task.CompletedTask;
    }
}
