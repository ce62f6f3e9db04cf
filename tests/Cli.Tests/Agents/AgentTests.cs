using System.Text;
using System.Text.Json;

namespace Sirsi.Cli.Tests.Agents;

public sealed class AgentTests : IDisposable
{
    private readonly House _house = new();

    public void Dispose() => _house.Dispose();

    [Fact]
    public async Task An_agent_goes_on_from_one_command_to_the_next()
    {
        string id = await _house.CounterAsync();
        JsonElement sent = await _house.AskAsync("agent", "send", id, "count");
        Assert.Equal(("sirsi.agent-send/1", "accepted", "idle", 0), (sent.GetProperty("schema").GetString(), sent.GetProperty("outcome").GetString(),
            sent.GetProperty("status").GetString(), sent.GetProperty("mailbox").GetInt32()));
        Assert.Equal("2", await _house.DoAsync("agent", "ask", id, "count"));
        JsonElement reply = await _house.AskAsync("agent", "ask", id[^6..], "count");
        Assert.Equal(("sirsi.agent-reply/1", "3"), (reply.GetProperty("schema").GetString(), Encoding.UTF8.GetString(reply.GetProperty("payload").GetBytesFromBase64())));
        JsonElement shown = await _house.AskAsync("agent", "show", id, "--values");
        JsonElement variable = Assert.Single(shown.GetProperty("variables").EnumerateArray());
        Assert.Equal(("count", 8), (variable.GetProperty("name").GetString(), variable.GetProperty("bytes").GetInt32()));
        Assert.Equal([3, 0, 0, 0, 0, 0, 0, 0], variable.GetProperty("value").GetBytesFromBase64());
        Assert.Contains("count         8  0x0300000000000000", await _house.DoAsync("agent", "show", id, "--values"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_document_of_an_agent_has_these_members()
    {
        string id = await _house.CounterAsync();
        JsonElement agent = await _house.AskAsync("agent", "show", id);
        Assert.Equal(
            ["schema", "id", "type", "status", "session", "parent", "mailbox", "children", "lastError", "changes", "variables", "capabilities", "revoked", "refused", "approvals", "unknownStep"],
            agent.EnumerateObject().Select(static member => member.Name));
        JsonElement listed = Assert.Single((await _house.AskAsync("agent", "list")).GetProperty("agents").EnumerateArray());
        Assert.Equal(["id", "type", "status", "session", "parent", "mailbox"], listed.EnumerateObject().Select(static member => member.Name));
    }

    [Fact]
    public async Task A_suspended_agent_keeps_its_mailbox_and_its_reason_until_it_is_resumed()
    {
        string id = await _house.CounterAsync();
        await _house.DoAsync("agent", "suspend", id, "--reason", "until Monday");
        Assert.Contains("suspended: until Monday; 1 message waits", await _house.DoAsync("agent", "send", id, "count"), StringComparison.Ordinal);
        Assert.Contains("2 messages wait", await _house.DoAsync("agent", "send", id, "count"), StringComparison.Ordinal);
        Assert.Matches($"{id} +counter +suspended +2 +demo +until Monday", await _house.DoAsync("agent", "list", "--status", "suspended"));
        ProgramResult asked = await _house.RunAsync("agent", "ask", id, "count");
        Assert.Equal(ExitCode.Failed, asked.ExitCode);
        Assert.Contains($"sirsi agent resume {id}", asked.Error, StringComparison.Ordinal);
        JsonElement resumed = await _house.AskAsync("agent", "resume", id, "--reason", "it is Monday");
        Assert.Equal(("idle", 0), (resumed.GetProperty("status").GetString(), resumed.GetProperty("mailbox").GetInt32()));
        Assert.Equal(["until Monday", "it is Monday"], (await _house.AskAsync("agent", "show", id)).GetProperty("changes").EnumerateArray().Select(static change => change.GetProperty("reason").GetString()));
        Assert.Equal("3", await _house.DoAsync("agent", "ask", id, "count"));
    }

    [Fact]
    public async Task A_fork_goes_on_from_where_the_agent_is_and_leaves_it_alone()
    {
        string id = await _house.CounterAsync();
        for (int i = 0; i < 2; i++) await _house.DoAsync("agent", "send", id, "count");
        string fork = (await _house.AskAsync("agent", "fork", id, "--variable", "why=what if")).GetProperty("id").GetString()!;
        Assert.Equal("3", await _house.DoAsync("agent", "ask", fork, "count"));
        Assert.Equal("4", await _house.DoAsync("agent", "ask", fork, "count"));
        Assert.Equal("3", await _house.DoAsync("agent", "ask", id, "count"));
        Assert.Contains("what if", await _house.DoAsync("agent", "show", fork, "--values"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_agent_publishes_is_on_the_bus_of_the_data_folder()
    {
        const string Reporter = """
            (module
              (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
              (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
              (import "extism:host/env" "input_offset" (func $input (result i64)))
              (import "extism:host/user" "bus_publish" (func $publish (param i64 i64 i64) (result i64)))
              (func (export "on_message") (result i32) (local $subject i64)
                (local.set $subject (call $alloc (i64.const 4)))
                (call $store (local.get $subject) (i32.const 100))
                (call $store (i64.add (local.get $subject) (i64.const 1)) (i32.const 111))
                (call $store (i64.add (local.get $subject) (i64.const 2)) (i32.const 110))
                (call $store (i64.add (local.get $subject) (i64.const 3)) (i32.const 101))
                (i32.wrap_i64 (call $publish (local.get $subject) (i64.const 0) (call $input)))))
            """;
        await _house.AddAsync("reporter", Reporter, "capabilities:\n- capability: bus.publish:done\n  reason: It reports.\n");
        await _house.DoAsync("session", "open", "--name", "demo", "--capability", "bus.publish");
        string id = (await _house.AskAsync("agent", "spawn", "reporter", "--session", "demo", "--capability", "bus.publish:done")).GetProperty("id").GetString()!;
        await _house.DoAsync("agent", "send", id, "go", "--payload", "all is well");
        string events = (await Cli.RunAsync("bus", "dump", Path.Combine(_house.Home, "bus"), "--subject", "done", "--json")).Output;
        Assert.Contains(id, events, StringComparison.Ordinal);
        Assert.Contains(Convert.ToBase64String("all is well"u8), events, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_with_a_key_is_handled_once()
    {
        string id = await _house.CounterAsync();
        await _house.DoAsync("agent", "send", id, "count", "--key", "one");
        Assert.Equal("repeated", (await _house.AskAsync("agent", "send", id, "count", "--key", "one")).GetProperty("outcome").GetString());
        Assert.Equal("2", await _house.DoAsync("agent", "ask", id, "count"));
    }

    [Fact]
    public async Task A_killed_agent_is_gone()
    {
        string id = await _house.CounterAsync();
        Assert.Equal("stopped", (await _house.AskAsync("agent", "kill", id)).GetProperty("status").GetString());
        ProgramResult sent = await _house.RunAsync("agent", "send", id, "count");
        Assert.Equal(ExitCode.Failed, sent.ExitCode);
        Assert.Contains("There is no agent", sent.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_payload_is_a_text_a_file_or_standard_input()
    {
        await _house.AddAsync("echo", Echo);
        await _house.DoAsync("session", "open", "--name", "demo");
        string id = (await _house.AskAsync("agent", "spawn", "echo", "--session", "demo", "--variable", "tone=soft")).GetProperty("id").GetString()!;
        Assert.Equal("Hello", await _house.DoAsync("agent", "ask", id, "say", "--payload", "Hello"));
        Assert.Equal("from a file", await _house.DoAsync("agent", "ask", id, "say", "--payload", "@" + _house.Write("in.txt", "from a file")));
        Assert.Equal("", await _house.DoAsync("agent", "ask", id, "say", "--payload", "-"));
        Assert.Equal(ExitCode.Failed, (await _house.RunAsync("agent", "ask", id, "say", "--payload", "@/no/such/file")).ExitCode);
        Assert.Contains("tone          4  soft", await _house.DoAsync("agent", "show", id, "--values"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_type_that_is_not_active_is_refused_with_what_to_do()
    {
        await _house.AddAsync();
        await _house.AddAsync("echo", Echo);
        await _house.DoAsync("session", "open", "--name", "demo");
        ProgramResult slip = await _house.RunAsync("agent", "spawn", "conter", "--session", "demo");
        Assert.Contains("did you mean 'counter'?", slip.Error, StringComparison.Ordinal);
        _house.Write("other/module.yaml", "schema: sirsi.module/1\nname: other\nversion: 1.0.0\nentry: m.wasm\npublisher: acme\n");
        File.Copy(_house.File("echo/m.wasm"), _house.File("other/m.wasm"));
        await _house.DoAsync("module", "add", _house.File("other"));
        ProgramResult inactive = await _house.RunAsync("agent", "spawn", "other", "--session", "demo");
        Assert.Equal(ExitCode.Failed, inactive.ExitCode);
        Assert.Contains("sirsi module activate other@1.0.0", inactive.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_whose_module_cannot_be_loaded_rests_and_loses_nothing()
    {
        string id = await _house.CounterAsync();
        await _house.DoAsync("agent", "ask", id, "count");
        // Nobody signed it, and without --dev it is not loaded.
        ProgramResult sent = await Cli.RunAsync("agent", "send", id, "count", "--home", _house.Home);
        Assert.True(sent.ExitCode == ExitCode.Ok, sent.Error);
        Assert.Contains("suspended", sent.Output, StringComparison.Ordinal);
        ProgramResult resumed = await Cli.RunAsync("agent", "resume", id, "--home", _house.Home);
        Assert.Equal(ExitCode.Failed, resumed.ExitCode);
        Assert.Contains("cannot be loaded", resumed.Error, StringComparison.Ordinal);
        Assert.Equal("3", await _house.DoAsync("agent", "ask", id, "count"));
    }

    [Fact]
    public async Task A_message_that_fails_is_set_aside_and_told()
    {
        await _house.AddAsync("fails", """(module (func (export "on_message") (result i32) unreachable))""");
        await _house.DoAsync("session", "open", "--name", "demo");
        string id = (await _house.AskAsync("agent", "spawn", "fails", "--session", "demo")).GetProperty("id").GetString()!;
        ProgramResult sent = await _house.RunAsync("agent", "send", id, "work");
        Assert.Equal(ExitCode.Ok, sent.ExitCode);
        Assert.Contains($"set aside: a message 'work' to {id}", sent.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("set aside", (await _house.RunAsync("agent", "list")).Error, StringComparison.Ordinal);
        ProgramResult asked = await _house.RunAsync("agent", "ask", id, "work");
        Assert.Equal(ExitCode.Failed, asked.ExitCode);
        Assert.Contains("SIRSI-6021", asked.Error, StringComparison.Ordinal);
    }

    /// <summary>Answers with what it was sent.</summary>
    private const string Echo = """
        (module
          (import "extism:host/env" "input_offset" (func $input (result i64)))
          (import "extism:host/env" "input_length" (func $length (result i64)))
          (import "extism:host/env" "output_set" (func $output (param i64 i64)))
          (func (export "on_message") (result i32) (call $output (call $input) (call $length)) (i32.const 0)))
        """;
}
