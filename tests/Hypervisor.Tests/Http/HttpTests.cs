using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Http;

namespace Sirsi.Hypervisor.Tests.Http;

public sealed class HttpTests
{
    private static readonly IPAddress Public = IPAddress.Parse("203.0.113.7");

    [Fact]
    public async Task An_agent_asks_a_server_and_gets_its_answer()
    {
        await using var origin = new Origin(static _ => Origin.Ok("made", "X-Word: one\r\nX-Word: two\r\nSet-Cookie: a=b\r\n"));
        await using Net net = await Net.OpenAsync(Net.Loopback, "net.http:127.0.0.1:*");
        HttpAnswer answer = await net.SendAsync(new HttpRequest("post", origin.Address + "/things?a=b") { Body = World.Bytes("the body") }
            .WithHeader("Content-Type", "text/plain").WithHeader("X-Mine", "yes"));
        Assert.True(answer.IsSuccess, answer.ToString());
        Assert.Equal("made", World.Text(answer.Body));
        Assert.Equal("one, two", answer.Headers["x-word"]);
        Assert.True((await net.GetAsync(origin.Address)).IsSuccess);
        OriginRequest[] seen = [.. origin.Requests];
        Assert.Equal(("POST", "/things?a=b", "the body"), (seen[0].Method, seen[0].Target, seen[0].Body));
        Assert.Equal(["Content-Length", "Content-Type", "Host", "Idempotency-Key", "X-Mine"], seen[0].Headers.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["Host"], seen[1].Headers.Keys);
        Assert.Equal(new HttpUse(Requests: 2, Refused: 0, BytesSent: 8, BytesReceived: 8), net.Host.HttpUse);
    }

    [Theory]
    [InlineData("net.http:127.0.0.2:*")]
    [InlineData("net.http:127.0.0.1")]
    [InlineData("net.http:127.0.0.1:1")]
    [InlineData("net.htt")]
    [InlineData(null)]
    public async Task What_no_capability_allows_is_refused_and_counted(string? capability)
    {
        await using var origin = new Origin(static _ => Origin.Ok());
        await using Net net = await Net.OpenAsync(Net.Loopback, capability is null ? [] : [capability]);
        HttpAnswer answer = await net.GetAsync(origin.Address);
        Assert.Equal(HttpOutcome.Refused, answer.Outcome);
        Assert.Contains($"no capability net.http:127.0.0.1:{origin.Port}", answer.Reason, StringComparison.Ordinal);
        Assert.Empty(origin.Requests);
        Assert.Equal(1, net.Host.RefusalCount);
        Assert.Equal($"net.http:127.0.0.1:{origin.Port}", Assert.Single(await net.RefusedAsync()));
        Assert.Equal(new HttpUse(0, 1, 0, 0), net.Host.HttpUse);
    }

    [Theory]
    [InlineData("http://127.0.0.1/")]
    [InlineData("http://0x7f.1/")]
    [InlineData("http://2130706433/")]
    [InlineData("http://[::1]/")]
    [InlineData("http://[::ffff:127.0.0.1]/")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("http://[fd00:ec2::254]/")]
    [InlineData("http://[64:ff9b::a9fe:a9fe]/")]
    [InlineData("http://10.1.2.3/")]
    [InlineData("http://private.example/")]
    [InlineData("http://mixed.example/")]
    [InlineData("http://localhost/")]
    [InlineData("http://LOCALHOST./")]
    public async Task An_address_that_is_not_public_is_never_connected_to(string address)
    {
        var connected = new ConcurrentQueue<IPEndPoint>();
        HttpOptions options = Net.Names(
            static host => host.StartsWith("mixed", StringComparison.Ordinal) ? [Public, IPAddress.Parse("192.168.0.9")] : [host.StartsWith('p') ? IPAddress.Parse("10.0.0.1") : IPAddress.IPv6Loopback],
            port: 1, connected, "other.example");
        await using Net net = await Net.OpenAsync(options, "net.http");
        HttpAnswer answer = await net.GetAsync(address);
        Assert.Equal(HttpOutcome.Refused, answer.Outcome);
        Assert.Contains("is not for agents: its address is ", answer.Reason, StringComparison.Ordinal);
        Assert.Empty(connected);
        Assert.Equal(1, net.Host.HttpUse.Refused);
    }

