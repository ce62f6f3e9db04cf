using System.Diagnostics;
using Sirsi.Store.Tests.Durability;
using Sirsi.Store.Tests.Engines;

namespace Sirsi.Store.Tests.Postgres;

/// <summary>Kills a server of its own, so that other tests keep theirs.</summary>
[Trait("Suite", "slow")]
public sealed class PostgresRestartTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Units_go_on_by_themselves_after_the_server_was_killed_and_none_that_was_acknowledged_is_lost()
    {
        PostgresEngine.Server();
        string data = Path.Combine(Repository.Root, "artifacts", $"servers-{Guid.NewGuid():N}"[..20]);
        try
        {
            ProgramResult started = await ServersAsync("start", data);
            Assert.True(started.ExitCode == 0, started.Error);
            string address = Value(started.Output, "SIRSI_TEST_POSTGRES"), folder = Value(started.Output, "SIRSI_TEST_POSTGRES_DATA"),
                programs = Value(started.Output, "SIRSI_TEST_POSTGRES_PROGRAMS");
            using WriterProcess writer = WriterProcess.Start(address, callers: 8, first: 1);
            await writer.UntilAsync(static writer => writer.Acknowledged.Length > 100);
            for (int kill = 0; kill < 3; kill++)
            {
                int server = int.Parse((await File.ReadAllLinesAsync(Path.Combine(folder, "postmaster.pid")))[0]);
                using (Process postmaster = Process.GetProcessById(server)) postmaster.Kill();
                await Task.Delay(300);
                ProgramResult again = await StartAgainAsync(programs, folder);
                Assert.True(again.ExitCode == 0, again.Output + again.Error);
                int before = writer.Acknowledged.Length;
                await writer.UntilAsync(writer => writer.Acknowledged.Length > before + 100);
            }

            await writer.KillAsync();
            output.WriteLine($"{writer.Acknowledged.Length} acknowledged, {writer.Failures.Length} failed ({string.Join(", ", writer.Failures.Distinct(StringComparer.Ordinal))})");
            // While committing nobody can know; everything else goes on.
            Assert.All(writer.Failures, static failure => Assert.Equal(StoreErrors.OutcomeUnknown.ToString(), failure));
            await Survivors.CheckAsync(Sirsi.Store.Postgres.PostgresOptions.Parse(address), writer.Acknowledged, writer.Refused);
        }
        finally
        {
            await ServersAsync("stop", data);
            Directory.Delete(data, recursive: true);
        }
    }

    private static Task<ProgramResult> ServersAsync(string verb, string data) =>
        ChildProcess.RunAsync(Path.Combine(Repository.Root, "tests", "servers"), [verb, "postgres"], environment: ("SIRSI_SERVERS_DATA", data));

    private static async Task<ProgramResult> StartAgainAsync(string programs, string folder)
    {
        string[] start = [Path.Combine(programs, "pg_ctl"), "-D", folder, "-w", "-t", "60", "-l", Path.Combine(Path.GetDirectoryName(folder)!, "log"), "start"];
        // Its children may still hold the shared memory for a moment.
        for (int attempt = 0; ; attempt++)
        {
            ProgramResult result = Environment.UserName == "root"
                ? await ChildProcess.RunAsync("setpriv", ["--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--", .. start])
                : await ChildProcess.RunAsync(start[0], start[1..]);
            if (result.ExitCode == 0 || attempt == 20) return result;
            await Task.Delay(500);
        }
    }

    private static string Value(string lines, string name) =>
        lines.Split('\n').Select(line => line.Split($"export {name}=")).First(static parts => parts.Length == 2)[1].Trim();
}
