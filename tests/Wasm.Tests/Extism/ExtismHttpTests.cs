using System.Net;
using System.Net.Sockets;
using System.Text;
using Sirsi.Wasm.Extism;

namespace Sirsi.Wasm.Tests;

/// <summary>Requests of plug-ins, to a server on this machine only.</summary>
public sealed class ExtismHttpTests : IDisposable
{
    private readonly HttpListener _server = new();
    private readonly ExtismHttpClient _client = new();
    private readonly List<string> _seen = [];
    private readonly string _address;

    public ExtismHttpTests()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        _address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
        probe.Stop();
        _server.Prefixes.Add(_address + "/");
        _server.Start();
        _ = ServeAsync();
    }

    public void Dispose()
    {
        _server.Close();
        _client.Dispose();
    }

    [Fact]
    public void An_allowed_host_answers_with_status_headers_and_body()
    {
        using ExtismPlugin plugin = Plugin("127.0.0.?");
        string[] answer = Fetch(plugin, $$"""{"url": "{{_address}}/echo", "method": "POST", "headers": {"X-Word": "hello", "Host": "elsewhere", "Content-Length": "3"} }""");
        Assert.Equal("201", answer[0]);
        Assert.Contains("\"x-answer\":\"yes\"", answer[1], StringComparison.Ordinal);
        Assert.Equal("POST hello the body", answer[2]);
    }

    [Fact]
    public void A_host_that_is_not_allowed_is_never_asked()
    {
        string[] allowed = ["", "localhost", "127.0.0.11", "example.com"];
        foreach (string pattern in allowed)
        {
            using ExtismPlugin plugin = Plugin(pattern);
            Assert.Contains("127.0.0.1 are not allowed", Failure(plugin, _address + "/echo"), StringComparison.Ordinal);
        }

        using ExtismPlugin none = ExtismAbiTests.Plugin(
            static manifest => manifest with { AllowedHosts = ["*"] }, new(TimeProvider.System));
        Assert.Contains("not allowed", Failure(none, _address + "/echo"), StringComparison.Ordinal);
        Assert.Empty(_seen);
    }

    [Fact]
    public void A_redirect_is_given_to_the_plug_in_and_not_followed()
    {
        using ExtismPlugin plugin = Plugin("127.0.0.1");
        Assert.Equal("302", Fetch(plugin, $$"""{"url": "{{_address}}/redirect"}""")[0]);
        Assert.Equal(["/redirect"], _seen);
    }

    [Fact]
    public void An_answer_that_is_too_long_or_too_late_ends_the_call()
    {
        using ExtismPlugin small = ExtismAbiTests.Plugin(
            static manifest => manifest with { AllowedHosts = ["*"], HttpResponseBytesMax = 999 },
            new(TimeProvider.System) { Http = _client });
        Assert.Contains("999", Failure(small, _address + "/long"), StringComparison.Ordinal);
        using ExtismPlugin hasty = ExtismAbiTests.Plugin(
            static manifest => manifest with { AllowedHosts = ["*"], Timeout = TimeSpan.FromMilliseconds(200) },
            new(TimeProvider.System) { Http = _client });
        Assert.Contains("time-out", Failure(hasty, _address + "/never"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"url\": \"file:///etc/passwd\"}", "http or https")]
    [InlineData("{\"url\": \"/relative\"}", "http or https")]
    [InlineData("{\"method\": \"GET\"}", "url")]
    [InlineData("not JSON", "JSON")]
    [InlineData("{\"url\": \"http://127.0.0.1:1/\", \"headers\": {\"A\": \"b\\r\\nC: d\"}}", "line end")]
    public void A_request_that_is_none_is_refused(string request, string expected)
    {
        using ExtismPlugin plugin = Plugin("*");
        Assert.Contains(
            expected,
            Assert.Throws<ExtismException>(() => plugin.Call("fetch", Encoding.UTF8.GetBytes(request))).Message,
            StringComparison.Ordinal);
    }

    private static string[] Fetch(ExtismPlugin plugin, string request) =>
        Encoding.UTF8.GetString(plugin.Call("fetch", Encoding.UTF8.GetBytes(request))).Split('\n');

    private static string Failure(ExtismPlugin plugin, string address) =>
        Assert.Throws<ExtismException>(() => Fetch(plugin, $$"""{"url": "{{address}}"}""")).Message;

    private ExtismPlugin Plugin(string allowed) => ExtismAbiTests.Plugin(
        manifest => manifest with { AllowedHosts = [allowed] }, new(TimeProvider.System) { Http = _client });

    private async Task ServeAsync()
    {
        while (_server.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _server.GetContextAsync();
            }
            catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            await AnswerAsync(context);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        string path = context.Request.Url!.AbsolutePath;
        _seen.Add(path);
        HttpListenerResponse response = context.Response;
        switch (path)
        {
            case "/echo":
                using (var reader = new StreamReader(context.Request.InputStream))
                {
                    response.StatusCode = 201;
                    response.Headers["X-Answer"] = "yes";
                    string text = $"{context.Request.HttpMethod} {context.Request.Headers["X-Word"]} {await reader.ReadToEndAsync()}";
                    await response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text));
                }

                response.Close();
                break;
            case "/redirect":
                response.Redirect("/echo");
                response.Close();
                break;
            case "/long":
                await response.OutputStream.WriteAsync(new byte[1_000]);
                response.Close();
                break;
            default:
                // Never answered: the client gives up.
                break;
        }
    }
}
