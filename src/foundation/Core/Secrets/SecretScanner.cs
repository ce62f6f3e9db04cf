using System.Buffers;
using System.Text;

namespace Sirsi.Core.Secrets;

/// <summary>
/// One pass over a text that collects the stretches to mask. Each rule either consumes what it looked at or looks at a
/// stretch no later try of the same rule looks at again, so the pass is linear.
/// </summary>
internal ref struct SecretScanner
{
    private const int DoubtfulValueMax = 512;
    private static readonly SearchValues<char> AuthorityEnd = SearchValues.Create(" \t\r\n\"'<>`/?#");
    private static readonly SearchValues<char> UnbrokenEnd = SearchValues.Create(" \t\r\n\"'<>`");

    private readonly ReadOnlySpan<char> _text;
    private readonly bool _firstOnly;
    private readonly bool _labelledShapesOnly;
    private List<Range>? _hits;
    private bool _hit;
    private int _nameTriedTo;
    private int _base64TriedTo;
    private int _tokenTriedTo;
    private int _unbrokenTriedTo;

    // "name": "DB_PASSWORD" … "value": "…", in either order within one object of a list of names and values.
    private bool _nameSeen;
    private bool _nameSaysSecret;
    private Range _valueNameSeen;

    public SecretScanner(ReadOnlySpan<char> text, bool firstOnly, bool labelledShapesOnly = false)
    {
        _text = text;
        _firstOnly = firstOnly;
        _labelledShapesOnly = labelledShapesOnly;
    }

    /// <summary>Whether there is a secret.</summary>
    public bool Scan()
    {
        int i = 0;
        while (i < _text.Length)
        {
            int next = Step(i);
            if (_hit && _firstOnly) return true;
            i = next;
        }
        return _hit;
    }

    /// <summary>The text with what <see cref="Scan"/> found masked.</summary>
    public readonly string MaskedText()
    {
        List<Range> hits = _hits!;
        hits.Sort(static (a, b) => a.Start.Value.CompareTo(b.Start.Value));
        var masked = new StringBuilder(_text.Length);
        int copied = 0;
        foreach (Range hit in hits)
        {
            if (hit.Start.Value >= copied)
                masked.Append(_text[copied..hit.Start]).Append(SecretDetector.Replacement);
            copied = Math.Max(copied, hit.End.Value);
        }
        return masked.Append(_text[copied..]).ToString();
    }

    /// <summary>Tries every rule at one position; returns where to go on.</summary>
    private int Step(int i)
    {
        char c = _text[i];
        if (char.IsAsciiLetterOrDigit(c) || c is '+' or '/')
        {
            if (i > 0 && char.IsAsciiLetterOrDigit(_text[i - 1])) return i + 1;
            return Word(i);
        }
        if (c == '-' && Follows(i, "-----BEGIN ")) return KeyBlock(i);
        if (c == ':' && Follows(i, "://")) return Authority(i + 3);
        if (c is '{' or '}')
        {
            _nameSeen = false;
            _nameSaysSecret = false;
            _valueNameSeen = default;
        }
        return i + 1;
    }

    private int Word(int i)
    {
        ReadOnlySpan<char> here = _text[i..];
        if (i >= _nameTriedTo && char.IsAsciiLetterOrDigit(here[0]) && Pair(i) is > 0 and int afterPair) return afterPair;
        if (SecretShapes.LabelledKey(here) is > 0 and int key) return Hit(i, i + key);
        if (here[0] == 'e' && i >= _tokenTriedTo)
        {
            if (SecretShapes.JsonWebToken(here, out int futile) is > 0 and int token) return Hit(i, i + token);
            _tokenTriedTo = i + futile;
        }
        if (here[0] == 'P' && Follows(i, "PuTTY-User-Key-File-")) return Hit(i, _text.Length);
        if (i >= _base64TriedTo && !_labelledShapesOnly && SecretShapes.MayBeBareKey(here))
        {
            if (SecretShapes.BareKey(here, out int run) is > 0 and int bare) return Hit(i, i + bare);
            _base64TriedTo = i + run;
        }
        return i + 1;
    }

    /// <summary>A PEM block that holds a private key, to its end line or, cut short, to the end of the text.</summary>
    private int KeyBlock(int i)
    {
        ReadOnlySpan<char> label = _text[(i + 11)..];
        label = label[..Math.Min(label.Length, 64)];
        int dashes = label.IndexOf("-----");
        if (dashes < 0 || !label[..dashes].Contains("PRIVATE KEY", StringComparison.Ordinal)) return i + 1;
        int body = i + 11 + dashes + 5;
        int end = _text[body..].IndexOf("-----END ");
        if (end < 0) return Hit(i, _text.Length);
        int closing = _text[(body + end + 9)..].IndexOf("-----");
        return Hit(i, closing < 0 ? _text.Length : body + end + 9 + closing + 5);
    }

    /// <summary>The password of <c>scheme://user:password@host</c>; a password may hold a slash or an at sign.</summary>
    private int Authority(int start)
    {
        ReadOnlySpan<char> rest = _text[start..];
        int end = rest.IndexOfAny(AuthorityEnd);
        ReadOnlySpan<char> host = end < 0 ? rest : rest[..end];
        int colon = host.IndexOf(':');
        if (colon < 0) return start;
        int at = host.LastIndexOf('@');
        bool isPort = host.Length > colon + 1 && host[(colon + 1)..].IndexOfAnyExceptInRange('0', '9') < 0;
        if (at < 0 && !isPort && start >= _unbrokenTriedTo)
        {
            end = rest.IndexOfAny(UnbrokenEnd);
            ReadOnlySpan<char> unbroken = end < 0 ? rest : rest[..end];
            at = unbroken.LastIndexOf('@');
            _unbrokenTriedTo = start + unbroken.Length;
        }
        return at > colon + 1 ? Hit(start + colon + 1, start + at) : start;
    }

    /// <summary>A name and its value, when the name starts here; 0 when there is no secret in it.</summary>
    private int Pair(int i)
    {
        i = AfterEscape(i);
        int end = i;
        while (end < _text.Length && (char.IsAsciiLetterOrDigit(_text[end]) || _text[end] is '_' or '-' or '.')) end++;
        _nameTriedTo = end;
        if (end == i) return 0;
        ReadOnlySpan<char> name = _text[i..end];
        if (HeaderCredentials(name, end) is > 0 and int afterHeader) return afterHeader;
        if (!SecretPair.MayFollow(_text, i, end)) return 0;
        if (Is(name, "name") || Is(name, "key")) ListedName(i, end);
        if (Is(name, "value")) return ListedValue(i, end);

        switch (SecretNames.Judge(name))
        {
            case NameVerdict.Secret:
                var secret = SecretPair.Read(_text, i, end);
                return secret.Exists && SecretPair.IsWorthMasking(_text[secret.Value]) ? Hit(secret) : 0;
            case NameVerdict.Doubtful:
                // The value is not consumed when it is no key, so as not to look at it again and again only its start is read.
                ReadOnlySpan<char> window = _text[..Math.Min(_text.Length, end + DoubtfulValueMax)];
                var doubtful = SecretPair.Read(window, i, end, SecretPair.IsCredentialHeader(name), scalarOnly: true);
                return doubtful.Exists && doubtful.IsKeyOrHeader(window) ? Hit(SecretPair.Read(_text, i, end, doubtful.IsHeader)) : 0;
            default:
                return 0;
        }
    }

    /// <summary>In JSON an escaped line break or angle bracket may stand right before a name and is no part of it.</summary>
    private readonly int AfterEscape(int i)
    {
        if (i == 0 || _text[i - 1] != '\\') return i;
        if (_text[i] is 'n' or 'r' or 't') return i + 1;
        return _text[i] == 'u' && i + 5 < _text.Length && _text.Slice(i + 1, 2) is "00" ? i + 5 : i;
    }

    private void ListedName(int i, int end)
    {
        ReadOnlySpan<char> window = _text[..Math.Min(_text.Length, end + DoubtfulValueMax)];
        var pair = SecretPair.Read(window, i, end, scalarOnly: true);
        if (!pair.Exists) return;
        _nameSeen = true;
        _nameSaysSecret = SecretNames.Judge(window[pair.Value]) is NameVerdict.Secret;
        if (!_nameSaysSecret || _valueNameSeen.End.Value == 0) return;
        var earlier = SecretPair.Read(_text, _valueNameSeen.Start.Value, _valueNameSeen.End.Value);
        if (earlier.Exists && SecretPair.IsWorthMasking(_text[earlier.Value])) Hit(earlier.Value.Start.Value, earlier.Value.End.Value);
        _valueNameSeen = default;
    }

    private int ListedValue(int i, int end)
    {
        if (!_nameSeen) _valueNameSeen = i..end;
        if (!_nameSaysSecret) return 0;
        var pair = SecretPair.Read(_text, i, end);
        return pair.Exists && SecretPair.IsWorthMasking(_text[pair.Value]) ? Hit(pair) : 0;
    }

    private int HeaderCredentials(ReadOnlySpan<char> word, int end)
    {
        if (word.Length is not (5 or 6) || end >= _text.Length || _text[end] != ' ') return 0;
        ReadOnlySpan<char> after = _text[end..].TrimStart(' ');
        int start = _text.Length - after.Length;
        int length = SecretShapes.HeaderCredentials(word, after);
        return length == 0 ? 0 : Hit(start, start + length);
    }

    private int Hit(SecretPair pair)
    {
        Hit(pair.Value.Start.Value, pair.Value.End.Value);
        int end = pair.End;
        // A plan shows changes as "old" -> "new": the new value is as secret.
        while (SecretPair.ReadChanged(_text, end) is { Exists: true } changed)
        {
            Hit(changed.Value.Start.Value, changed.Value.End.Value);
            end = changed.End;
        }
        return end;
    }

    private int Hit(int start, int end)
    {
        _hit = true;
        if (!_firstOnly) (_hits ??= []).Add(start..end);
        return end;
    }

    private readonly bool Follows(int i, string word) => _text[i..].StartsWith(word, StringComparison.Ordinal);

    private static bool Is(ReadOnlySpan<char> word, string other) => word.Equals(other, StringComparison.OrdinalIgnoreCase);
}
