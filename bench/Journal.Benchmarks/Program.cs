using Sirsi.Core.Hosting;
using Sirsi.Journal.Benchmarks;

// Arguments: the folder to measure in (default: a temporary one), and how many seconds each row and the large log are written (default 5 and 60).
string root = args.Length > 0 ? Path.Combine(args[0], "journal-benchmark") : Directory.CreateTempSubdirectory("journal-benchmark-").FullName;
double seconds = args.Length > 1 ? double.Parse(args[1]) : 5;
double largeSeconds = args.Length > 2 ? double.Parse(args[2]) : 60;
try
{
    await HostEnvironment.Production.Executor.RunAsync(async () =>
    {
        await Appends.DurableAsync(root, seconds);
        if (largeSeconds <= 0) return;
        await Appends.UnflushedAsync(root, seconds);
        await LargeLog.RunAsync(root, largeSeconds);
    });
}
finally
{
    Directory.Delete(root, recursive: true);
}
