using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sirsi.Hypervisor.Tests.Http;

/// <summary>A request as it came.</summary>
internal sealed record OriginRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>A server on loopback that writes what the test says, one answer a connection, and remembers what it was asked.</summary>
internal sealed class Origin : IAsyncDisposable
{
    private const byte TlsHandshake = 22;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly Func<OriginRequest, Stream, CancellationToken, Task> _answer;
    private readonly Task _serving;

    public Origin(Func<OriginRequest, Stream, CancellationToken, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        _serving = ServeAsync();
    }

    public Origin(Func<OriginRequest, string> answer)
        : this((request, stream, cancellation) => stream.WriteAsync(Encoding.Latin1.GetBytes(answer(request)), cancellation).AsTask())
    {
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Address => $"http://127.0.0.1:{Port}";

    public ConcurrentQueue<OriginRequest> Requests { get; } = new();

    public static string Ok(string body = "", string headers = "") => $"HTTP/1.1 200 OK\r\n{headers}Content-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";

    public static string Redirect(int status, string location) => $"HTTP/1.1 {status} Elsewhere\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

    /// <summary>Answers nothing until the server is closed or the client has gone.</summary>
    public static async Task HangAsync(Stream stream, CancellationToken cancellation) => _ = await stream.ReadAsync(new byte[1], cancellation);

    public async ValueTask DisposeAsync()
    {
        if (_serving.IsCompleted) return;
        await _closing.CancelAsync();
        _listener.Stop();
        await _serving;
        _closing.Dispose();
    }

    private async Task ServeAsync()
    {
        var answering = new List<Task>();
        try
        {
            while (true) answering.Add(AnswerAsync(await _listener.AcceptTcpClientAsync(_closing.Token)));
        }
        catch (OperationCanceledException)
        {
            // It is closed.
        }

        await Task.WhenAll(answering);
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                OriginRequest request = await ReadAsync(stream, _closing.Token);
                Requests.Enqueue(request);
                await _answer(request, stream, _closing.Token);
            }
            catch (Exception gone) when (gone is IOException or OperationCanceledException or SocketException)
            {
                // The client has had enough.
            }
        }
    }

    private static async Task<OriginRequest> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        var bytes = new List<byte>();
        byte[] one = new byte[1];
        while (!Encoding.Latin1.GetString([.. bytes]).EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, cancellation) == 0) throw new IOException("It ended.");
            if (one[0] == TlsHandshake) throw new IOException("It does not speak TLS.");
            bytes.Add(one[0]);
        }

        string[] lines = Encoding.Latin1.GetString([.. bytes]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Dictionary<string, string> headers = lines.Skip(1).Select(static line => line.Split(": ", 2)).ToDictionary(static pair => pair[0], static pair => pair[^1], StringComparer.OrdinalIgnoreCase);
        byte[] body = new byte[int.Parse(headers.GetValueOrDefault("Content-Length", "0"), System.Globalization.CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, cancellation);
        string[] first = lines[0].Split(' ');
        return new OriginRequest(first[0], first[1], headers, Encoding.UTF8.GetString(body));
    }
}
