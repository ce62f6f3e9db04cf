using System.Text;
using System.Text.Json;

namespace Sirsi.Cli.Tests.Agents;

public sealed class TaskTests : IDisposable
{
    private const string Failing = """
        (module
          (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
          (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
          (import "extism:host/env" "error_set" (func $error (param i64)))
          (func (export "on_task") (result i32) (local $why i64)
            (local.set $why (call $alloc (i64.const 2)))
            (call $store (local.get $why) (i32.const 0x6e))
            (call $store (i64.add (local.get $why) (i64.const 1)) (i32.const 0x6f))
            (call $error (local.get $why))
            (i32.const 1)))
        """;

    private readonly House _house = new();

    public void Dispose() => _house.Dispose();

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private async Task<JsonElement> OneAsync(params string[] arguments) => Assert.Single((await _house.AskAsync(arguments)).GetProperty("tasks").EnumerateArray());

    [Fact]
    public async Task A_task_is_done_by_an_agent_of_a_module_with_on_task_and_its_result_is_there_for_the_next_command()
    {
        string agent = await _house.CounterAsync();
        JsonElement task = await OneAsync("task", "submit", "count", "--session", "demo", "--name", "first");
        Assert.Equal(("succeeded", "first", agent, "1"), (Text(task, "state"), Text(task, "name"), Text(task, "agent"), Encoding.UTF8.GetString(task.GetProperty("result").GetBytesFromBase64())));
        Assert.Equal("2", await _house.DoAsync("task", "submit", "count", "--session", "demo", "--result"));
        Assert.Equal("3", await _house.DoAsync("agent", "ask", agent, "count"));
        string shown = await _house.DoAsync("task", "show", "first");
        Assert.Contains("(first) has succeeded.", shown, StringComparison.Ordinal);
        Assert.Matches("Result +1", shown);
        Assert.Matches("first +succeeded +1 +demo", await _house.DoAsync("task", "list", "--session", "demo", "--state", "succeeded"));
        Assert.Equal(2, (await _house.AskAsync("task", "list")).GetProperty("tasks").GetArrayLength());
    }

