using System.Buffers;
using System.Collections.Immutable;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Hypervisor.Http;

/// <summary>
/// A request of an agent. Headers may refer to secrets as <c>${secret:NAME}</c>, and so may address and body where it says so: values are filled in when it leaves the host. Immutable.
/// </summary>
/// <param name="Method">As <c>GET</c>; not <c>CONNECT</c> or <c>TRACE</c>.</param>
/// <param name="Address">Absolute, of http or https, without user information.</param>
public sealed record HttpRequest(string Method, string Address)
{
    /// <summary>The most headers.</summary>
    public const int HeadersMax = 100;

    /// <summary>The most characters of all headers together.</summary>
    public const int HeaderLengthMax = 32 << 10;

    /// <summary>The most characters of an address.</summary>
    public const int AddressLengthMax = 8 << 10;

    private const int MethodLengthMax = 32;

    private static readonly SearchValues<char> Token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>What frames a request or rules the connection: another request could be hidden in it.</summary>
    private static readonly HashSet<string> HostHeaders = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Upgrade", "TE", "Trailer", "Expect", "Proxy-Connection", "Proxy-Authorization",
    };

    /// <summary>Names, whatever their case, and values; add to it by <see cref="WithHeader"/>.</summary>
    public ImmutableDictionary<string, string> Headers { get; init; } = ImmutableDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>What is sent along; null, the default, for nothing.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>Whether references to secrets in the address are filled in, percent-encoded: in path and query, never in host or port. Default false.</summary>
    public bool FillsAddress { get; init; }

    /// <summary>Whether references to secrets in the body are filled in; it must be UTF-8 then. Default false.</summary>
    public bool FillsBody { get; init; }

    /// <summary>Whether redirects are followed; else they are answers. Default true.</summary>
    public bool FollowsRedirects { get; init; } = true;

    /// <summary>How long it may take in all; the host's time-out where that is shorter, and by default.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// What becomes of a durable agent's request whose outcome was not stored; default <see cref="StepPolicy.Repeat"/> for GET, HEAD and OPTIONS, <see cref="StepPolicy.SameKey"/> for others.
    /// </summary>
    public StepPolicy? Policy { get; init; }

    /// <summary>The same with a header, in the place of one of that name.</summary>
    public HttpRequest WithHeader(string name, string value) => this with { Headers = Headers.SetItem(name, value) };

    /// <summary>Every broken rule, in words for the one who wrote the request; empty when it is valid. Values are not quoted.</summary>
    public IEnumerable<string> Problems()
    {
        if (Method.Length is 0 or > MethodLengthMax || Method.AsSpan().IndexOfAnyExcept(Token) >= 0) yield return $"The method is none: it is a word of 1 to {MethodLengthMax} characters.";
        else if (Verb is "CONNECT" or "TRACE") yield return $"The method {Verb} is not for agents.";
        if (Address.Length > AddressLengthMax) yield return $"The address has {Address.Length} characters; it has at most {AddressLengthMax}.";
        else if (!HttpAddress.TryParse(Address, out _, out string? problem)) yield return $"The address {problem}.";
        if (Headers.Count > HeadersMax) yield return $"It has {Headers.Count} headers; at most {HeadersMax} are sent.";
        if (Headers.Sum(static header => (long)header.Key.Length + header.Value.Length) > HeaderLengthMax) yield return $"Its headers have more than {HeaderLengthMax} characters.";
        foreach ((string name, string value) in Headers.OrderBy(static header => header.Key, StringComparer.Ordinal))
        {
            if (name.Length == 0 || name.AsSpan().IndexOfAnyExcept(Token) >= 0) yield return "A header's name is no word of letters, digits and '-'.";
            else if (HostHeaders.Contains(name)) yield return $"The header {name} is the host's to set.";
            else if (!IsHeaderValue(value)) yield return $"The header {name} has characters that no header may have: values are printable ASCII without line ends.";
        }

        if (Timeout is { } time && time <= TimeSpan.Zero) yield return $"Timeout is {time}; it must be above 0.";
        if (Policy is { } policy && !Enum.IsDefined(policy)) yield return "Policy must be one of the three.";
    }

    /// <summary>Whether a header may have this value.</summary>
    internal static bool IsHeaderValue(string value) => !value.AsSpan().ContainsAnyExceptInRange(' ', '~') || value.All(static letter => letter is '\t' or (>= ' ' and <= '~'));

    /// <summary>The method, in capitals.</summary>
    internal string Verb => Method.ToUpperInvariant();

    /// <summary>What becomes of it when its outcome was not stored.</summary>
    internal StepPolicy StepPolicy => Policy ?? (Verb is "GET" or "HEAD" or "OPTIONS" ? StepPolicy.Repeat : StepPolicy.SameKey);

    /// <summary>What its step is called.</summary>
    internal string StepName => ToString() is { Length: > AgentTurn.StepNameLengthMax } name ? name[..AgentTurn.StepNameLengthMax] : ToString();

    /// <summary>Method and host; the rest may hold what is nobody's business.</summary>
    public override string ToString() => HttpAddress.TryParse(Address, out Uri? address, out _) ? $"{Verb} {HttpAddress.AuthorityOf(address)}" : Verb;
}