    [Fact]
    public async Task A_host_with_a_private_address_is_allowed_by_its_name_only()
    {
        await using var origin = new Origin(static _ => Origin.Ok());
        var connected = new ConcurrentQueue<IPEndPoint>();
        await using Net net = await Net.OpenAsync(Net.Names(static _ => [IPAddress.Parse("10.0.0.1")], origin.Port, connected, "Intranet.example"), "net.http");
        Assert.True((await net.GetAsync("http://intranet.example/")).IsSuccess);
        Assert.Equal(HttpOutcome.Refused, (await net.GetAsync("http://intranet.example.net/")).Outcome);
        Assert.Equal(HttpOutcome.Refused, (await net.GetAsync("http://10.0.0.1/")).Outcome);
        Assert.Equal("10.0.0.1:80", Assert.Single(connected).ToString());
    }

    [Fact]
    public async Task A_name_that_comes_to_mean_another_address_is_connected_to_at_the_checked_one_or_refused()
    {
        await using var origin = new Origin(static _ => Origin.Ok());
        var connected = new ConcurrentQueue<IPEndPoint>();
        int asked = 0;
        await using Net net = await Net.OpenAsync(Net.Names(_ => [Interlocked.Increment(ref asked) == 1 ? Public : IPAddress.Loopback], origin.Port, connected), "net.http:*.example");
        Assert.True((await net.GetAsync("http://rebound.example/")).IsSuccess);
        Assert.Equal(1, asked);
        Assert.Equal(HttpOutcome.Refused, (await net.GetAsync("http://rebound.example/")).Outcome);
        Assert.Equal(new IPEndPoint(Public, 80), Assert.Single(connected));
    }

    [Fact]
    public async Task Redirects_are_followed_so_far_and_credentials_stay_where_they_belong()
    {
        await using var origin = new Origin(static request => request.Target switch
        {
            "/1" => Origin.Redirect(307, "/2"),
            "/2" => Origin.Redirect(307, "http://other.example/3"),
            "/3" => Origin.Ok("there"),
            _ => Origin.Redirect(302, "/again"),
        });
        var connected = new ConcurrentQueue<IPEndPoint>();
        await using Net net = await Net.OpenAsync(Net.Names(static _ => [Public], origin.Port, connected), "net.http:*.example");
        HttpAnswer answer = await net.SendAsync(new HttpRequest("PUT", "http://one.example/1") { Body = World.Bytes("body") }
            .WithHeader("Authorization", "Bearer word").WithHeader("Cookie", "a=b").WithHeader("X-Kept", "yes"));
        Assert.Equal("there", World.Text(answer.Body));
        OriginRequest[] seen = [.. origin.Requests];
        Assert.Equal(["body", "body", "body"], seen.Select(static request => request.Body));
        Assert.Equal([true, true, false], seen.Select(static request => request.Headers.ContainsKey("Authorization")));
        Assert.Equal([true, true, false], seen.Select(static request => request.Headers.ContainsKey("Cookie")));
        Assert.All(seen, static request => Assert.Equal("yes", request.Headers["X-Kept"]));
        Assert.Single(seen.Select(static request => request.Headers["Idempotency-Key"]).Distinct());
        Assert.Equal(HttpOutcome.TooManyRedirects, (await net.GetAsync("http://one.example/loop")).Outcome);
        Assert.Equal(3 + 6, origin.Requests.Count);
        Assert.Equal(302, (await net.SendAsync(new HttpRequest("GET", "http://one.example/loop") { FollowsRedirects = false })).Status);
    }

