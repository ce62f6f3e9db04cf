using System.Text.Json;
using Sirsi.Hypervisor.Agents;

namespace Sirsi.Cli.Tests.Agents;

public sealed class WatchTests : IDisposable
{
    private readonly House _house = new();

    public void Dispose() => _house.Dispose();

    /// <summary>A counter and one that logs and fails, each with a message that waits.</summary>
    private async Task<(string Counter, string Failing)> MakeAsync()
    {
        await _house.AddAsync("fails", """
            (module
              (import "extism:host/env" "input_offset" (func $input (result i64)))
              (import "extism:host/env" "log_info" (func $log (param i64)))
              (func (export "on_message") (result i32) (call $log (call $input)) unreachable))
            """);
        string counter = await _house.CounterAsync();
        string failing = (await _house.AskAsync("agent", "spawn", "fails", "--session", "demo")).GetProperty("id").GetString()!;
        // A host that does not know their types takes the messages and leaves them.
        await _house.HostAsync(new AgentTypes(), static async session =>
        {
            foreach (Agent agent in session.Agents()) await agent.TellAsync("work", "so\u001b be it"u8.ToArray());
        });
        return (counter, failing);
    }

    [Fact]
    public async Task Turns_logs_and_failures_are_shown_as_they_happen()
    {
        (string counter, string failing) = await MakeAsync();
        JsonElement[] seen = [.. (await _house.DoAsync("agent", "watch", "--for", "3s", "--json")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line =>
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.Clone();
        })];
        Assert.All(seen, static one => Assert.Equal("sirsi.agent-sighting/1", one.GetProperty("schema").GetString()));
        JsonElement turn = Assert.Single(seen, one => one.GetProperty("agent").GetString() == counter);
        Assert.Equal(("turn", "message", "work", false), (turn.GetProperty("what").GetString(), turn.GetProperty("kind").GetString(), turn.GetProperty("type").GetString(), turn.TryGetProperty("error", out _)));
        Assert.Equal(["log", "turn", "log", "turn", "log", "turn"], seen.Where(one => one.GetProperty("agent").GetString() == failing).Select(static one => one.GetProperty("what").GetString()));
        Assert.Equal("1", Assert.Single((await _house.AskAsync("agent", "show", counter, "--values")).GetProperty("variables").EnumerateArray()).GetProperty("value").GetBytesFromBase64()[0].ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Only_one_agent_is_shown_when_asked_and_what_guests_say_commands_no_terminal()
    {
        (_, string failing) = await MakeAsync();
        string[] lines = (await _house.DoAsync("agent", "watch", failing, "--for", "3s")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.Contains(failing, line, StringComparison.Ordinal));
        Assert.Contains(lines, static line => line.EndsWith("info: so· be it", StringComparison.Ordinal));
        Assert.Contains(lines, static line => line.Contains("message work failed: ", StringComparison.Ordinal));
    }
}
