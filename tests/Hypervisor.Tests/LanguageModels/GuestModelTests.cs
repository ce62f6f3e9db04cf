using System.Collections.Immutable;
using System.Text.Json;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Modules;
using Sirsi.Hypervisor.Tests.Http;
using Sirsi.Wasm.Text;

namespace Sirsi.Hypervisor.Tests.LanguageModels;

public sealed class GuestModelTests
{
    /// <summary>Asks a model what its input says and replies with the answer as it is.</summary>
    private const string Asker = """
        (module
          (import "extism:host/user" "model_complete" (func $complete (param i64) (result i64)))
          (import "extism:host/env" "input_offset" (func $input (result i64)))
          (import "extism:host/env" "length" (func $length (param i64) (result i64)))
          (import "extism:host/env" "output_set" (func $output (param i64 i64)))
          (func (export "on_message") (result i32) (local $answer i64)
            (local.set $answer (call $complete (call $input)))
            (call $output (local.get $answer) (call $length (local.get $answer)))
            (i32.const 0)))
        """;

    private static Task<Net> OpenAsync(ScriptedModel model, params string[] capabilities)
    {
        WatResult result = WatParser.Parse(Asker, new WatOptions());
        Assert.Empty(result.Problems);
        AgentModule module = AgentModule.Load(result.Module!.Value, ImmutableDictionary<string, string>.Empty, HostEnvironment.Production.Time, new ModuleLimits { TurnTimeout = TimeSpan.FromSeconds(5) });
        return Net.OpenAsync(new AgentHostOptions { Model = model }, capabilities, register: types => types.Register(module.ToType("guest") with { Supervision = new SupervisionOptions { AttemptsMax = 1 } }));
    }

    private static async Task<string> AskAsync(Net net, string request)
    {
        AgentReply reply = await (await net.SpawnAsync("guest")).AskAsync("go", World.Bytes(request), Net.Patience);
        return reply.Outcome is ReplyOutcome.Replied ? World.Text(reply.Payload) : $"{reply.Outcome}: {reply.Reason}";
    }

    [Fact]
    public async Task A_guest_asks_a_model_in_json_and_gets_the_answer_in_json()
    {
        var book = new ScriptedModel.Book();
        await using Net net = await OpenAsync(new ScriptedModel(book), "model.complete:echo");
        using JsonDocument answer = JsonDocument.Parse(await AskAsync(net, """
            {"model": "echo", "system": "short", "max_tokens": 3, "temperature": 0.2, "stop": ["x"],
             "messages": [{"role": "user", "text": "hi"}, {"role": "assistant", "text": "yes?"}, {"role": "user", "text": "one two three four"}]}
            """));
        Assert.Equal(
            """{"outcome":"completed","text":"one two three","stop":"output-tokens","tokens_in":7,"tokens_out":3,"money":30,"reason":""}""",
            JsonSerializer.Serialize(answer.RootElement));
        Assert.Equal((3, 0.2, "short"), (book.Requests[0].OutputTokensMax, book.Requests[0].Temperature, book.Requests[0].System));
    }

    [Fact]
    public async Task What_it_may_not_ask_is_an_answer_and_what_is_no_request_fails_its_turn()
    {
        await using Net net = await OpenAsync(new ScriptedModel(new ScriptedModel.Book()));
        string refused = await AskAsync(net, """{"model": "echo", "messages": [{"role": "user", "text": "hi"}]}""");
        Assert.StartsWith("""{"outcome":"refused",""", refused, StringComparison.Ordinal);
        Assert.Contains("model.complete:echo", refused, StringComparison.Ordinal);
        Assert.Contains("is JSON with model and messages", await AskAsync(net, """{"model": "echo", "messages": [{"role": "robot"}]}"""), StringComparison.Ordinal);
        Assert.Contains("There are no messages", await AskAsync(net, """{"model": "echo", "messages": []}"""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guest_that_waits_too_long_for_a_model_is_stopped()
    {
        var model = new ScriptedModel(new ScriptedModel.Book())
        {
            Before = static async (_, over) =>
            {
                await new TaskCompletionSource().Task.WaitAsync(over);
                return null;
            },
        };
        await using Net net = await OpenAsync(model, "model.complete");
        Assert.StartsWith("Failed", await AskAsync(net, """{"model": "echo", "messages": [{"role": "user", "text": "hi"}]}"""), StringComparison.Ordinal);
    }
}
