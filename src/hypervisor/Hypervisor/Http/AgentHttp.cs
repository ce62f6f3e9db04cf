using System.Collections.Immutable;
using System.Net;
using Sirsi.Core.Errors;
using Sirsi.Core.Governing;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Secrets;

namespace Sirsi.Hypervisor.Http;

/// <summary>
/// The one way by which agents' requests leave the host: capability, secrets, address, limits, at each redirect again. Nothing of the machine goes along: no proxies, cookies or credentials.
/// Thread-safe.
/// </summary>
internal sealed class AgentHttp : IDisposable
{
    public const string Capability = "net.http";
    public const string KeyHeader = "Idempotency-Key";

    private const int HeaderKilobytesMax = 32;
    private const int ChunkBytes = 16 << 10;

    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    private readonly HttpOptions _options;
    private readonly TimeProvider _time;
    private readonly SecretFiller? _filler;
    private readonly ResourceGovernor _places;
    private readonly HttpMessageInvoker _client;
    private long _requests, _refused, _bytesSent, _bytesReceived;

    public AgentHttp(HostEnvironment environment, HttpOptions options, ISecretStore? secrets)
    {
        _options = options;
        _time = environment.Time;
        _filler = secrets is null ? null : new SecretFiller(secrets);
        _places = new ResourceGovernor("requests of agents", new GovernorOptions { PermitsMax = options.RequestsMax, WaitingMax = options.WaitingMax }, environment);
        _client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            MaxResponseHeadersLength = HeaderKilobytesMax,
            ConnectTimeout = options.Timeout,
            PooledConnectionLifetime = ConnectionLifetime,
            ConnectCallback = new HttpConnector(options).ConnectAsync,
        });
    }

    public HttpUse Use => new(Interlocked.Read(ref _requests), Interlocked.Read(ref _refused), Interlocked.Read(ref _bytesSent), Interlocked.Read(ref _bytesReceived));

    /// <summary>Makes a request for an agent.</summary>
    /// <param name="agent">Whose it is.</param>
    /// <param name="request">A valid one.</param>
    /// <param name="key">Its idempotency key; null when it is repeated without one.</param>
    /// <param name="cancellation">Called for when the agent's turn is over.</param>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellation"/>.</exception>
    /// <exception cref="HypervisorException">The store of secrets failed.</exception>
    public async Task<HttpAnswer> SendAsync(Agent agent, HttpRequest request, string? key, CancellationToken cancellation)
    {
        TimeSpan timeout = request.Timeout < _options.Timeout ? request.Timeout.Value : _options.Timeout;
        using var late = new CancellationTokenSource(timeout, _time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        using var filling = new HttpFilling(_filler, agent, request, key);
        try
        {
            using OperationPermit place = await _places.AcquireAsync(OperationKind.Network, over.Token);
            return await FollowAsync(agent, request, filling, over.Token);
        }
        catch (HttpRefusedException refused)
        {
            return Refused(refused);
        }
        catch (CoreException full) when (full.Code == CoreErrors.GovernorQueueFull || full.Code == CoreErrors.GovernorClosed)
        {
            return HttpAnswer.Without(HttpOutcome.Busy, $"The host has {_options.RequestsMax} requests under way and {_options.WaitingMax} waiting, and takes no more now.");
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return HttpAnswer.Without(HttpOutcome.TimedOut, $"The request took longer than {timeout}.");
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            cancellation.ThrowIfCancellationRequested();
            return Failed(failure);
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _places.Dispose();
    }

    private async Task<HttpAnswer> FollowAsync(Agent agent, HttpRequest request, HttpFilling filling, CancellationToken cancellation)
    {
        HttpHop hop = await filling.BeginAsync(cancellation);
        for (int followed = 0; ; followed++)
        {
            string authority = HttpAddress.AuthorityOf(hop.Address);
            if (followed > 0 && filling.IsIn(authority)) throw new HttpRefusedException("A redirect leads to a host whose name holds a secret.");
            if (!filling.MayGoTo(authority)) throw new HttpRefusedException(SecretFiller.Elsewhere("A redirect leads to another host than a secret of the request is bound to"));
            if (!agent.May(Capability, authority)) throw new HttpRefusedException($"'{agent.Id}' may not make requests to '{authority}': it has no capability {Capability}:{authority}.");
            using HttpRequestMessage message = await filling.MessageAsync(hop, _options.RequestBytesMax, cancellation);
            Interlocked.Increment(ref _requests);
            Interlocked.Add(ref _bytesSent, message.Content?.Headers.ContentLength ?? 0);
            using HttpResponseMessage response = await _client.SendAsync(message, cancellation);
            HttpHop? next = request.FollowsRedirects ? hop.After(response) : null;
            if (next is null) return await ReadAsync(response, cancellation);
            if (followed == _options.RedirectsMax)
                return HttpAnswer.Without(HttpOutcome.TooManyRedirects, $"The request was redirected more than {_options.RedirectsMax} times.") with { Status = (int)response.StatusCode };
            hop = next;
        }
    }

    private async Task<HttpAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var headers = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach ((string name, IEnumerable<string> values) in response.Headers.Concat(response.Content.Headers)) headers[name.ToLowerInvariant()] = string.Join(", ", values);
        var answer = new HttpAnswer(HttpOutcome.Answered, (int)response.StatusCode, headers.ToImmutable(), default, "");
        using var bytes = new MemoryStream();
        using Stream body = await response.Content.ReadAsStreamAsync(cancellation);
        byte[] chunk = new byte[ChunkBytes];
        int read;
        while ((read = await body.ReadAsync(chunk, cancellation)) > 0)
        {
            Interlocked.Add(ref _bytesReceived, read);
            if (bytes.Length + read > _options.ResponseBytesMax)
                return answer with { Outcome = HttpOutcome.TooLarge, Reason = $"The answer is longer than {_options.ResponseBytesMax} bytes." };
            await bytes.WriteAsync(chunk.AsMemory(0, read), cancellation);
        }

        return answer with { Body = bytes.ToArray() };
    }

    private HttpAnswer Refused(HttpRefusedException refused)
    {
        Interlocked.Increment(ref _refused);
        return HttpAnswer.Without(HttpOutcome.Refused, refused.Message);
    }

    /// <summary>In words of ours: the library's may quote what was sent.</summary>
    private HttpAnswer Failed(Exception failure)
    {
        HttpRequestError? error = null;
        for (Exception? cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is HttpRefusedException refused) return Refused(refused);
            if (cause is HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } known) error = known.HttpRequestError;
        }

        return error switch
        {
            HttpRequestError.NameResolutionError => HttpAnswer.Without(HttpOutcome.Unreachable, "The host's name has no address."),
            HttpRequestError.ConnectionError => HttpAnswer.Without(HttpOutcome.Unreachable, "The host takes no connection."),
            HttpRequestError.SecureConnectionError => HttpAnswer.Without(HttpOutcome.Unreachable, "There is no secure connection to the host: see its certificate."),
            HttpRequestError.ConfigurationLimitExceeded => HttpAnswer.Without(HttpOutcome.TooLarge, $"The answer's headers are longer than {HeaderKilobytesMax} KiB."),
            _ => HttpAnswer.Without(HttpOutcome.Broken, "The host's answer broke off or is none."),
        };
    }
}
