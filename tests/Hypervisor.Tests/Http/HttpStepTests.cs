using System.Text;
using Sirsi.Hypervisor.Http;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests.Http;

/// <summary>Requests as steps of durable agents: hosts are stopped in the middle of a request and opened again on the same folder.</summary>
public sealed class HttpStepTests : IDisposable
{
    private static readonly string[] Capabilities = ["net.http:127.0.0.1:*"];

    private readonly TemporaryFolder _folder = new();
    private readonly ProjectScope _scope = Net.NewScope();
    private volatile bool _answers;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_request_whose_outcome_was_not_stored_is_made_again_with_the_same_key_and_a_stored_answer_is_given()
    {
        var hung = new SemaphoreSlim(0);
        await using var origin = new Origin(async (request, stream, cancellation) =>
        {
            if (request.Target != "/done" && !_answers)
            {
                hung.Release();
                await Origin.HangAsync(stream, cancellation);
                return;
            }

            await stream.WriteAsync(Encoding.Latin1.GetBytes(Origin.Ok($"{request.Target} {request.Headers["Idempotency-Key"]}", "X-Word: kept\r\n")), cancellation);
        });
        AgentId id;
        await using (Net net = await OpenAsync(origin.Address))
        {
            Agent buyer = await net.SpawnAsync("buyer");
            id = buyer.Id;
            await buyer.TellAsync("buy", default);
            await hung.WaitAsync();
            await net.Host.StopAsync(TimeSpan.Zero);
        }

        _answers = true;
        await using Net again = await OpenAsync(origin.Address);
        Agent after = again.Host.Find(_scope, id)!;
        await UntilAsync(() => after.CopyVariables().ContainsKey("second"));
        OriginRequest[] seen = [.. origin.Requests];
        Assert.Equal(["/done", "/hung", "/hung"], seen.Select(static request => request.Target));
        string[] keys = [.. seen.Select(static request => request.Headers["Idempotency-Key"])];
        Assert.Equal(keys[1], keys[2]);
        Assert.NotEqual(keys[0], keys[1]);
        Assert.Equal($"200 kept /done {keys[0]}", World.Text(after.CopyVariables()["first"]));
        Assert.Equal($"200 kept /hung {keys[1]}", World.Text(after.CopyVariables()["second"]));
    }

