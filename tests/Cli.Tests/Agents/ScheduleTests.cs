using System.Text.Json;

namespace Sirsi.Cli.Tests.Agents;

public sealed class ScheduleTests : IDisposable
{
    private readonly House _house = new();

    public void Dispose() => _house.Dispose();

    [Fact]
    public async Task A_schedule_is_set_listed_with_its_next_three_times_shown_and_removed()
    {
        await _house.AddAsync();
        await _house.DoAsync("session", "open", "--name", "demo");
        Assert.Contains("There is no schedule.", await _house.DoAsync("schedule", "list"), StringComparison.Ordinal);
        JsonElement set = await _house.AskAsync("schedule", "set", "nightly", "--session", "demo", "--cron", "0 2 * * *", "--zone", "Europe/Berlin", "--type", "count");
        Assert.Equal(("nightly", "0 2 * * *", "Europe/Berlin", "coalesce", "count"),
            (set.GetProperty("name").GetString(), set.GetProperty("cron").GetString(), set.GetProperty("zone").GetString(), set.GetProperty("missed").GetString(), set.GetProperty("taskType").GetString()));
        Assert.Equal(3, set.GetProperty("next").GetArrayLength());
        Assert.Matches(@"nightly +0 2 \* \* \* in Europe/Berlin +demo +\d{4}-\d\d-\d\d 0[23]:00:00 \+0[12]:00, .*, .*", await _house.DoAsync("schedule", "list"));
        Assert.Contains("are made up for by one task", await _house.DoAsync("schedule", "show", "nightly"), StringComparison.Ordinal);
        Assert.Contains("Removed nightly of demo.", await _house.DoAsync("schedule", "remove", "nightly", "--session", "demo"), StringComparison.Ordinal);
        ProgramResult gone = await _house.RunAsync("schedule", "show", "nightly");
        Assert.Equal(ExitCode.Failed, gone.ExitCode);
        Assert.Contains("SIRSI-6002", gone.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_comes_after_an_occurrence_makes_up_for_it()
    {
        string agent = await _house.CounterAsync();
        await _house.DoAsync("schedule", "set", "often", "--session", "demo", "--every", "1s", "--type", "count");
        await _house.DoAsync("agent", "watch", "--for", "2500ms");
        JsonElement shown = await _house.AskAsync("schedule", "show", "often");
        Assert.NotNull(shown.GetProperty("last").GetString());
        Assert.StartsWith("task_", shown.GetProperty("lastTask").GetString(), StringComparison.Ordinal);
        JsonElement task = (await _house.AskAsync("task", "list", "--session", "demo")).GetProperty("tasks")[0];
        Assert.Equal(("often", "count", "succeeded", agent), (task.GetProperty("name").GetString(), task.GetProperty("type").GetString(), task.GetProperty("state").GetString(), task.GetProperty("agent").GetString()));
    }

    [Theory, InlineData("--cron|61 * * * *", "61"), InlineData("--cron|0 2 * * *|--zone|Mars/Olympus", "no time zone id of IANA"), InlineData("--cron|0 2 * * *|--every|1h", "Either Cron or Every"), InlineData("--every|1h|--end|2020-01-01T00:00Z", "no occurrence")]
    public async Task A_schedule_that_makes_no_sense_is_refused_with_the_reason(string line, string reason)
    {
        await _house.AddAsync();
        await _house.DoAsync("session", "open", "--name", "demo");
        ProgramResult refused = await _house.RunAsync([.. "schedule|set|it|--session|demo|--type|count".Split('|'), .. line.Split('|')]);
        Assert.Equal(ExitCode.Usage, refused.ExitCode);
        Assert.Contains(reason, refused.Error, StringComparison.Ordinal);
    }
}
