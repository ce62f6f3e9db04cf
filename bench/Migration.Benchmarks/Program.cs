using System.Diagnostics;
using System.Globalization;
using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Prices;
using Sirsi.Migration.Assessing;
using Sirsi.Migration.Benchmarks;
using Sirsi.Migration.Designing;
using Sirsi.Migration.Planning;

// generate COUNT FILE [SEED]      writes a state of COUNT resources
// line FILE                       reads, assesses, maps and plans one state; tells the time of each stage and the peak of memory
// line                            generates 1,000, 10,000 and 100,000 resources and runs each in a process of its own
switch (args)
{
    case ["generate", var count, var file, .. var rest]:
        using (FileStream stream = File.Create(file))
            GeneratedState.Write(stream, int.Parse(count, CultureInfo.InvariantCulture), rest is [var seed] ? int.Parse(seed, CultureInfo.InvariantCulture) : 1);
        Console.WriteLine($"{file}: {new FileInfo(file).Length / 1e6:F1} MB");
        return 0;
    case ["line", var file]:
        await LineAsync(file);
        return 0;
    case ["line"]:
        foreach (int count in (int[])[1_000, 10_000, 100_000]) await RunAloneAsync(count);
        return 0;
    default:
        await Console.Error.WriteLineAsync("usage: generate COUNT FILE [SEED] | line [FILE]");
        return 2;
}

static async Task LineAsync(string file)
{
    long began = Stopwatch.GetTimestamp();
    long last = began;
    double Lap()
    {
        long now = Stopwatch.GetTimestamp();
        double seconds = Stopwatch.GetElapsedTime(last, now).TotalSeconds;
        last = now;
        return seconds;
    }

    Estate estate = await EstateSource.ReadAsync([file]);
    double read = Lap();
    var options = new AssessOptions { Now = new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero) };
    Assessment assessment = Assessor.Assess(estate, PriceCatalogue.Embedded, options);
    double assess = Lap();
    Design design = Designer.Design(estate, assessment, PriceCatalogue.Embedded, new DesignOptions { Target = Cloud.Azure });
    double map = Lap();
    Plan plan = Planner.Plan(estate, design, new PlanAssumptions());
    double make = Lap();
    using Process self = Process.GetCurrentProcess();
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"| {estate.Resources.Length:N0} | {new FileInfo(file).Length / 1e6:F0} MB | {read:F2} | {assess:F2} | {map:F2} | {make:F2} | {Stopwatch.GetElapsedTime(began).TotalSeconds:F2} | {self.PeakWorkingSet64 / 1e6:F0} MB | {assessment.Findings.Length:N0} | {plan.Steps.Length:N0} |"));
}

static async Task RunAloneAsync(int count)
{
    string file = Path.Combine(Path.GetTempPath(), $"sirsi-bench-{Environment.ProcessId}-{count}.tfstate");
    try
    {
        await using (FileStream stream = File.Create(file)) GeneratedState.Write(stream, count, 1);
        // Started as 'dotnet X.dll' the program has to be named again; started by itself it is its own program.
        string program = Environment.ProcessPath!;
        string[] self = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        using Process process = Process.Start(program, [.. self, "line", file]);
        await process.WaitForExitAsync();
    }
    finally
    {
        File.Delete(file);
    }
}
