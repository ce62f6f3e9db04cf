using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Sirsi.Core.Hosting;
using Sirsi.Store.Postgres;

namespace Sirsi.Store.Benchmarks;

/// <summary>The same INSERT, the same number of clients, ours and PostgreSQL's own pgbench by turns.</summary>
internal static partial class PostgresBenchmark
{
    private const int Rounds = 7;
    private const int Clients = 16;
    private const int Seconds = 3;

    public static async Task<int> RunAsync(string? address)
    {
        if (string.IsNullOrEmpty(address))
        {
            Console.WriteLine("SIRSI_TEST_POSTGRES is not set: eval \"$(tests/servers start postgres)\"");
            return 2;
        }

        PostgresOptions options = PostgresOptions.Parse(address) with { ConnectionsMax = Clients };
        await using Database database = await Database.OpenAsync(options,
            [new("bench", new Migration(1, "rows", static d => $"CREATE TABLE bench_rows (id {d.Identity}, caller {d.Integer} NOT NULL, number {d.Integer} NOT NULL)"))],
            HostEnvironment.Production, CancellationToken.None);
        Task UnitAsync(int caller, long number) => database.RunAsync(
            unit => unit.ExecuteAsync("INSERT INTO bench_rows (caller, number) VALUES ($1, $2)", caller, number), CancellationToken.None);
        await Callers.RunAsync(Clients, TimeSpan.FromSeconds(Seconds), UnitAsync);
        const string insert = "INSERT INTO bench_rows (caller, number) VALUES (:client_id, :client_id);";
        var ours = new List<double>();
        var unit = new List<double>();
        var bare = new List<double>();
        for (int round = 0; round < Rounds; round++)
        {
            ours.Add((await Callers.RunAsync(Clients, TimeSpan.FromSeconds(Seconds), UnitAsync)).PerSecond);
            unit.Add(await PgbenchAsync(options, $"BEGIN ISOLATION LEVEL SERIALIZABLE;\n{insert}\nCOMMIT;\n"));
            bare.Add(await PgbenchAsync(options, insert + "\n"));
            Console.WriteLine($"ours {ours[^1],8:N0}/s   pgbench, BEGIN … COMMIT {unit[^1],8:N0}/s ({ours[^1] / unit[^1]:N2} x)   pgbench, bare statement {bare[^1],8:N0}/s ({ours[^1] / bare[^1]:N2} x)");
        }

        Console.WriteLine($"median of {Rounds}, {Clients} clients: ours {Callers.Median(ours):N0}/s, pgbench unit {Callers.Median(unit):N0}/s "
            + $"(ratio {Callers.Median(ours.Zip(unit, static (a, b) => a / b)):N2}), bare {Callers.Median(bare):N0}/s (ratio {Callers.Median(ours.Zip(bare, static (a, b) => a / b)):N2})");
        return 0;
    }

    private static async Task<double> PgbenchAsync(PostgresOptions options, string script)
    {
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, script);
        var start = new ProcessStartInfo("pgbench",
            ["-n", "-M", "prepared", "-c", $"{Clients}", "-j", "2", "-T", $"{Seconds}", "-f", file, "-h", options.Host, "-p", $"{options.Port}", "-U", options.User, options.Name])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        File.Delete(file);
        Match rate = Rate().Match(output);
        return rate.Success ? double.Parse(rate.Groups["rate"].Value, CultureInfo.InvariantCulture) : throw new InvalidOperationException(output + error);
    }

    [GeneratedRegex("tps = (?<rate>[0-9.]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Rate();
}
