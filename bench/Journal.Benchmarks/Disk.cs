using System.Diagnostics;
using Sirsi.Core.Hosting;

namespace Sirsi.Journal.Benchmarks;

/// <summary>What one flush costs on this disk: bytes written behind each other into room taken before, each flushed (fdatasync).</summary>
internal static class Disk
{
    public static async Task<(double P50Us, double P99Us)> FlushAsync(string root, int bytes, int times)
    {
        HostFolder folder = HostEnvironment.Production.Files.OpenFolder(Path.Combine(root, "disk"));
        using HostFile file = folder.Open("probe", HostFileAccess.Append);
        file.Reserve(8 << 20);
        await file.FlushAsync(CancellationToken.None);
        var piece = new byte[bytes];
        Random.Shared.NextBytes(piece);
        var took = new double[times];
        for (int i = 0; i < times; i++)
        {
            await file.WriteAsync((long)i * bytes % (8 << 20), piece, CancellationToken.None);
            long began = Stopwatch.GetTimestamp();
            await file.FlushAsync(CancellationToken.None);
            took[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }

        Array.Sort(took);
        folder.Delete("probe");
        return (took[times / 2], took[times * 99 / 100]);
    }
}
