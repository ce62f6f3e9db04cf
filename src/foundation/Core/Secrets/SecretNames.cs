using System.Collections.Frozen;

namespace Sirsi.Core.Secrets;

/// <summary>What a name says about its value.</summary>
internal enum NameVerdict
{
    Ordinary,

    /// <summary>A secret whatever the value looks like.</summary>
    Secret,

    /// <summary>Used for secrets and for ordinary values; the value decides.</summary>
    Doubtful,

    /// <summary>A digest or fingerprint: random-looking, public.</summary>
    Digest,
}

/// <summary>
/// Judges names by their words. The last word says what the value is (<c>secret_arn</c> is an ARN, <c>db_password</c> a password);
/// words that only tell the encoding or the version (<c>_base64</c>, <c>_wo</c>, <c>_2</c>) are looked through.
/// </summary>
internal static class SecretNames
{
    private const int WordsMax = 16;

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Secrets = Words(
        "password passwords passwd passwort pwd passphrase passphrases passcode secret secrets credential credentials cred creds " +
        "token tokens jwt otp psk sas mnemonic htpasswd kubeconfig pfx p12 pkcs12 keystore jks " +
        "apikey apikeys accesskey accesskeys secretkey secretaccesskey privatekey privatekeys accountkey sharedkey sharedaccesskey " +
        "authkey masterkey signingkey connectionstring connectionstrings connstr userdata customdata appsettings sharedaccesssignature");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> LookedThrough = Words(
        "value values base64 b64 plaintext plain text raw hex string binary wo old new current previous primary secondary content " +
        "contents json pem der openssh pkcs1 pkcs8 encrypted confirmation confirm repeat data");

    /// <summary>First words of switches: <c>manage_master_user_password</c> is a yes or no.</summary>
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> SwitchVerbs = Words(
        "is has enable enabled disable disabled use uses require requires allow allows manage force skip send show include generate " +
        "reset expire rotate get");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> SecretBeforeKey = Words(
        "access secret private api account shared preshared master signing auth authorization session storage admin function client " +
        "pairing server root psk hmac symmetric raw bootstrap join deploy app application webhook service");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> DoubtfulBeforeKey = Words(
        "primary secondary readonly only encryption license subscription instrumentation integration registration activation " +
        "recovery tls ssl decryption");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> OrdinaryBeforeToken = Words(
        "next page continuation pagination creation request client idempotency concurrency http max min total input output prompt " +
        "completion unique resume sync stop num number");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Doubtful = Words("key keys pass auth authorization cookie seed pin");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Digests = Words(
        "hash digest sha sha1 sha256 sha384 sha512 base64sha256 base64sha512 md5 fingerprint thumbprint checksum etag integrity");

    /// <summary>Two last words that together name a secret or something that carries secrets.</summary>
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Pairs = Words(
        "connection.string connection.strings user.data custom.data container.definitions container.definition app.settings " +
        "startup.script shutdown.script environment.variables kube.config kubeadmin.config admin.config sas.url sas.uri sas.token " +
        "access.signature key.material password.hash password.salt key.string amz.signature goog.signature amz.credential goog.credential");

    private static readonly string[] GluedEndings =
        ["password", "passwd", "passphrase", "secret", "accesskey", "apikey", "privatekey", "secretkey", "authtoken", "accesstoken"];

    public static NameVerdict Judge(ReadOnlySpan<char> name)
    {
        Span<Range> ranges = stackalloc Range[WordsMax];
        int count = SplitWords(name, ranges);
        if (count == 0) return NameVerdict.Ordinary;
        if (count > 1 && SwitchVerbs.Contains(name[ranges[0]])) return NameVerdict.Ordinary;
        foreach (Range range in ranges[..count])
            if (name[range].Equals("public", StringComparison.OrdinalIgnoreCase)) return NameVerdict.Ordinary;

        for (; count > 0; count--)
        {
            ReadOnlySpan<char> last = name[ranges[count - 1]];
            ReadOnlySpan<char> before = count > 1 ? name[ranges[count - 2]] : default;
            NameVerdict verdict = JudgeEnding(before, last);
            if (verdict is not NameVerdict.Ordinary) return verdict;
            bool isVersion = !last.TrimStart("vV").ContainsAnyExceptInRange('0', '9');
            if (!LookedThrough.Contains(last) && !isVersion) return NameVerdict.Ordinary;
        }
        return NameVerdict.Ordinary;
    }

    private static NameVerdict JudgeEnding(ReadOnlySpan<char> before, ReadOnlySpan<char> last)
    {
        if (IsPair(before, last)) return NameVerdict.Secret;
        if (Digests.Contains(last)) return NameVerdict.Digest;
        if (!Secrets.Contains(last)) last = last.TrimEnd("0123456789");
        before = before.TrimEnd("0123456789");
        if (Is(last, "token") || Is(last, "tokens"))
            return OrdinaryBeforeToken.Contains(before) ? NameVerdict.Ordinary : NameVerdict.Secret;
        if (Is(last, "key") || Is(last, "keys"))
        {
            if (SecretBeforeKey.Contains(before)) return NameVerdict.Secret;
            return before.IsEmpty || DoubtfulBeforeKey.Contains(before) ? NameVerdict.Doubtful : NameVerdict.Ordinary;
        }
        if (Is(last, "pass") && !before.IsEmpty) return NameVerdict.Secret;
        if (Secrets.Contains(last)) return NameVerdict.Secret;
        foreach (string ending in GluedEndings)
            if (last.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) return NameVerdict.Secret;
        // A lone "sig" is the signature of a shared access signature's query; "build_sig" is not.
        if (Is(last, "sig") && before.IsEmpty) return NameVerdict.Secret;
        return Doubtful.Contains(last) ? NameVerdict.Doubtful : NameVerdict.Ordinary;
    }

    private static bool IsPair(ReadOnlySpan<char> before, ReadOnlySpan<char> last)
    {
        const int longest = 32;
        if (before.IsEmpty || before.Length + last.Length >= longest) return false;
        Span<char> pair = stackalloc char[longest];
        before.CopyTo(pair);
        pair[before.Length] = '.';
        last.CopyTo(pair[(before.Length + 1)..]);
        return Pairs.Contains(pair[..(before.Length + 1 + last.Length)]);
    }

    /// <summary>Splits at everything but letters and digits, and where case changes; keeps the last words when there are too many.</summary>
    private static int SplitWords(ReadOnlySpan<char> name, Span<Range> words)
    {
        int count = 0;
        int start = -1;
        for (int i = 0; i <= name.Length; i++)
        {
            bool inWord = i < name.Length && char.IsAsciiLetterOrDigit(name[i]);
            if (start >= 0 && (!inWord || IsCaseBoundary(name, i)))
            {
                if (count == words.Length)
                {
                    words[1..].CopyTo(words);
                    count--;
                }
                words[count++] = start..i;
                start = -1;
            }
            if (inWord && start < 0) start = i;
        }
        return count;
    }

    private static bool IsCaseBoundary(ReadOnlySpan<char> name, int i)
    {
        if (!char.IsAsciiLetterUpper(name[i])) return false;
        char previous = name[i - 1];
        if (char.IsAsciiLetterLower(previous) || char.IsAsciiDigit(previous)) return true;
        return char.IsAsciiLetterUpper(previous) && i + 1 < name.Length && char.IsAsciiLetterLower(name[i + 1]);
    }

    private static bool Is(ReadOnlySpan<char> word, string other) => word.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Words(string list) =>
        list.Split(' ').ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
}