    [Fact]
    public async Task It_waits_until_there_is_an_agent_and_says_so_and_can_be_cancelled_and_retried()
    {
        await _house.AddAsync();
        await _house.DoAsync("session", "open", "--name", "demo");
        string id = Text(await OneAsync("task", "submit", "count", "--session", "demo", "--key", "k"), "id");
        Assert.Equal(id, Text(await OneAsync("task", "submit", "count", "--session", "demo", "--key", "k"), "id"));
        Assert.Contains("is ready: It waits for an agent; none of the session takes tasks.", await _house.DoAsync("task", "show", id), StringComparison.Ordinal);
        ProgramResult open = await _house.RunAsync("task", "submit", "count", "--session", "demo", "--key", "k", "--result");
        Assert.Equal((ExitCode.Failed, ""), (open.ExitCode, open.Output));
        Assert.Contains("SIRSI-6023", open.Error, StringComparison.Ordinal);
        Assert.Contains("was cancelled: not now.", await _house.DoAsync("task", "cancel", id, "--reason", "not now"), StringComparison.Ordinal);
        ProgramResult again = await _house.RunAsync("task", "cancel", id);
        Assert.Equal(ExitCode.Failed, again.ExitCode);
        Assert.Contains("SIRSI-6024", again.Error, StringComparison.Ordinal);
        await _house.DoAsync("agent", "spawn", "counter", "--session", "demo");
        Assert.Contains("has succeeded.", await _house.DoAsync("task", "retry", id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_that_fails_for_good_is_dead_with_all_its_errors()
    {
        await _house.AddAsync("failing", Failing);
        await _house.DoAsync("session", "open", "--name", "demo");
        Assert.Contains("No task is dead.", await _house.DoAsync("task", "dead"), StringComparison.Ordinal);
        await _house.DoAsync("agent", "spawn", "failing", "--session", "demo");
        JsonElement task = await OneAsync("task", "submit", "try", "--session", "demo", "--attempts", "2");
        Assert.Equal("failed", Text(task, "state"));
        JsonElement dead = await OneAsync("task", "dead");
        Assert.Equal([1, 2], dead.GetProperty("errors").EnumerateArray().Select(static error => error.GetProperty("attempt").GetInt32()));
        Assert.Contains($"sirsi task retry {Text(task, "id")}", await _house.DoAsync("task", "dead", "--session", "demo"), StringComparison.Ordinal);
    }

    [Theory, InlineData("yaml"), InlineData("json")]
    public async Task A_file_of_tasks_is_submitted_whole_and_shown_as_a_graph(string form)
    {
        await _house.AddAsync();
        await _house.DoAsync("session", "open", "--name", "demo");
        string file = _house.Write("tasks." + form, form == "yaml" ? """
            schema: sirsi.tasks/1
            tasks:
              - { name: export, type: count, payload: hello, timeout: 1m, attempts: 5 }
              - { name: left, type: count, after: [export] }
              - { name: right, type: count, after: [export], priority: high }
              - { name: report, type: count, after: [left, { task: right, on: end }] }
            """ : """
            { "schema": "sirsi.tasks/1", "tasks": [
              { "name": "export", "type": "count", "payload": "hello", "timeout": "1m", "attempts": 5 },
              { "name": "left", "type": "count", "after": ["export"] },
              { "name": "right", "type": "count", "after": ["export"], "priority": "high" },
              { "name": "report", "type": "count", "after": ["left", { "task": "right", "on": "end" }] } ] }
            """);
        Assert.Contains("Submitted 4 tasks:", await _house.DoAsync("task", "submit", "--file", file, "--session", "demo"), StringComparison.Ordinal);
        string[] lines = (await _house.DoAsync("task", "graph", "demo")).ReplaceLineEndings("\n").TrimEnd().Split('\n');
        Assert.Equal(5, lines.Length);
        Assert.Matches("^export        ready      task_", lines[0]);
        Assert.Matches("^├─ left +blocked", lines[1]);
        Assert.Matches("^│  └─ report +blocked +task_[a-z0-9]+  after left, right$", lines[2]);
        Assert.Matches("^└─ right +blocked", lines[3]);
        Assert.Equal("   └─ report, as above", lines[4]);
        string mermaid = await _house.DoAsync("task", "graph", "demo", "--mermaid");
        Assert.StartsWith("graph TD", mermaid, StringComparison.Ordinal);
        Assert.Contains("[\"export: ready\"]", mermaid, StringComparison.Ordinal);
        Assert.Single(mermaid.Split('\n'), static line => line.Contains("-.->", StringComparison.Ordinal));
        await _house.DoAsync("agent", "spawn", "counter", "--session", "demo");
        JsonElement[] behind = [.. (await _house.AskAsync("task", "graph", "left")).GetProperty("tasks").EnumerateArray()];
        Assert.Equal(["left succeeded", "report succeeded"], behind.Select(static task => $"{Text(task, "name")} {Text(task, "state")}"));
        Assert.Equal("end", Text(behind[1].GetProperty("after")[1], "on"));
    }

    [Fact]
    public async Task A_file_with_problems_is_refused_with_the_place_of_each()
    {
        await _house.AddAsync();
        await _house.DoAsync("session", "open", "--name", "demo");
        string file = _house.Write("bad.yaml", """
            schema: sirsi.tasks/1
            tasks:
              - name: a
                type: count
                after: [c]
              - name: a
                type: count
                timeout: soon
              - name: b
                prio: high
              - just text
            """);
        ProgramResult bad = await _house.RunAsync("task", "submit", "--file", file, "--session", "demo");
        Assert.Equal(ExitCode.Failed, bad.ExitCode);
        foreach (string expected in (string[])["SIRSI-6025", "bad.yaml:5:13: 'c' is no task of this file", "bad.yaml:6:11: 'a' is the name of another task already", "bad.yaml:8:14: 'timeout' must be a time", "bad.yaml:9:5: 'type' is missing", "bad.yaml:10:5: 'prio' is no member here", "bad.yaml:11:5: a task must be a mapping"])
            Assert.Contains(expected, bad.Error, StringComparison.Ordinal);
        string cycle = _house.Write("cycle.yaml", "schema: sirsi.tasks/1\ntasks:\n  - { name: egg, type: x, after: [hen] }\n  - { name: hen, type: x, after: [egg] }\n");
        ProgramResult circular = await _house.RunAsync("task", "submit", "--file", cycle, "--session", "demo");
        Assert.Equal(ExitCode.Usage, circular.ExitCode);
        Assert.Contains("'egg' → 'hen' → 'egg'", circular.Error, StringComparison.Ordinal);
        Assert.Contains("There is no such task.", await _house.DoAsync("task", "list"), StringComparison.Ordinal);
    }

    [Theory, InlineData("--session demo"), InlineData("count --session demo --priority soonish"), InlineData("count --session demo --not-before whenever"), InlineData("count --session demo --attempts 0"), InlineData("count"), InlineData("--session demo --file x.yaml --key k")]
    public async Task A_submission_that_makes_no_sense_is_refused(string line)
    {
        await _house.AddAsync();
        await _house.DoAsync("session", "open", "--name", "demo");
        Assert.Equal(ExitCode.Usage, (await _house.RunAsync([.. $"task submit {line}".Split(' ')])).ExitCode);
    }

    [Fact]
    public async Task Messages_that_were_set_aside_are_shown_by_later_commands_too()
    {
        await _house.AddAsync("failing", Failing);
        await _house.DoAsync("session", "open", "--name", "demo");
        Assert.Contains("No message was set aside.", await _house.DoAsync("agent", "dead"), StringComparison.Ordinal);
        string id = Text(await _house.AskAsync("agent", "spawn", "failing", "--session", "demo"), "id");
        await _house.DoAsync("agent", "send", id, "hello", "--payload", "you");
        JsonElement letter = Assert.Single((await _house.AskAsync("agent", "dead", id)).GetProperty("deadLetters").EnumerateArray());
        Assert.Equal((id, "hello", "you"), (Text(letter, "to"), Text(letter, "type"), Encoding.UTF8.GetString(letter.GetProperty("payload").GetBytesFromBase64())));
        Assert.Matches($"{id} +hello +3 ", await _house.DoAsync("agent", "dead"));
        Assert.Contains("No message was set aside.", await _house.DoAsync("agent", "dead", "--project", "other"), StringComparison.Ordinal);
    }
}
