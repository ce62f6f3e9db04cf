using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Hypervisor.Http;

/// <summary>How a host makes the requests of its agents. Immutable.</summary>
public sealed record HttpOptions
{
    /// <summary>
    /// Hosts that may have private, loopback or other addresses that are refused otherwise, by name, without port: <c>intranet.example</c>, <c>localhost</c>, <c>10.0.0.7</c>. An agent still needs
    /// the capability for them. Default none.
    /// </summary>
    public ImmutableArray<string> AllowedPrivateHosts { get; init; } = [];

    /// <summary>How long a request may take in all, redirects and body included; default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest body that goes out, in bytes; default 1 MiB.</summary>
    public int RequestBytesMax { get; init; } = 1 << 20;

    /// <summary>The longest body of an answer, in bytes; default and at most 1 MiB: with its headers it is bounded by <see cref="AgentTurn.StepResultBytesMax"/>.</summary>
    public int ResponseBytesMax { get; init; } = 1 << 20;

    /// <summary>How many redirects are followed; default 5.</summary>
    public int RedirectsMax { get; init; } = 5;

    /// <summary>How many requests are under way at once in the whole host; more wait within their time; default 256.</summary>
    public int RequestsMax { get; init; } = 256;

    /// <summary>How many requests wait for one of those to end; default 10,000.</summary>
    public int WaitingMax { get; init; } = 10_000;

    /// <summary>The addresses of a host name.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = static (host, cancellation) => Dns.GetHostAddressesAsync(host, cancellation);

    /// <summary>Connects to an address that was found allowed.</summary>
    internal Func<IPEndPoint, CancellationToken, ValueTask<Stream>> Connect { get; init; } = ConnectAsync;

    /// <summary>Every broken rule, in words for the one who wrote the options; empty when they are valid.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (string host in AllowedPrivateHosts)
            if (HttpAddress.HostOf(host) is null) yield return $"AllowedPrivateHosts has '{host}', which is no host name; it is one without scheme, port or path.";
        if (Timeout <= TimeSpan.Zero || Timeout > TimeSpan.FromHours(1)) yield return $"Timeout is {Timeout}; it must be above 0 and at most an hour.";
        if (RequestBytesMax is < 0 or > 256 << 20) yield return $"RequestBytesMax is {RequestBytesMax}; it must be 0 to 256 MiB.";
        if (ResponseBytesMax is < 0 or > AgentTurn.StepResultBytesMax) yield return $"ResponseBytesMax is {ResponseBytesMax}; it must be 0 to {AgentTurn.StepResultBytesMax}.";
        if (RedirectsMax is < 0 or > 50) yield return $"RedirectsMax is {RedirectsMax}; it must be 0 to 50.";
        if (RequestsMax is < 1 or > 100_000) yield return $"RequestsMax is {RequestsMax}; it must be 1 to 100,000.";
        if (WaitingMax is < 0 or > 10_000_000) yield return $"WaitingMax is {WaitingMax}; it must be 0 to 10,000,000.";
    }

    private static async ValueTask<Stream> ConnectAsync(IPEndPoint to, CancellationToken cancellation)
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(to, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
