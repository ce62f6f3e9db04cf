using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Http;
using Sirsi.Hypervisor.Secrets;
using Sirsi.Hypervisor.Tests.Secrets;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests.Http;

public sealed class HttpSecretTests : IDisposable
{
    private const string Value = "s3cr3t-value&x=/../ü", Plain = "pl4in-t0ken", Lines = "one\r\nX-Two: two";

    private readonly TemporaryFolder _folder = new();
    private readonly ProjectScope _scope = Net.NewScope();
    private readonly ConcurrentQueue<IPEndPoint> _connected = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Secrets_are_filled_in_at_the_border_and_never_come_back()
    {
        await using var origin = new Origin(static _ => Origin.Ok("fine"));
        await using LocalSecretStore store = await StoreAsync();
        await using (Net net = await OpenAsync(store, origin, isDurable: true))
        {
            HttpRequest request = new HttpRequest("POST", "http://api.example/a/${secret:odd}/b?k=${secret:odd}#f")
            {
                FillsAddress = true,
                FillsBody = true,
                Body = World.Bytes("""{"token": "${secret:odd}"}"""),
            }.WithHeader("Authorization", "Bearer ${secret:plain}");
            HttpAnswer answer = await AskDurableAsync(net, request);
            Assert.True(answer.IsSuccess, answer.ToString());
            Assert.DoesNotContain(Plain, request.ToString(), StringComparison.Ordinal);
        }

        OriginRequest seen = Assert.Single(origin.Requests);
        Assert.Equal("Bearer " + Plain, seen.Headers["Authorization"]);
        Assert.Equal("/a/s3cr3t-value%26x%3D%2F..%2F%C3%BC/b?k=s3cr3t-value%26x%3D%2F..%2F%C3%BC", seen.Target);
        Assert.Equal($$"""{"token": "{{Value}}"}""", seen.Body);
        byte[] journal = [.. Directory.EnumerateFiles(_folder.File("agents"), "*", SearchOption.AllDirectories).SelectMany(File.ReadAllBytes)];
        Assert.True(journal.AsSpan().IndexOf("POST api.example"u8) > 0);
        foreach (string secret in (string[])[Plain, Value, "s3cr3t"]) Assert.Equal(-1, journal.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)));
    }

    [Theory]
    [InlineData("X-A", "${secret:other}", "may not use 'secret:other'")]
    [InlineData("X-A", "${secret:plain/none}", "There is no 'secret:plain/none'")]
    [InlineData("X-A", "${secret:plain} ${secret:lines}", "'secret:lines' cannot stand there: it has control characters")]
    [InlineData("X-A", "${secret:plain} ${secret:odd}", "cannot stand in the header X-A: it is not printable ASCII")]
    [InlineData("X-A", "${secret:plain} ${secret:", "is no reference")]
    public async Task A_secret_that_cannot_be_filled_in_refuses_the_request_without_a_word_of_it(string name, string value, string reason)
    {
        await using var origin = new Origin(static _ => Origin.Ok());
        await using LocalSecretStore store = await StoreAsync();
        await using Net net = await OpenAsync(store, origin);
        HttpAnswer answer = await net.SendAsync(new HttpRequest("GET", "http://api.example/").WithHeader(name, value));
        Assert.Equal(HttpOutcome.Refused, answer.Outcome);
        Assert.Contains(reason, answer.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(Plain, answer.Reason, StringComparison.Ordinal);
        Assert.Empty(_connected);
    }

    [Fact]
    public async Task What_failed_tells_nothing_of_the_secret_in_it()
    {
        await using var origin = new Origin(static _ => "garbage\r\n\r\n");
        await using LocalSecretStore store = await StoreAsync();
        await using Net net = await OpenAsync(store, origin);
        HttpRequest request = new HttpRequest("GET", "http://api.example/?k=${secret:plain}") { FillsAddress = true }.WithHeader("X-A", "${secret:plain}");
        HttpAnswer broken = await net.SendAsync(request);
        Assert.Equal(HttpOutcome.Broken, broken.Outcome);
        Assert.Contains(Plain, Assert.Single(origin.Requests).Target, StringComparison.Ordinal);
        await origin.DisposeAsync();
        HttpAnswer unreachable = await net.SendAsync(request);
        Assert.Equal(HttpOutcome.Unreachable, unreachable.Outcome);
        foreach (HttpAnswer answer in (HttpAnswer[])[broken, unreachable])
            Assert.DoesNotContain(Plain, answer.Reason + answer + string.Concat(answer.Headers.Values), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_does_not_follow_a_redirect_to_another_origin()
    {
        await using var origin = new Origin(static request => request.Headers["Host"] == "api.example" ? Origin.Redirect(307, "http://other.example/") : Origin.Ok());
        await using LocalSecretStore store = await StoreAsync();
        await using Net net = await OpenAsync(store, origin);
        Assert.True((await net.SendAsync(new HttpRequest("GET", "http://api.example/").WithHeader("X-Key", "${secret:plain}").WithHeader("X-A", "b"))).IsSuccess);
        OriginRequest[] seen = [.. origin.Requests];
        Assert.Equal([Plain, null], seen.Select(static request => request.Headers.GetValueOrDefault("X-Key")));
        Assert.All(seen, static request => Assert.Equal("b", request.Headers["X-A"]));
        HttpAnswer refused = await net.SendAsync(new HttpRequest("POST", "http://api.example/") { FillsBody = true, Body = World.Bytes("${secret:plain}") });
        Assert.Equal("Refused: A redirect would take a body with a secret to another origin.", refused.ToString());
    }

    [Fact]
    public async Task A_bound_secret_goes_to_its_host_and_to_no_other_one()
    {
        await using var origin = new Origin(static _ => Origin.Ok());
        await using LocalSecretStore store = await StoreAsync();
        Assert.True(await store.BindAsync(_scope, "plain", SecretHosts.Of("api.example"), Vault.None));
        await using Net net = await OpenAsync(store, origin);
        HttpRequest[] wrong =
        [
            new HttpRequest("GET", "http://other.example/").WithHeader("X-Key", "${secret:plain}"),
            new HttpRequest("GET", "http://other.example/?k=${secret:plain}") { FillsAddress = true },
            new HttpRequest("POST", "http://other.example/") { FillsBody = true, Body = World.Bytes("${secret:plain}") },
        ];
        foreach (HttpRequest request in wrong)
        {
            HttpAnswer refused = await net.SendAsync(request);
            Assert.Equal("Refused: SIRSI-3070: 'secret:plain' is bound to api.example, which 'other.example' is not.", refused.ToString());
        }

        Assert.Empty(_connected);
        Assert.True((await net.SendAsync(new HttpRequest("GET", "http://api.example/").WithHeader("X-Key", "${secret:plain}"))).IsSuccess);
        Assert.Equal(Plain, Assert.Single(origin.Requests).Headers["X-Key"]);
    }

    [Fact]
    public async Task A_request_with_a_bound_secret_follows_no_redirect_to_another_host()
    {
        await using var origin = new Origin(static request => request.Target == "/away" ? Origin.Redirect(307, "http://other.example/")
            : request.Target == "/here" ? Origin.Redirect(307, "http://api.example/done") : Origin.Ok());
        await using LocalSecretStore store = await StoreAsync();
        await store.BindAsync(_scope, "plain", SecretHosts.Of("api.example"), Vault.None);
        await using Net net = await OpenAsync(store, origin);
        Assert.True((await net.SendAsync(new HttpRequest("GET", "http://api.example/here").WithHeader("X-Key", "${secret:plain}"))).IsSuccess);
        Assert.Equal([Plain, Plain], origin.Requests.Select(static request => request.Headers["X-Key"]));
        origin.Requests.Clear();
        HttpAnswer refused = await net.SendAsync(new HttpRequest("GET", "http://api.example/away").WithHeader("X-Key", "${secret:plain}"));
        Assert.Equal("Refused: SIRSI-3070: A redirect leads to another host than a secret of the request is bound to.", refused.ToString());
        Assert.Equal("api.example", Assert.Single(origin.Requests).Headers["Host"]);
    }

    [Fact]
    public async Task A_redirect_to_a_host_named_after_a_secret_is_refused_unnamed()
    {
        await using var origin = new Origin(static request => Origin.Redirect(302, $"http://{request.Headers["X-Key"]}.evil.test/"));
        await using LocalSecretStore store = await StoreAsync();
        await using Net net = await OpenAsync(store, origin);
        HttpAnswer answer = await net.SendAsync(new HttpRequest("GET", "http://api.example/").WithHeader("X-Key", "${secret:plain}"));
        Assert.Equal("Refused: A redirect leads to a host whose name holds a secret.", answer.ToString());
        Assert.Empty(await net.RefusedAsync());
    }

    [Fact]
    public async Task References_stay_as_they_are_where_the_request_does_not_ask_for_them()
    {
        await using var origin = new Origin(static _ => Origin.Ok());
        await using LocalSecretStore store = await StoreAsync();
        await using Net net = await OpenAsync(store, origin);
        Assert.True((await net.SendAsync(new HttpRequest("POST", "http://api.example/${secret:plain}") { Body = World.Bytes("${secret:plain}") })).IsSuccess);
        OriginRequest seen = Assert.Single(origin.Requests);
        Assert.Equal("${secret:plain}", seen.Body);
        Assert.Equal("${secret:plain}", Uri.UnescapeDataString(seen.Target)[1..]);
    }

    [Fact]
    public async Task A_host_without_secrets_and_an_agent_without_capabilities_are_refused()
    {
        await using var origin = new Origin(static _ => Origin.Ok());
        await using Net none = await OpenAsync(null, origin);
        HttpRequest request = new HttpRequest("GET", "http://api.example/").WithHeader("X-Key", "${secret:plain}");
        Assert.Equal("Refused: The host has no secrets to fill in.", (await none.SendAsync(request)).ToString());
        await using LocalSecretStore store = await StoreAsync();
        await using Net narrow = await Net.OpenAsync(Options(store, origin), ["net.http:*.example"], _scope);
        Assert.Contains("may not use 'secret:plain'", (await narrow.SendAsync(request)).Reason, StringComparison.Ordinal);
        Assert.Equal("secret.use:plain", Assert.Single(await narrow.RefusedAsync()));
    }

    private static async Task<HttpAnswer> AskDurableAsync(Net net, HttpRequest request)
    {
        HttpAnswer? answer = null;
        net.Host.Types.Register(new AgentType("keeper", () => new Behaving(async (turn, _) =>
        {
            answer = await turn.HttpAsync(request);
            turn.Reply(default);
        }))
        {
            Durability = AgentDurability.Durable,
        });
        Agent keeper = await net.SpawnAsync("keeper");
        AgentReply reply = await keeper.AskAsync("go", default, Net.Patience);
        Assert.Equal(ReplyOutcome.Replied, reply.Outcome);
        return answer!;
    }

    private async Task<LocalSecretStore> StoreAsync()
    {
        LocalSecretStore store = await Vault.OpenAsync(HostEnvironment.Production, folder: _folder.File("secrets"));
        await store.PutAsync(_scope, "odd", Value);
        await store.PutAsync(_scope, "plain", Plain);
        await store.PutAsync(_scope, "lines", Lines);
        await store.PutAsync(_scope, "other", "x");
        return store;
    }

    private AgentHostOptions Options(ISecretStore? store, Origin origin) => new()
    {
        Secrets = store,
        Http = Net.Names(static _ => [IPAddress.Parse("203.0.113.7")], origin.Port, _connected),
    };

    private Task<Net> OpenAsync(ISecretStore? store, Origin origin, bool isDurable = false) => Net.OpenAsync(
        Options(store, origin) with { Folder = isDurable ? _folder.File("agents") : null },
        ["net.http:*.example", "secret.use:plain*", "secret.use:odd", "secret.use:lines"], _scope);
}
