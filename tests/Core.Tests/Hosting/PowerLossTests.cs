using Sirsi.Core.Hosting;

namespace Sirsi.Core.Tests.Hosting;

public sealed class PowerLossTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public void Flushed_bytes_survive_and_of_the_others_a_beginning_may() => Check.That(seed: 3, runs: 200, static random =>
    {
        var host = new DeterministicHost(random.Next());
        HostFolder folder = host.Files.OpenFolder("j");
        var written = new List<byte>();
        int flushed = 0;
        host.Run(async () =>
        {
            using HostFile file = folder.Open("a", HostFileAccess.Append);
            await folder.FlushAsync(None);
            for (int i = 0; i < 20; i++)
            {
                byte[] bytes = new byte[random.Next(10)];
                random.NextBytes(bytes);
                await file.AppendAsync(bytes, None);
                written.AddRange(bytes);
                if (random.Next(3) != 0) continue;
                await file.FlushAsync(None);
                flushed = written.Count;
            }
        });
        host.Files.LosePower(random);
        byte[] left = Read(host, "a");
        Assert.InRange(left.Length, flushed, written.Count);
        Assert.Equal(written.Take(left.Length), left);
    });

    [Fact]
    public void A_cut_that_was_not_flushed_is_undone() => Check.That(seed: 4, runs: 20, static random =>
    {
        var host = new DeterministicHost(seed: 1);
        HostFolder folder = host.Files.OpenFolder("j");
        host.Run(async () =>
        {
            using HostFile file = folder.Open("a", HostFileAccess.Append);
            await folder.FlushAsync(None);
            await file.AppendAsync("abcdef"u8.ToArray(), None);
            await file.FlushAsync(None);
            file.Truncate(2);
            await file.AppendAsync("XYZ"u8.ToArray(), None);
        });
        host.Files.LosePower(random);
        Assert.Equal("abcdef"u8.ToArray(), Read(host, "a"));
    });

    [Fact]
    public void Bytes_written_over_flushed_ones_are_undone_and_flushed_ones_stay() => Check.That(seed: 5, runs: 100, static random =>
    {
        var host = new DeterministicHost(seed: 1);
        HostFolder folder = host.Files.OpenFolder("j");
        byte[] flushed = [];
        host.Run(async () =>
        {
            using HostFile file = folder.Open("a", HostFileAccess.Append);
            await folder.FlushAsync(None);
            file.Reserve(100);
            for (int i = 0; i < 20; i++)
            {
                var bytes = new byte[random.Next(1, 20)];
                random.NextBytes(bytes);
                await file.WriteAsync(random.Next(100), bytes, None);
                if (random.Next(4) == 0) file.Truncate(random.Next(100, (int)file.Length + 1));
                if (i > 0 && random.Next(3) != 0) continue;
                await file.FlushAsync(None);
                flushed = new byte[file.Length];
                await file.ReadAsync(0, flushed, None);
            }

            await file.WriteAsync(random.Next(100), new byte[] { 1, 2, 3 }, None);
        });
        host.Files.LosePower(random);
        Assert.Equal(flushed, Read(host, "a"));
    });

    [Fact]
    public void Names_that_were_not_flushed_are_undone()
    {
        var host = new DeterministicHost(seed: 1);
        HostFolder folder = host.Files.OpenFolder("j");
        host.Run(async () =>
        {
            folder.Open("kept", HostFileAccess.Append).Dispose();
            await folder.FlushAsync(None);
            folder.Rename("kept", "renamed");
            folder.Open("new", HostFileAccess.Append).Dispose();
        });
        host.Files.LosePower(new Random(1));
        Assert.Equal(["kept"], folder.List());
    }

    [Fact]
    public void Open_files_die_and_locks_are_free()
    {
        var host = new DeterministicHost(seed: 1);
        HostFolder folder = host.Files.OpenFolder("j");
        HostFile file = folder.Open("a", HostFileAccess.Append);
        IDisposable? before = folder.TryLock();
        host.Files.LosePower(new Random(1));
        Assert.Throws<IOException>(() => file.Length);
        IDisposable? after = folder.TryLock();
        Assert.NotNull(after);
        before!.Dispose();
        Assert.Null(folder.TryLock());
    }

    private static byte[] Read(DeterministicHost host, string name) => host.Run(async () =>
    {
        using HostFile file = host.Files.OpenFolder("j").Open(name, HostFileAccess.Read);
        byte[] bytes = new byte[file.Length];
        _ = await file.ReadAsync(0, bytes, None);
        return bytes;
    });
}
