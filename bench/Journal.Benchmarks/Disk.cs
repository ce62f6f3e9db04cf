using System.Diagnostics;
using Sirsi.Core.Hosting;

namespace Sirsi.Journal.Benchmarks;

/// <summary>What one flush costs on this disk: bytes written behind each other into room taken before, each flushed (fdatasync).</summary>
internal static class Disk
{
    public static async Task FlushAsync(string root, int bytes, double seconds, List<double> took)
    {
        HostFolder folder = HostEnvironment.Production.Files.OpenFolder(Path.Combine(root, "disk"));
        using HostFile file = folder.Open("probe", HostFileAccess.Append);
        const int Reserved = 8 << 20;
        var piece = new byte[bytes];
        Random.Shared.NextBytes(piece);
        long end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        for (long position = 0; Stopwatch.GetTimestamp() < end; position += bytes)
        {
            if (position + bytes > file.Length)
            {
                file.Reserve(file.Length + Reserved);
                await file.FlushAsync(CancellationToken.None);
            }

            await file.WriteAsync(position, piece, CancellationToken.None);
            long began = Stopwatch.GetTimestamp();
            await file.FlushAsync(CancellationToken.None);
            took.Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds);
        }

        folder.Delete("probe");
    }
}
