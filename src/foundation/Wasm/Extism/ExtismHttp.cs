using System.Collections.Immutable;
using System.Net;

namespace Sirsi.Wasm.Extism;

/// <summary>A request a plug-in makes, already found allowed.</summary>
/// <param name="Address">An absolute address of scheme http or https.</param>
/// <param name="Method">As GET.</param>
/// <param name="Headers">Name and value; checked for line ends.</param>
/// <param name="Body">Null without one.</param>
public sealed record ExtismHttpRequest(Uri Address, string Method, ImmutableDictionary<string, string> Headers, byte[]? Body);

/// <summary>What came back.</summary>
/// <param name="Status">As 200.</param>
/// <param name="Headers">Names in lower case; several values of a name joined by commas.</param>
/// <param name="Body">All of it.</param>
public sealed record ExtismHttpResponse(int Status, ImmutableDictionary<string, string> Headers, byte[] Body);

/// <summary>Makes the requests of plug-ins.</summary>
public interface IExtismHttp
{
    /// <summary>Makes a request. Must not follow redirects: where they lead was not allowed.</summary>
    /// <param name="request">The request.</param>
    /// <param name="responseBytesMax">The longest body to accept; a longer one is an <see cref="IOException"/>.</param>
    /// <param name="cancellation">Cancelled when the plug-in's call is over.</param>
    /// <exception cref="HttpRequestException">There was no answer.</exception>
    Task<ExtismHttpResponse> SendAsync(ExtismHttpRequest request, int responseBytesMax, CancellationToken cancellation);
}

/// <summary>Requests by .NET's HTTP client: no redirects, no cookies, no credentials. Thread-safe.</summary>
public sealed class ExtismHttpClient : IExtismHttp, IDisposable
{
    private const int HeaderKilobytesMax = 64;

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        MaxResponseHeadersLength = HeaderKilobytesMax,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <inheritdoc/>
    public async Task<ExtismHttpResponse> SendAsync(ExtismHttpRequest request, int responseBytesMax, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), request.Address);
        if (request.Body is not null) message.Content = new ByteArrayContent(request.Body);
        foreach ((string name, string value) in request.Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value)) message.Content?.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage response = await _client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellation);
        using Stream body = await response.Content.ReadAsStreamAsync(cancellation);
        using var bytes = new MemoryStream();
        var chunk = new byte[16_384];
        int read;
        while ((read = await body.ReadAsync(chunk, cancellation)) > 0)
        {
            if (bytes.Length + read > responseBytesMax) throw new IOException($"The answer is longer than {responseBytesMax} bytes.");
            await bytes.WriteAsync(chunk.AsMemory(0, read), cancellation);
        }

        var headers = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach ((string name, IEnumerable<string> values) in response.Headers.Concat(response.Content.Headers))
            headers[name.ToLowerInvariant()] = string.Join(", ", values);
        return new((int)response.StatusCode, headers.ToImmutable(), bytes.ToArray());
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();
}
