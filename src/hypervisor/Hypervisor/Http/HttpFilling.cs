using System.Text;
using System.Text.Unicode;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Secrets;
using Sirsi.Hypervisor.Security;

namespace Sirsi.Hypervisor.Http;

/// <summary>Makes the messages of one request: the only place where secrets are in it. Disposing of it wipes what it can reach of them. For one flow.</summary>
internal sealed class HttpFilling(SecretFiller? filler, Agent agent, HttpRequest request, string? key) : IDisposable
{
    /// <summary>A shorter value proves nothing by being in a host's name.</summary>
    private const int TellingLengthMin = 6;

    /// <summary>What belongs to an origin and does not leave it.</summary>
    private static readonly HashSet<string> Credentials = new(StringComparer.OrdinalIgnoreCase) { "Authorization", "Cookie" };

    private readonly List<SecretFill> _fills = [];

    /// <summary>Where the request begins.</summary>
    /// <exception cref="HttpRefusedException">A secret cannot be filled in.</exception>
    public async ValueTask<HttpHop> BeginAsync(CancellationToken cancellation)
    {
        var written = new Uri(request.Address);
        var address = new Uri(request.FillsAddress ? await FillAsync(request.Address, SecretPlace.Address, written, cancellation) : request.Address);
        if (!HttpAddress.IsSameOrigin(written, address)) throw new HttpRefusedException("A secret cannot be part of an address's host or port.");
        return new HttpHop(address, request.Verb, request.Body is not null, IsAtOrigin: true);
    }

    /// <summary>Whether all secrets of this request may go to a host: what carries bound ones follows no redirect to another, not without them either.</summary>
    public bool MayGoTo(string authority) => _fills.TrueForAll(fill => fill.MayGoTo(authority));

    /// <summary>Whether a secret of this request is part of a text that somebody else wrote.</summary>
    public bool IsIn(string text) => _fills.Exists(fill => fill.IsIn(text, TellingLengthMin));

    /// <summary>The message for a place it goes to.</summary>
    /// <exception cref="HttpRefusedException">A secret cannot be filled in.</exception>
    public async ValueTask<HttpRequestMessage> MessageAsync(HttpHop hop, int bytesMax, CancellationToken cancellation)
    {
        byte[]? body = hop.HasBody ? await BodyAsync(hop, cancellation) : null;
        if (body?.Length > bytesMax) throw new HttpRefusedException($"The body has {body.Length} bytes; at most {bytesMax} go out.");
        var message = new HttpRequestMessage(new HttpMethod(hop.Verb), hop.Address) { Content = body is null ? null : new ByteArrayContent(body) };
        try
        {
            foreach ((string name, string value) in request.Headers)
            {
                if (!hop.IsAtOrigin && (Credentials.Contains(name) || SecretFiller.HasReference(value))) continue;
                string filled = await FillAsync(value, SecretPlace.Header, hop.Address, cancellation);
                if (!HttpRequest.IsHeaderValue(filled)) throw new HttpRefusedException($"A secret cannot stand in the header {name}: it is not printable ASCII.");
                // What describes a body that a redirect has taken away goes nowhere.
                if (!message.Headers.TryAddWithoutValidation(name, filled)) message.Content?.Headers.TryAddWithoutValidation(name, filled);
            }

            if (key is not null && !message.Headers.Contains(AgentHttp.KeyHeader)) message.Headers.TryAddWithoutValidation(AgentHttp.KeyHeader, key);
            return message;
        }
        catch
        {
            message.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (SecretFill fill in _fills) fill.Dispose();
    }

    private async ValueTask<byte[]> BodyAsync(HttpHop hop, CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> body = request.Body!.Value;
        if (!request.FillsBody) return body.ToArray();
        if (!Utf8.IsValid(body.Span)) throw new HttpRefusedException("The body is not UTF-8, so no secret can be filled in.");
        string text = Encoding.UTF8.GetString(body.Span);
        if (!hop.IsAtOrigin && SecretFiller.HasReference(text)) throw new HttpRefusedException("A redirect would take a body with a secret to another origin.");
        return Encoding.UTF8.GetBytes(await FillAsync(text, SecretPlace.Text, hop.Address, cancellation));
    }

    private async ValueTask<string> FillAsync(string text, SecretPlace place, Uri to, CancellationToken cancellation)
    {
        if (!SecretFiller.HasReference(text)) return text;
        if (filler is null) throw new HttpRefusedException("The host has no secrets to fill in.");
        CapabilityGrant grant = agent.Grant
            ?? CapabilityGrant.CreateRoot(agent.Id.ToString(), CapabilitySet.Empty, agent.Host.Environment.Time, refusal => agent.Host.OnRefused(agent.Session, refusal));
        SecretFill fill = await filler.FillAsync(agent.Session.Scope, grant, text, place, HttpAddress.AuthorityOf(to), cancellation);
        _fills.Add(fill);
        foreach (SecretReference used in fill.Used) agent.Host.Note(SecurityEventKind.SecretUsed, agent, used.ToString(), $"It was filled into a request: {request}.");
        if (fill.Missing is { } missing) agent.Host.Note(SecurityEventKind.SecretMissing, agent, missing.ToString(), fill.Problem);
        return fill.Outcome is SecretFillOutcome.Filled ? fill.Text.ToString() : throw new HttpRefusedException(fill.Problem);
    }
}
