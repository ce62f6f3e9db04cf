using Sirsi.Core.Hosting;

namespace Sirsi.Core.Tests.Hosting;

/// <summary>Files in memory beside a model that keeps the bytes of the file, and those of its last flush, in two plain arrays.</summary>
public sealed class MemoryFilesLawTests
{
    [Fact]
    public void A_file_has_the_bytes_of_the_model_also_after_the_power_went() => Check.That(seed: 17, runs: 300, static random =>
    {
        var host = new DeterministicHost(random.Next());
        HostFolder folder = host.Files.OpenFolder("data");
        HostFile file = folder.Open("file", HostFileAccess.Append);
        host.Run(() => folder.FlushAsync(CancellationToken.None).AsTask());
        byte[] now = [], flushed = [];
        for (int step = 0; step < 60; step++)
        {
            switch (random.Next(7))
            {
                case 0 or 1:
                    int position = random.Next(now.Length + 1);
                    byte[] written = new byte[random.Next(200)];
                    random.NextBytes(written);
                    if (position + written.Length > now.Length) Array.Resize(ref now, position + written.Length);
                    written.CopyTo(now, position);
                    host.Run(() => file.WriteAsync(position, written, CancellationToken.None).AsTask());
                    break;
                case 2:
                    int length = now.Length + random.Next(3_000);
                    Array.Resize(ref now, length);
                    file.Reserve(length);
                    break;
                case 3:
                    Array.Resize(ref now, random.Next(now.Length + 1));
                    file.Truncate(now.Length);
                    break;
                case 4 or 5:
                    host.Run(() => file.FlushAsync(CancellationToken.None).AsTask());
                    flushed = [.. now];
                    break;
                default:
                    bool onlyGrew = now.Length >= flushed.Length && now.AsSpan(0, flushed.Length).SequenceEqual(flushed);
                    host.Files.LosePower(random);
                    file = folder.Open("file", HostFileAccess.Append);
                    byte[] left = Read(host, file);
                    Assert.InRange(left.Length, flushed.Length, onlyGrew ? now.Length : Math.Max(now.Length, flushed.Length));
                    Assert.Equal(flushed, left[..flushed.Length]);
                    if (left.Length > flushed.Length) Assert.Equal(now[flushed.Length..left.Length], left[flushed.Length..]);
                    now = left;
                    flushed = [.. left];
                    break;
            }

            Assert.Equal(now, Read(host, file));
        }
    });

    [Fact]
    public void What_a_killed_process_wrote_stays_and_what_it_held_is_free()
    {
        var host = new DeterministicHost(1);
        HostFolder folder = host.Files.OpenFolder("data");
        HostFile file = folder.Open("file", HostFileAccess.Append);
        Assert.NotNull(folder.TryLock());
        host.Run(() => file.AppendAsync(new byte[] { 1, 2, 3 }, CancellationToken.None).AsTask());
        host.Files.EndProcess();
        Assert.Throws<IOException>(() => file.Length);
        Assert.NotNull(folder.TryLock());
        Assert.Equal([1, 2, 3], Read(host, folder.Open("file", HostFileAccess.Read)));
    }

    private static byte[] Read(DeterministicHost host, HostFile file)
    {
        byte[] bytes = new byte[file.Length + 10];
        int read = host.Run(() => file.ReadAsync(0, bytes, CancellationToken.None).AsTask());
        Assert.Equal(file.Length, read);
        return bytes[..read];
    }
}