    [Theory]
    [InlineData("http://private.example/", "is not for agents: its address is private")]
    [InlineData("http://169.254.169.254/", "is not for agents: its address is a cloud's metadata")]
    [InlineData("http://other.test/", "no capability net.http:other.test")]
    [InlineData("http://one.example:81/", "no capability net.http:one.example:81")]
    [InlineData("file:///etc/passwd", "not one of http or https")]
    public async Task A_redirect_is_checked_like_a_request(string location, string reason)
    {
        await using var origin = new Origin(_ => Origin.Redirect(302, location));
        var connected = new ConcurrentQueue<IPEndPoint>();
        await using Net net = await Net.OpenAsync(
            Net.Names(static host => [host == "private.example" ? IPAddress.Parse("10.0.0.1") : Public], origin.Port, connected), "net.http:*.example", "net.http:169.254.169.254");
        HttpAnswer answer = await net.GetAsync("http://one.example/");
        Assert.Equal(HttpOutcome.Refused, answer.Outcome);
        Assert.Contains(reason, answer.Reason, StringComparison.Ordinal);
        Assert.Single(origin.Requests);
        Assert.Single(connected);
    }

    [Fact]
    public async Task Answers_and_bodies_that_are_too_long_are_not_taken()
    {
        await using var origin = new Origin(static async (request, stream, cancellation) =>
        {
            if (request.Target != "/endless")
            {
                await stream.WriteAsync(Encoding.Latin1.GetBytes(request.Target == "/headers" ? Origin.Ok(headers: $"X-Long: {new string('x', 40_000)}\r\n") : Origin.Ok(new string('x', 1_001))), cancellation);
                return;
            }

            await stream.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray(), cancellation);
            while (true) await stream.WriteAsync("10\r\n0123456789abcdef\r\n"u8.ToArray(), cancellation);
        });
        await using Net net = await Net.OpenAsync(Net.Loopback with { ResponseBytesMax = 1_000, RequestBytesMax = 10 }, "net.http:127.0.0.1:*");
        HttpAnswer answer = await net.GetAsync(origin.Address + "/long");
        Assert.Equal((HttpOutcome.TooLarge, 200, 0), (answer.Outcome, answer.Status, answer.Body.Length));
        Assert.Equal(HttpOutcome.TooLarge, (await net.GetAsync(origin.Address + "/endless")).Outcome);
        Assert.Equal(HttpOutcome.TooLarge, (await net.GetAsync(origin.Address + "/headers")).Outcome);
        HttpAnswer refused = await net.SendAsync(new HttpRequest("POST", origin.Address) { Body = new byte[11] });
        Assert.Contains("11 bytes; at most 10", refused.Reason, StringComparison.Ordinal);
        Assert.Equal(3, origin.Requests.Count);
    }

    [Fact]
    public async Task A_request_has_its_time_however_slowly_the_answer_comes()
    {
        await using var origin = new Origin(static async (request, stream, cancellation) =>
        {
            if (request.Target == "/silent") await Origin.HangAsync(stream, cancellation);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray(), cancellation);
            while (true)
            {
                await stream.WriteAsync("1\r\nx\r\n"u8.ToArray(), cancellation);
                await Task.Delay(20, cancellation);
            }
        });
        await using Net net = await Net.OpenAsync(Net.Loopback with { Timeout = TimeSpan.FromMilliseconds(300) }, "net.http:127.0.0.1:*");
        Assert.Equal(HttpOutcome.TimedOut, (await net.GetAsync(origin.Address + "/silent")).Outcome);
        Assert.Equal(HttpOutcome.TimedOut, (await net.GetAsync(origin.Address + "/slow")).Outcome);
        HttpAnswer sooner = await net.SendAsync(new HttpRequest("GET", origin.Address + "/slow") { Timeout = TimeSpan.FromMilliseconds(50) });
        Assert.Equal("The request took longer than 00:00:00.0500000.", sooner.Reason);
    }

    [Fact]
    public async Task No_connection_and_no_answer_are_told_apart()
    {
        await using var origin = new Origin(static request => request.Target == "/half" ? "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf" : "garbage\r\n\r\n");
        await using Net net = await Net.OpenAsync(Net.Loopback with { Resolve = static (_, _) => Task.FromResult<IPAddress[]>([]) }, "net.http");
        Assert.Equal(HttpOutcome.Broken, (await net.GetAsync(origin.Address + "/half")).Outcome);
        Assert.Equal(HttpOutcome.Broken, (await net.GetAsync(origin.Address + "/garbage")).Outcome);
        Assert.Equal("Unreachable: The host's name has no address.", (await net.GetAsync("http://nowhere.example/")).ToString());
        string address = origin.Address;
        Assert.Equal("Unreachable: There is no secure connection to the host: see its certificate.", (await net.GetAsync(address.Replace("http:", "https:", StringComparison.Ordinal))).ToString());
        await origin.DisposeAsync();
        Assert.Equal("Unreachable: The host takes no connection.", (await net.GetAsync(address)).ToString());
    }

    [Fact]
    public async Task Requests_at_once_are_bounded()
    {
        var asked = new SemaphoreSlim(0);
        var released = new TaskCompletionSource();
        await using var origin = new Origin(async (_, stream, cancellation) =>
        {
            asked.Release();
            await released.Task.WaitAsync(cancellation);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(Origin.Ok()), cancellation);
        });
        await using Net net = await Net.OpenAsync(Net.Loopback with { RequestsMax = 1, WaitingMax = 0 }, "net.http:127.0.0.1:*");
        Task<HttpAnswer> first = net.GetAsync(origin.Address);
        await asked.WaitAsync();
        Assert.Equal(HttpOutcome.Busy, (await net.GetAsync(origin.Address)).Outcome);
        released.SetResult();
        Assert.True((await first).IsSuccess);
        Assert.True((await net.GetAsync(origin.Address)).IsSuccess);
    }

    [Fact]
    public async Task A_request_is_paid_for_by_the_bytes_of_its_body_unless_nothing_was_sent()
    {
        await using var origin = new Origin(static _ => Origin.Ok());
        var options = new AgentHostOptions { Http = Net.Loopback, Budgets = new HostBudgetOptions { EachTenant = new BudgetLimits { HostCalls = 100, BytesSent = 10 } } };
        await using Net net = await Net.OpenAsync(options, ["net.http:127.0.0.1:*"]);
        HttpRequest Post(string address) => new("POST", address) { Body = new byte[8] };
        Assert.Equal(HttpOutcome.Refused, (await net.SendAsync(Post("http://example.com/"))).Outcome);
        Assert.Equal(HttpOutcome.Unreachable, (await net.SendAsync(Post("http://127.0.0.1:1/"))).Outcome);
        Assert.True((await net.SendAsync(Post(origin.Address))).IsSuccess);
        Assert.Contains("HypervisorException", (await Assert.ThrowsAsync<InvalidOperationException>(() => net.SendAsync(Post(origin.Address)))).Message, StringComparison.Ordinal);
        Assert.True((await net.GetAsync(origin.Address)).IsSuccess);
        Assert.Equal(2, origin.Requests.Count);
    }

    [Fact]
    public async Task A_request_that_is_none_fails_the_turn_at_once()
    {
        await using Net net = await Net.OpenAsync(Net.Loopback, "net.http");
        InvalidOperationException failed = await Assert.ThrowsAsync<InvalidOperationException>(() => net.SendAsync(new HttpRequest("GET", "http://127.0.0.1/").WithHeader("A", "b\r\nC: d")));
        Assert.Contains("Failed: ArgumentException: The header A has characters", failed.Message, StringComparison.Ordinal);
        Assert.Equal(default, net.Host.HttpUse);
    }
}
