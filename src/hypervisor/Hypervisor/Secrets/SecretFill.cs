using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Sirsi.Hypervisor.Secrets;

/// <summary>Where a filled text goes.</summary>
public enum SecretPlace
{
    /// <summary>A text or body: any secret that is UTF-8.</summary>
    Text,

    /// <summary>A header: no control characters, so that a secret cannot begin another header.</summary>
    Header,

    /// <summary>Path or query of an address: each byte that means something there is percent-encoded, so that a secret cannot lead elsewhere.</summary>
    Address,
}

/// <summary>What a filling came to.</summary>
public enum SecretFillOutcome
{
    /// <summary>All references are filled.</summary>
    Filled,

    /// <summary>Something begins as a reference and is none, or there are too many, or the text is too long.</summary>
    Malformed,

    /// <summary>The holder may not use a secret that is referred to.</summary>
    NotAllowed,

    /// <summary>A secret that is referred to does not exist, or not in that version.</summary>
    Unknown,

    /// <summary>A secret cannot stand there: it is not UTF-8, or has control characters in a header.</summary>
    Unfit,

    /// <summary>A secret is bound to other hosts than the one the text goes to.</summary>
    Elsewhere,
}

/// <summary>A text with its secrets, or why there is none. Disposing of it wipes the text; its own text is <c>***</c>. For one thread.</summary>
[DebuggerDisplay("***")]
public sealed class SecretFill : IDisposable
{
    private readonly char[] _text;
    private readonly Range[] _values = [];
    private readonly IReadOnlyList<SecretHosts> _bound = [];
    private bool _isDisposed;

    internal SecretFill(SecretFillOutcome outcome, string problem, SecretReference? missing = null)
    {
        Missing = missing;
        (Outcome, Problem) = (outcome, problem);
        _text = [];
        Used = [];
    }

    internal SecretFill(char[] text, Range[] values, IReadOnlyList<SecretReference> used, IReadOnlyList<SecretHosts> bound)
    {
        _bound = bound;
        _values = values;
        Outcome = SecretFillOutcome.Filled;
        Problem = "";
        _text = text;
        Used = used;
    }

    /// <summary>The first secret that does not exist; null when that is not why.</summary>
    internal SecretReference? Missing { get; }

    /// <summary>What it came to.</summary>
    public SecretFillOutcome Outcome { get; }

    /// <summary>A sentence for the user: which reference is at fault and why; empty when it is filled.</summary>
    public string Problem { get; }

    /// <summary>Which secrets are in the text, each with its version, in the order in which they come; for the record of what was used.</summary>
    public IReadOnlyList<SecretReference> Used { get; }

    /// <summary>The filled text.</summary>
    /// <exception cref="InvalidOperationException">It is not filled.</exception>
    /// <exception cref="ObjectDisposedException">It has been wiped.</exception>
    public ReadOnlySpan<char> Text
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return Outcome is SecretFillOutcome.Filled ? _text : throw new InvalidOperationException(Problem);
        }
    }

    /// <summary>Whether one of the values that were filled in, of at least <paramref name="lengthMin"/> characters, is part of <paramref name="text"/> in whatever case.</summary>
    internal bool IsIn(ReadOnlySpan<char> text, int lengthMin)
    {
        foreach (Range place in _values)
        {
            ReadOnlySpan<char> value = _text.AsSpan(place);
            if (value.Length >= lengthMin && text.Contains(value, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    /// <summary>Whether all that was filled in may go to a host.</summary>
    internal bool MayGoTo(string host)
    {
        foreach (SecretHosts hosts in _bound)
            if (!hosts.Allows(host)) return false;
        return true;
    }

    /// <summary>Wipes it.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_text.AsSpan()));
    }

    /// <summary>Three stars.</summary>
    public override string ToString() => "***";
}
