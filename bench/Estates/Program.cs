using System.Diagnostics;
using System.Globalization;
using Sirsi.Bench.Estates;
using Sirsi.Clouds.Estates;

// estates generate COUNT FILE [SEED]     writes a state
// estates read FILE...                   reads inputs into an estate and tells time and memory
switch (args)
{
    case ["generate", var count, var file, .. var rest]:
        using (FileStream stream = File.Create(file))
            GeneratedState.Write(stream, int.Parse(count, CultureInfo.InvariantCulture), rest is [var seed] ? int.Parse(seed, CultureInfo.InvariantCulture) : 1);
        Console.WriteLine($"{file}: {new FileInfo(file).Length / 1e6:F1} MB");
        return 0;
    case ["read", .. { Length: > 0 } files]:
        long started = Stopwatch.GetTimestamp();
        Estate estate = await EstateSource.ReadAsync(files);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        using (Process self = Process.GetCurrentProcess())
            Console.WriteLine(
                $"{estate.Resources.Length} resources, {estate.Resources.Sum(static resource => resource.Relations.Length)} relations, "
                + $"{seconds:F2} s, {files.Sum(static path => new FileInfo(path).Length) / 1e6 / seconds:F0} MB/s, "
                + $"peak {self.PeakWorkingSet64 / 1e6:F0} MB, kept {GC.GetTotalMemory(forceFullCollection: true) / 1e6:F0} MB, "
                + $"{estate.Diagnostics.Length} diagnostics");
        GC.KeepAlive(estate);
        return 0;
    default:
        Console.Error.WriteLine("usage: estates generate COUNT FILE [SEED] | estates read FILE...");
        return 2;
}
