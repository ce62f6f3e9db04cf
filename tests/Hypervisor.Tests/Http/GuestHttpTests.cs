using System.Collections.Immutable;
using System.Text;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Modules;
using Sirsi.Hypervisor.Secrets;
using Sirsi.Hypervisor.Tests.Secrets;
using Sirsi.Store;
using Sirsi.Wasm.Text;

namespace Sirsi.Hypervisor.Tests.Http;

public sealed class GuestHttpTests : IDisposable
{
    /// <summary>Makes the request that its input describes and replies with the answer's body, behind a byte for the status.</summary>
    private const string Caller = """
        (module
          (import "extism:host/env" "http_request" (func $http (param i64 i64) (result i64)))
          (import "extism:host/env" "http_status_code" (func $status (result i32)))
          (import "extism:host/env" "input_offset" (func $input (result i64)))
          (import "extism:host/env" "length" (func $length (param i64) (result i64)))
          (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
          (import "extism:host/env" "output_set" (func $output (param i64 i64)))
          (func (export "on_message") (result i32) (local $answer i64)
            (local.set $answer (call $http (call $input) (i64.const 0)))
            (call $store (local.get $answer) (i32.div_u (call $status) (i32.const 100)))
            (call $output (local.get $answer) (call $length (local.get $answer)))
            (i32.const 0)))
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly ProjectScope _scope = Net.NewScope();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_guest_calls_out_with_a_secret_and_gets_redirects_as_answers()
    {
        await using var origin = new Origin(static request => request.Target == "/moved"
            ? "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 5\r\nConnection: close\r\n\r\n-gone"
            : Origin.Ok("-fine"));
        await using LocalSecretStore store = await Vault.OpenAsync(HostEnvironment.Production, folder: _folder.File("secrets"));
        await store.PutAsync(_scope, "token", "w0rd");
        await using Net net = await OpenAsync(new AgentHostOptions { Http = Net.Loopback, Secrets = store }, ["net.http:127.0.0.1:*", "secret.use:token"]);
        Agent guest = await net.SpawnAsync("guest");
        Assert.Equal("\u0002fine", await AskAsync(guest, $$"""{"url": "{{origin.Address}}/", "headers": {"Authorization": "Bearer ${secret:token}"} }"""));
        Assert.Equal("\u0003gone", await AskAsync(guest, $$"""{"url": "{{origin.Address}}/moved"}"""));
        Assert.Equal("Bearer w0rd", origin.Requests.First().Headers["Authorization"]);
        Assert.Equal(["/", "/moved"], origin.Requests.Select(static request => request.Target));
        Assert.Equal(2, net.Host.HttpUse.Requests);
    }

    [Fact]
    public async Task A_guest_needs_both_its_manifest_and_a_capability()
    {
        await using var origin = new Origin(static _ => Origin.Ok("-"));
        await using Net without = await OpenAsync(new AgentHostOptions { Http = Net.Loopback }, ["net.http:example.com"]);
        string request = $$"""{"url": "{{origin.Address}}/"}""";
        Assert.Contains($"has no capability net.http:127.0.0.1:{origin.Port}", await AskAsync(await without.SpawnAsync("guest"), request), StringComparison.Ordinal);
        Assert.Equal(1, without.Host.RefusalCount);
        await using Net net = await OpenAsync(new AgentHostOptions { Http = Net.Loopback }, ["net.http"]);
        Assert.Contains("Requests to example.com are not allowed", await AskAsync(await net.SpawnAsync("guest"), """{"url": "http://example.com/"}"""), StringComparison.Ordinal);
        Assert.Empty(origin.Requests);
    }

    [Fact]
    public async Task A_guest_that_waits_too_long_is_stopped_and_hurts_nobody()
    {
        await using var origin = new Origin(static (request, stream, cancellation) =>
            request.Target == "/silent" ? Origin.HangAsync(stream, cancellation) : stream.WriteAsync(Encoding.Latin1.GetBytes(Origin.Ok("-fine")), cancellation).AsTask());
        await using Net net = await OpenAsync(new AgentHostOptions { Http = Net.Loopback }, ["net.http:127.0.0.1:*"], TimeSpan.FromMilliseconds(500));
        Agent guest = await net.SpawnAsync("guest");
        Assert.StartsWith("Failed", await AskAsync(guest, $$"""{"url": "{{origin.Address}}/silent"}"""), StringComparison.Ordinal);
        Assert.Equal("\u0002fine", await AskAsync(guest, $$"""{"url": "{{origin.Address}}/"}"""));
    }

    [Fact]
    public async Task More_guests_wait_than_there_are_threads()
    {
        await using var origin = new Origin(static async (_, stream, cancellation) =>
        {
            await Task.Delay(20, cancellation);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(Origin.Ok("-fine")), cancellation);
        });
        await using Net net = await OpenAsync(new AgentHostOptions { Http = Net.Loopback, ThreadsMax = 1 }, ["net.http:127.0.0.1:*"]);
        Agent[] guests = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => net.SpawnAsync("guest")));
        string[] answers = await Task.WhenAll(guests.Select(guest => AskAsync(guest, $$"""{"url": "{{origin.Address}}/"}""")));
        Assert.All(answers, static answer => Assert.Equal("\u0002fine", answer));
    }

    [Fact]
    public async Task A_durable_guest_asks_again_with_the_same_key()
    {
        bool answers = false;
        var hung = new SemaphoreSlim(0);
        await using var origin = new Origin((_, stream, cancellation) =>
        {
            hung.Release();
            return Volatile.Read(ref answers) ? stream.WriteAsync(Encoding.Latin1.GetBytes(Origin.Ok("-fine")), cancellation).AsTask() : Origin.HangAsync(stream, cancellation);
        });
        AgentHostOptions kept = new() { Http = Net.Loopback, Folder = _folder.File("agents") };
        await using (Net net = await OpenAsync(kept, ["net.http:127.0.0.1:*"], durability: AgentDurability.Durable))
        {
            Agent guest = await net.SpawnAsync("guest");
            await guest.TellAsync("go", World.Bytes($$"""{"url": "{{origin.Address}}/", "method": "POST"}"""));
            await hung.WaitAsync();
            await net.Host.StopAsync(TimeSpan.Zero);
        }

        Volatile.Write(ref answers, true);
        await using Net again = await OpenAsync(kept, ["net.http:127.0.0.1:*"], durability: AgentDurability.Durable);
        await hung.WaitAsync();
        Assert.Equal(2, origin.Requests.Count);
        Assert.Single(origin.Requests.Select(static request => request.Headers["Idempotency-Key"]).Distinct());
        Assert.Equal("\u0002fine", await AskAsync(Assert.Single(again.Session.Agents()), $$"""{"url": "{{origin.Address}}/"}"""));
        Assert.Equal(3, origin.Requests.Count);
    }

    [Fact]
    public void Where_everything_runs_on_one_thread_a_guest_is_told_that_it_cannot_wait()
    {
        var world = new World(session: new SessionOptions());
        world.Types.Register(Type(TimeSpan.FromSeconds(30), world.Machine.Environment.Time));
        Agent guest = world.Machine.Run(() => world.Session.SpawnAsync("guest").AsTask());
        Assert.Contains("no guest can wait", world.Ask(guest, "go", """{"url": "http://127.0.0.1/"}""").Reason, StringComparison.Ordinal);
    }

    private static AgentType Type(TimeSpan timeout, TimeProvider time)
    {
        WatResult result = WatParser.Parse(Caller, new WatOptions());
        Assert.Empty(result.Problems);
        var limits = new ModuleLimits { AllowedHosts = ["127.0.0.1"], TurnTimeout = timeout };
        return AgentModule.Load(result.Module!.Value, ImmutableDictionary<string, string>.Empty, time, limits).ToType("guest");
    }

    /// <summary>What it replies, or why it does not.</summary>
    private static async Task<string> AskAsync(Agent guest, string request)
    {
        AgentReply reply = await guest.AskAsync("go", World.Bytes(request), Net.Patience);
        return reply.Outcome is ReplyOutcome.Replied ? World.Text(reply.Payload) : $"{reply.Outcome}: {reply.Reason}";
    }

    private Task<Net> OpenAsync(AgentHostOptions options, string[] capabilities, TimeSpan? timeout = null, AgentDurability durability = AgentDurability.Volatile) => Net.OpenAsync(
        options, capabilities, _scope, types => types.Register(Type(timeout ?? TimeSpan.FromSeconds(30), HostEnvironment.Production.Time) with
        {
            Durability = durability,
            // A turn that was cut off by the host's end counts as an attempt.
            Supervision = new SupervisionOptions { AttemptsMax = durability is AgentDurability.Durable ? 3 : 1 },
        }));
}
