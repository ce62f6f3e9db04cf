using System.Collections.Immutable;
using System.IO.Enumeration;
using System.Text.Json;

namespace Sirsi.Wasm.Extism;

/// <summary>The requests of one plug-in, by functions of <c>extism:host/env</c>: to the hosts the manifest allows and no others. What the last was answered is kept.</summary>
internal sealed class ExtismRequests(ExtismKernel kernel, ExtismManifest manifest, ExtismOptions options)
{
    private const int HeadersMax = 100;

    /// <summary>Headers that are the host's to set: a plug-in could reach another host or request by them.</summary>
    private static readonly string[] HostHeaders = ["Host", "Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "TE", "Trailer"];

    private int _status;
    private ImmutableDictionary<string, string>? _headers;

    internal static void Define(WasmLinker linker)
    {
        linker.DefineFunction(ExtismKernel.Module, "http_request", static (WasmCall call, long request, long body) => ExtismKernel.Of(call).Requests.Request(call, request, body));
        linker.DefineFunction(ExtismKernel.Module, "http_status_code", static (WasmCall call) => ExtismKernel.Of(call).Requests._status);
        linker.DefineFunction(ExtismKernel.Module, "http_headers", static (WasmCall call) => ExtismKernel.Of(call).Requests.Headers(call));
    }

    private long Headers(WasmCall call) => _headers is null ? 0L : kernel.Store(call, JsonSerializer.SerializeToUtf8Bytes(_headers));

    private long Request(WasmCall call, long request, long body)
    {
        (_status, _headers) = (0, null);
        byte[]? content = body == 0 ? null : kernel.Block(call, body, "http_request").ToArray();
        ExtismHttpRequest wanted = Read(kernel.Block(call, request, "http_request").ToArray(), content);
        if (options.Http is not { } http || !IsAllowed(wanted.Address.IdnHost))
            throw new InvalidOperationException($"Requests to {wanted.Address.IdnHost} are not allowed.");
        ExtismHttpResponse response = call.Await(over => http.SendAsync(wanted, manifest.HttpResponseBytesMax, over));
        if (response.Body.Length > manifest.HttpResponseBytesMax)
            throw new InvalidOperationException($"The answer is longer than {manifest.HttpResponseBytesMax} bytes.");
        (_status, _headers) = (response.Status, response.Headers);
        return kernel.Store(call, response.Body);
    }

    private bool IsAllowed(string host) =>
        manifest.AllowedHosts.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, host, ignoreCase: true));

    private static ExtismHttpRequest Read(byte[] json, byte[]? body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            if (!Uri.TryCreate(root.GetProperty("url").GetString(), UriKind.Absolute, out Uri? address)
                || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
                throw new InvalidOperationException("A request must have an absolute address of scheme http or https.");
            string method = root.TryGetProperty("method", out JsonElement given) && given.GetString() is { Length: > 0 } text ? text : "GET";
            var headers = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.OrdinalIgnoreCase);
            if (root.TryGetProperty("headers", out JsonElement list) || root.TryGetProperty("header", out list))
                foreach (JsonProperty header in list.EnumerateObject()) headers[header.Name] = header.Value.GetString() ?? "";
            headers.RemoveRange(HostHeaders);
            if (headers.Count > HeadersMax) throw new InvalidOperationException($"A request has at most {HeadersMax} headers.");
            if (headers.Any(static header => (header.Key + header.Value).AsSpan().IndexOfAny('\r', '\n', '\0') >= 0))
                throw new InvalidOperationException("A header of the request holds a line end.");
            return new(address, method, headers.ToImmutable(), body);
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or FormatException)
        {
            throw new InvalidOperationException("A request is JSON with url, method and headers.", wrong);
        }
    }
}
