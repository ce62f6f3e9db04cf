using System.Buffers;

namespace Sirsi.Core.Secrets;

/// <summary>Recognises secrets by what they look like, at one position of a text.</summary>
internal static class SecretShapes
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const string Digits = "0123456789";

    private static readonly SearchValues<char> Alphanumeric = SearchValues.Create(Letters + Digits);
    private static readonly SearchValues<char> UpperAlphanumeric = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ" + Digits);
    private static readonly SearchValues<char> Hex = SearchValues.Create(Digits + "abcdefABCDEF");
    private static readonly SearchValues<char> Underscored = SearchValues.Create(Letters + Digits + "_");
    private static readonly SearchValues<char> Base64Url = SearchValues.Create(Letters + Digits + "-_");
    private static readonly SearchValues<char> Base64 = SearchValues.Create(Letters + Digits + "+/");
    private static readonly SearchValues<char> Wide = SearchValues.Create(Letters + Digits + "-_.=+/~");

    /// <summary>Keys that begin with a word of their issuer. A body longer than the least is taken as a whole.</summary>
    private static readonly Shape[] Prefixed =
    [
        // Amazon: access key ids, long-lived and of a session; bearer keys of Bedrock.
        new("AKIA", UpperAlphanumeric, 16, 16), new("ASIA", UpperAlphanumeric, 16, 16), new("ABSK", Base64, 100),
        // Google: API keys, OAuth access and refresh tokens, client secrets.
        new("AIza", Base64Url, 35), new("ya29.", Wide, 20), new("1//0", Base64Url, 30), new("GOCSPX-", Base64Url, 20),
        // Code hosts and package registries.
        new("ghp_", Alphanumeric, 30), new("gho_", Alphanumeric, 30), new("ghu_", Alphanumeric, 30), new("ghs_", Alphanumeric, 30),
        new("ghr_", Alphanumeric, 30), new("github_pat_", Underscored, 30), new("glpat-", Base64Url, 20), new("gldt-", Base64Url, 20),
        new("npm_", Alphanumeric, 36), new("pypi-", Base64Url, 40), new("ATATT3", Wide, 40), new("dckr_pat_", Base64Url, 20),
        // Messages and mail.
        new("xoxb-", Base64Url, 10), new("xoxp-", Base64Url, 10), new("xoxa-", Base64Url, 10), new("xoxr-", Base64Url, 10),
        new("xoxs-", Base64Url, 10), new("xoxe-", Base64Url, 10), new("xapp-", Base64Url, 10), new("SG.", Wide, 40),
        new("hooks.slack.com/services/", Wide, 20), new("hooks.slack.com/workflows/", Wide, 20),
        // Payments.
        new("sk_live_", Alphanumeric, 16), new("sk_test_", Alphanumeric, 16), new("rk_live_", Alphanumeric, 16), new("whsec_", Base64, 16),
        new("shpat_", Hex, 32),
        // Models, hosting, vaults.
        new("sk-ant-", Base64Url, 20), new("sk-proj-", Base64Url, 20), new("sk-", Alphanumeric, 40), new("hf_", Alphanumeric, 30),
        new("dop_v1_", Hex, 64), new("dapi", Hex, 32), new("hvs.", Base64Url, 20), new("hvb.", Base64Url, 20),
        new("AGE-SECRET-KEY-1", UpperAlphanumeric, 50), new("LTAI", Alphanumeric, 12), new("PMAK-", Base64Url, 40),
        new("lin_api_", Alphanumeric, 32), new("glsa_", Underscored, 32), new("NRAK-", UpperAlphanumeric, 20),
    ];

    /// <summary>The shapes by their first character, so that a word of ordinary text is compared with few.</summary>
    private static readonly Shape[][] PrefixedByFirst =
        [.. Enumerable.Range(0, 128).Select(c => Prefixed.Where(shape => shape.Prefix[0] == c).ToArray())];

    private readonly record struct Shape(string Prefix, SearchValues<char> Body, int BodyMin, int BodyMax = int.MaxValue);

    /// <summary>The length of the key with an issuer's word that starts <paramref name="text"/>, or 0.</summary>
    public static int LabelledKey(ReadOnlySpan<char> text)
    {
        if (text[0] >= PrefixedByFirst.Length) return 0;
        foreach (Shape shape in PrefixedByFirst[text[0]])
        {
            if (!text.StartsWith(shape.Prefix, StringComparison.Ordinal)) continue;
            ReadOnlySpan<char> rest = text[shape.Prefix.Length..];
            int body = Run(rest, shape.Body);
            if (body >= shape.BodyMin && body <= shape.BodyMax) return shape.Prefix.Length + body;
        }
        return 0;
    }

    /// <summary>
    /// The length of the JWT or JWE in compact form that starts <paramref name="text"/>: two to five parts, the first a JSON object
    /// in base64url. When there is none, <paramref name="futile"/> says how many characters need not be tried again.
    /// </summary>
    public static int JsonWebToken(ReadOnlySpan<char> text, out int futile)
    {
        futile = 0;
        if (!text.StartsWith("eyJ", StringComparison.Ordinal)) return 0;
        int length = 0;
        for (int part = 0; part < 5; part++)
        {
            int run = Run(text[length..], Base64Url);
            bool goesOn = run < text.Length - length && text[length + run] == '.';
            if (part == 0 && (run < 8 || !goesOn))
            {
                futile = run;
                return 0;
            }
            length += run;
            if (!goesOn) return length;
            if (part < 4) length++;
        }
        return length;
    }

    /// <summary>A glance that spares measuring most runs: the shortest bare key has 40 characters.</summary>
    public static bool MayBeBareKey(ReadOnlySpan<char> text) => text.Length >= 40 && Base64.Contains(text[39]) && Base64.Contains(text[20]);

    /// <summary>
    /// The length of the bare key at the start of a run of base64 characters, or 0: an AWS secret access key (40 characters) or
    /// 64 bytes with padding (Azure account keys). The caller gives the start of a run.
    /// </summary>
    public static int BareKey(ReadOnlySpan<char> text, out int run)
    {
        run = Run(text, Base64);
        bool padded = run < text.Length && text[run] == '=';
        if (run == 40 && !padded && IsMixed(text[..run])) return run;
        // Azure's newer keys carry this mark so that scanners find them.
        if (run is >= 52 and <= 100 && text[..run].Contains("JQQJ99", StringComparison.Ordinal)) return run;
        bool twice = text.Length > run + 1 && padded && text[run + 1] == '=';
        return run == 86 && twice && IsMixed(text[..run]) ? run + 2 : 0;
    }

    /// <summary>
    /// Whether 40 or more characters look drawn at random from base64: many characters, both cases, frequent changes between
    /// kinds. Of 40 random ones 30 differ and 25 neighbours change kind on average; one key in 100,000 falls below the bounds.
    /// Paths, words and hexadecimal digests stay well below.
    /// </summary>
    private static bool IsMixed(ReadOnlySpan<char> text)
    {
        UInt128 seen = 0;
        int changes = 0;
        int previous = Kind(text[0]);
        foreach (char c in text)
        {
            seen |= UInt128.One << c;
            int kind = Kind(c);
            if (kind != previous) changes++;
            previous = kind;
        }
        bool bothCases = text.IndexOfAnyInRange('a', 'z') >= 0 && text.IndexOfAnyInRange('A', 'Z') >= 0;
        return bothCases && changes >= 12 && UInt128.PopCount(seen) >= (UInt128)20;
    }

    /// <summary>Whether a value under a doubtful name is a key: long, unbroken, and of letters and digits that read as nothing.</summary>
    public static bool IsOpaque(ReadOnlySpan<char> value)
    {
        ReadOnlySpan<char> body = value.TrimEnd('=');
        if (body.Length < 20 || body.ContainsAnyExcept(Wide) || body.IndexOfAnyInRange('0', '9') < 0) return false;
        if (!body.ContainsAnyExcept(Hex)) return body.Length >= 32;
        int changes = 0;
        for (int i = 1; i < body.Length; i++)
            if (Kind(body[i]) != Kind(body[i - 1])) changes++;
        return changes >= body.Length / 3 && body.Count('-') <= body.Length / 8 && body.Count('/') + body.Count('.') <= 1 + (body.Length / 16);
    }

    /// <summary>Whether a value only points to where a secret is kept.</summary>
    public static bool IsReference(ReadOnlySpan<char> value) =>
        value.StartsWith("arn:", StringComparison.Ordinal)
        || (value.StartsWith("projects/", StringComparison.Ordinal) && value.Contains("/secrets/", StringComparison.Ordinal))
        || value.StartsWith("/subscriptions/", StringComparison.OrdinalIgnoreCase)
        || (value.StartsWith("https://", StringComparison.Ordinal) && value.Contains(".vault.azure.net/", StringComparison.Ordinal));

    /// <summary>The length of the credentials after the word Bearer or Basic, or 0 when the word is only a word.</summary>
    public static int HeaderCredentials(ReadOnlySpan<char> scheme, ReadOnlySpan<char> after)
    {
        int run = Run(after, Wide);
        ReadOnlySpan<char> token = after[..run];
        if (scheme.Equals("bearer", StringComparison.OrdinalIgnoreCase))
        {
            bool isWord = token.IndexOfAnyInRange('0', '9') < 0 && token.IndexOfAnyInRange('A', 'Z') < 0;
            return run >= 16 && !isWord ? run : 0;
        }
        return scheme.Equals("basic", StringComparison.OrdinalIgnoreCase) && DecodesToPair(token) ? run : 0;
    }

    private static bool DecodesToPair(ReadOnlySpan<char> token)
    {
        if (token.Length is < 4 or > 4096 || token.Length % 4 != 0) return false;
        Span<byte> bytes = token.Length <= 512 ? stackalloc byte[token.Length] : new byte[token.Length];
        bool decoded = Convert.TryFromBase64Chars(token, bytes, out int written);
        return decoded && bytes[..written].Contains((byte)':');
    }

    private static int Run(ReadOnlySpan<char> text, SearchValues<char> alphabet)
    {
        int end = text.IndexOfAnyExcept(alphabet);
        return end < 0 ? text.Length : end;
    }

    private static int Kind(char c) => c switch
    {
        >= 'a' and <= 'z' => 0,
        >= 'A' and <= 'Z' => 1,
        >= '0' and <= '9' => 2,
        _ => 3,
    };
}
