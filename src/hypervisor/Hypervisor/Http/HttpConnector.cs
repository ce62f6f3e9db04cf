using System.Net;
using System.Net.Sockets;

namespace Sirsi.Hypervisor.Http;

/// <summary>
/// Makes the connections of requests: a name is resolved once, all its addresses are checked, and the connection goes to one of these very addresses, so that no name can mean another
/// one by then. Thread-safe.
/// </summary>
internal sealed class HttpConnector(HttpOptions options)
{
    /// <summary>How many addresses of a host are tried.</summary>
    private const int TriesMax = 8;

    private readonly HashSet<string> _private = [.. options.AllowedPrivateHosts.Select(static host => HttpAddress.HostOf(host)!)];

    /// <exception cref="HttpRefusedException">An address of the host is not for agents.</exception>
    /// <exception cref="HttpRequestException">It has none, or none answers.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        string host = context.DnsEndPoint.Host.ToLowerInvariant();
        IPAddress[] addresses = await AddressesAsync(host, cancellation);
        if (!_private.Contains(host))
        {
            foreach (IPAddress address in addresses)
                if (AddressRules.Refusal(address) is { } kind) throw new HttpRefusedException($"'{host}' is not for agents: its address is {kind}.");
        }

        SocketException? last = null;
        foreach (IPAddress address in addresses.Take(TriesMax))
        {
            try
            {
                return await options.Connect(new IPEndPoint(address, context.DnsEndPoint.Port), cancellation);
            }
            catch (SocketException failure)
            {
                last = failure;
            }
        }

        throw new HttpRequestException(HttpRequestError.ConnectionError, "No address answers.", last);
    }

    private async Task<IPAddress[]> AddressesAsync(string host, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(host, out IPAddress? literal)) return [literal];
        IPAddress[] found;
        try
        {
            found = await options.Resolve(host, cancellation);
        }
        catch (SocketException failure)
        {
            throw new HttpRequestException(HttpRequestError.NameResolutionError, "The name is not known.", failure);
        }

        return found.Length > 0 ? found : throw new HttpRequestException(HttpRequestError.NameResolutionError, "The name has no address.");
    }
}

/// <summary>A request that does not leave the host; the message is a sentence for the user and holds nothing of a secret.</summary>
internal sealed class HttpRefusedException(string message) : Exception(message);