    [Fact]
    public async Task A_request_that_timed_out_is_made_again_with_the_same_key_when_the_turn_runs_again()
    {
        int asked = 0;
        await using var origin = new Origin(async (_, stream, cancellation) =>
        {
            if (Interlocked.Increment(ref asked) == 1) await Origin.HangAsync(stream, cancellation);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(Origin.Ok()), cancellation);
        });
        await using Net net = await OpenAsync(TimeSpan.FromMilliseconds(300), types => types.Register(Durable("payer", async turn =>
        {
            HttpAnswer answer = await turn.HttpAsync(new HttpRequest("POST", origin.Address));
            turn.SetVariable("status", World.Bytes(answer.ToString()));
        })));
        Agent payer = await net.SpawnAsync("payer");
        await payer.TellAsync("pay", default);
        await UntilAsync(() => payer.CopyVariables().ContainsKey("status"));
        Assert.Equal("Answered 200", World.Text(payer.CopyVariables()["status"]));
        Assert.Contains("The request took longer than 00:00:00.3000000. Nobody knows whether the server has acted.", payer.LastError, StringComparison.Ordinal);
        Assert.Equal(2, origin.Requests.Count);
        Assert.Single(origin.Requests.Select(static request => request.Headers["Idempotency-Key"]).Distinct());
    }

    [Fact]
    public async Task A_request_that_asks_a_person_is_not_made_again_by_itself()
    {
        await using var origin = new Origin(static (_, stream, cancellation) => Origin.HangAsync(stream, cancellation));
        await using Net net = await OpenAsync(TimeSpan.FromMilliseconds(200), types => types.Register(Durable("payer", async turn =>
        {
            HttpAnswer answer = await turn.HttpAsync(new HttpRequest("POST", origin.Address + "/pay") { Policy = StepPolicy.AskPerson });
            turn.SetVariable("status", World.Bytes($"{answer.Status} {World.Text(answer.Body)}"));
        })));
        Agent payer = await net.SpawnAsync("payer");
        await payer.TellAsync("pay", default);
        await UntilAsync(() => payer.UnknownStep is not null);
        Assert.Equal($"POST 127.0.0.1:{origin.Port}", payer.UnknownStep!.Name);
        Assert.Equal(payer.UnknownStep.Key, Assert.Single(origin.Requests).Headers["Idempotency-Key"]);
        HttpAnswer known = HttpAnswer.Without(HttpOutcome.Answered, "") with { Status = 201, Body = World.Bytes("paid by hand") };
        Assert.True(await payer.SettleStepAsync(known.ToStepResult(), "the bank says so"));
        await UntilAsync(() => payer.CopyVariables().ContainsKey("status"));
        Assert.Equal("201 paid by hand", World.Text(payer.CopyVariables()["status"]));
        Assert.Single(origin.Requests);
    }

    [Fact]
    public async Task What_was_not_sent_and_what_is_repeated_are_values_that_are_stored()
    {
        int attempts = 0;
        await using var origin = new Origin(static _ => "garbage\r\n\r\n");
        await using Net net = await OpenAsync(Net.Loopback.Timeout, types => types.Register(Durable("asker", async turn =>
        {
            HttpAnswer refused = await turn.HttpAsync(new HttpRequest("POST", "http://example.com/"));
            HttpAnswer broken = await turn.HttpAsync(new HttpRequest("GET", origin.Address));
            if (Interlocked.Increment(ref attempts) == 1) throw new InvalidOperationException("after both");
            turn.SetVariable("outcomes", World.Bytes($"{refused.Outcome} {broken.Outcome}"));
        })));
        Agent asker = await net.SpawnAsync("asker");
        await asker.TellAsync("ask", default);
        await UntilAsync(() => asker.CopyVariables().ContainsKey("outcomes"));
        Assert.Equal("Refused Broken", World.Text(asker.CopyVariables()["outcomes"]));
        Assert.Equal(2, attempts);
        Assert.DoesNotContain("Idempotency-Key", Assert.Single(origin.Requests).Headers.Keys);
        Assert.Equal(1, net.Host.RefusalCount);
    }

    [Fact]
    public async Task An_answer_that_no_step_can_hold_is_too_large()
    {
        await using var origin = new Origin(static request => Origin.Ok(new string('x', AgentTurn.StepResultBytesMax - (request.Target == "/fits" ? 1_000 : 10))));
        await using Net net = await OpenAsync(Net.Loopback.Timeout, types => types.Register(Durable("asker", async turn =>
        {
            HttpAnswer fits = await turn.HttpAsync(new HttpRequest("GET", origin.Address + "/fits")), large = await turn.HttpAsync(new HttpRequest("GET", origin.Address));
            turn.SetVariable("outcomes", World.Bytes($"{fits.Outcome} {large.Outcome} {large.Status}"));
        })));
        Agent asker = await net.SpawnAsync("asker");
        await asker.TellAsync("ask", default);
        await UntilAsync(() => asker.CopyVariables().ContainsKey("outcomes"));
        Assert.Equal("Answered TooLarge 200", World.Text(asker.CopyVariables()["outcomes"]));
    }

    private static AgentType Durable(string name, Func<AgentTurn, Task> onMessage) =>
        new(name, () => new Behaving(async (turn, _) => await onMessage(turn)))
        {
            Durability = AgentDurability.Durable,
            Supervision = new SupervisionOptions { PauseMin = TimeSpan.FromMilliseconds(10) },
        };

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var patience = new CancellationTokenSource(Net.Patience);
        while (!isSo()) await Task.Delay(5, patience.Token);
    }

    private Task<Net> OpenAsync(string address) => OpenAsync(Net.Loopback.Timeout, types => types.Register(Durable("buyer", async turn =>
    {
        foreach ((string name, string target) in ((string, string)[])[("first", "/done"), ("second", "/hung")])
        {
            HttpAnswer answer = await turn.HttpAsync(new HttpRequest("POST", address + target) { Body = World.Bytes(name) });
            turn.SetVariable(name, World.Bytes($"{answer.Status} {answer.Headers["x-word"]} {World.Text(answer.Body)}"));
        }
    })));

    private Task<Net> OpenAsync(TimeSpan timeout, Action<AgentTypes> register) => Net.OpenAsync(
        new AgentHostOptions { Folder = _folder.File("agents"), Http = Net.Loopback with { Timeout = timeout } }, Capabilities, _scope, register);
}
