using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Secrets;

/// <summary>
/// Fills secrets in at the border: <c>Bearer ${secret:api-token}</c>. Agents have references, what leaves the host has values. All references of a text are filled or none; what was filled in is not
/// looked through again. Safe for any number of threads.
/// </summary>
public sealed class SecretFiller
{
    /// <summary>The action of the capability that a secret's use takes; its subject is the secret's name.</summary>
    public const string Action = "secret.use";

    /// <summary>The most references in a text.</summary>
    public const int ReferencesMax = 64;

    /// <summary>The most characters of a text, before and after filling.</summary>
    public const int TextLengthMax = 1_048_576;

    private const string Begin = "${secret:";

    private static readonly SearchValues<byte> Controls = SearchValues.Create([.. Enumerable.Range(0, 32).Append(127).Select(static code => (byte)code)]);

    /// <summary>What RFC 3986 lets stand in an address and mean itself.</summary>
    private static readonly SearchValues<byte> Unreserved = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"u8);

    private const string Digits = "0123456789ABCDEF";

    private readonly ISecretStore _store;

    /// <summary>Fills from a store.</summary>
    public SecretFiller(ISecretStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
    }

    /// <summary>Fills in all references of <paramref name="text"/>. The caller disposes of the result.</summary>
    /// <param name="scope">Whose secrets.</param>
    /// <param name="grant">Of whoever wrote the text: it must allow <see cref="Action"/> with each secret's name. Each reference counts as a use.</param>
    /// <param name="text">The text with references.</param>
    /// <param name="place">Where in a message it goes.</param>
    /// <param name="host">To which server, as <see cref="SecretHosts.Allows"/> takes it; null for none, to which no bound secret goes.</param>
    /// <param name="cancellation">Cancels the look-up.</param>
    /// <exception cref="HypervisorException">The store failed.</exception>
    public async ValueTask<SecretFill> FillAsync(ProjectScope scope, CapabilityGrant grant, string text, SecretPlace place, string? host, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(grant);
        ArgumentNullException.ThrowIfNull(text);
        if (Find(text, out List<Hole> holes) is { } malformed) return new SecretFill(SecretFillOutcome.Malformed, malformed);
        foreach (Hole hole in holes)
            if (!grant.Allows(Action, hole.Reference.Name)) return new SecretFill(SecretFillOutcome.NotAllowed, $"'{grant.Holder}' may not use '{hole.Reference}'.");
        var values = new Dictionary<SecretReference, SecretValue>();
        try
        {
            foreach (Hole hole in holes)
            {
                if (values.ContainsKey(hole.Reference)) continue;
                if (await _store.GetAsync(scope, hole.Reference, cancellation) is not { } value)
                    return new SecretFill(SecretFillOutcome.Unknown, $"There is no '{hole.Reference}' in this project.", hole.Reference);
                values.Add(hole.Reference, value);
                if (!value.Hosts.Allows(host))
                    return new SecretFill(SecretFillOutcome.Elsewhere, Elsewhere($"'{hole.Reference}' is bound to {value.Hosts}, which {(host is null ? "this is not for" : $"'{host}' is not")}"));
                if (Misfit(value, place) is { } misfit) return new SecretFill(SecretFillOutcome.Unfit, $"'{hole.Reference}' cannot stand there: {misfit}.");
            }

            return Fill(text, holes, values, place);
        }
        finally
        {
            foreach (SecretValue value in values.Values) value.Dispose();
        }
    }

    /// <summary>Whether there is anything to fill in, or that looks so.</summary>
    internal static bool HasReference(string text) => text.Contains(Begin, StringComparison.Ordinal);

    /// <summary>Finds the references; gives what is wrong with the text.</summary>
    private static string? Find(string text, out List<Hole> holes)
    {
        holes = [];
        if (text.Length > TextLengthMax) return $"A text to be filled has at most {TextLengthMax} characters; this one has {text.Length}.";
        for (int at = text.IndexOf(Begin, StringComparison.Ordinal); at >= 0; at = text.IndexOf(Begin, at, StringComparison.Ordinal))
        {
            int end = text.IndexOf('}', at);
            if (end < 0 || !SecretReference.TryParse(text.AsSpan((at + 2)..end), out SecretReference reference))
                return $"What begins at character {at + 1} is no reference; it has the form ${{secret:NAME}} or ${{secret:NAME#VERSION}}.";
            if (holes.Count == ReferencesMax) return $"A text has at most {ReferencesMax} references to secrets.";
            holes.Add(new Hole(at, end + 1, reference));
            at = end + 1;
        }

        return null;
    }

    /// <summary>That a secret does not go where it should, with the code to look it up by.</summary>
    internal static string Elsewhere(string reason) => $"{HypervisorErrors.SecretBoundElsewhere}: {reason}.";

    private static string? Misfit(SecretValue value, SecretPlace place) =>
        !Utf8.IsValid(value.Bytes) ? "it is not text in UTF-8"
        : place is SecretPlace.Header && value.Bytes.IndexOfAny(Controls) >= 0 ? "it has control characters"
        : null;

    private static SecretFill Fill(string text, List<Hole> holes, Dictionary<SecretReference, SecretValue> values, SecretPlace place)
    {
        long length = text.Length + holes.Sum(hole => (long)LengthOf(values[hole.Reference].Bytes, place) - (hole.End - hole.Start));
        if (length > TextLengthMax) return new SecretFill(SecretFillOutcome.Malformed, $"The filled text would have more than {TextLengthMax} characters.");
        char[] filled = GC.AllocateArray<char>((int)length, pinned: true);
        var places = new Range[holes.Count];
        int from = 0, to = 0;
        for (int i = 0; i < places.Length; i++)
        {
            Hole hole = holes[i];
            text.CopyTo(from, filled, to, hole.Start - from);
            to += hole.Start - from;
            int written = Write(values[hole.Reference].Bytes, place, filled.AsSpan(to));
            places[i] = to..(to + written);
            to += written;
            from = hole.End;
        }

        text.CopyTo(from, filled, to, text.Length - from);
        return new SecretFill(filled, places, [.. holes.Select(hole => values[hole.Reference].Reference)], [.. values.Values.Select(static value => value.Hosts).Where(static hosts => !hosts.IsAny)]);
    }

    private static int LengthOf(ReadOnlySpan<byte> value, SecretPlace place)
    {
        if (place is not SecretPlace.Address) return Encoding.UTF8.GetCharCount(value);
        int length = 0;
        foreach (byte code in value) length += Unreserved.Contains(code) ? 1 : 3;
        return length;
    }

    /// <summary>How many characters it takes.</summary>
    private static int Write(ReadOnlySpan<byte> value, SecretPlace place, Span<char> to)
    {
        if (place is not SecretPlace.Address) return Encoding.UTF8.GetChars(value, to);
        int length = 0;
        foreach (byte code in value)
        {
            if (Unreserved.Contains(code))
            {
                to[length++] = (char)code;
                continue;
            }

            to[length++] = '%';
            to[length++] = Digits[code >> 4];
            to[length++] = Digits[code & 15];
        }

        return length;
    }

    /// <summary>A reference and where it stands.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Hole(int Start, int End, SecretReference Reference);
}
