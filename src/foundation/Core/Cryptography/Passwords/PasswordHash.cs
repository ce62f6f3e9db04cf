using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sirsi.Core.Errors;

namespace Sirsi.Core.Cryptography.Passwords;

/// <summary>What a check of a password found.</summary>
public enum PasswordVerdict
{
    /// <summary>The password is another one.</summary>
    Wrong,

    /// <summary>The password is right.</summary>
    Right,

    /// <summary>The password is right, and its hash was made at another cost than is wanted now: hash and store it again.</summary>
    RightButOutdated,
}

/// <summary>
/// Passwords as they are stored: Argon2 in PHC string format, <c>$argon2id$v=19$m=65536,t=3,p=4$salt$tag</c>, both in base64 without padding.
/// </summary>
public static class PasswordHash
{
    private const int SaltSize = 16;
    private const int TextMax = 4_096;

    /// <summary>Hashes a password for storage.</summary>
    /// <param name="password">The password as typed; it is hashed as UTF-8, not normalised.</param>
    /// <param name="options">The cost.</param>
    /// <param name="fillRandom">Fills its argument with random bytes: <see cref="RandomNumberGenerator.Fill"/> outside tests.</param>
    public static string Create(ReadOnlySpan<char> password, Argon2Options options, Action<Span<byte>> fillRandom)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(fillRandom);
        Span<byte> salt = stackalloc byte[SaltSize];
        fillRandom(salt);
        byte[] tag = Derive(password, salt, options);
        return string.Create(CultureInfo.InvariantCulture,
            $"${Word(options.Variant)}$v=19$m={options.MemoryKiB},t={options.Iterations},p={options.Lanes}${Encode(salt)}${Encode(tag)}");
    }

    /// <summary>Checks a password against a stored hash, in time that tells nothing of how much of it is right.</summary>
    /// <param name="stored">What <see cref="Create"/> or another implementation wrote.</param>
    /// <param name="password">The password as typed.</param>
    /// <param name="wanted">The cost new hashes are made at.</param>
    /// <param name="limits">The most the stored hash may ask for.</param>
    /// <exception cref="CoreException">1063: the stored text is no such hash. 1064: it asks for more than the limits.</exception>
    public static PasswordVerdict Verify(string stored, ReadOnlySpan<char> password, Argon2Options wanted, Argon2Limits limits)
    {
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(limits);
        (Argon2Options options, byte[] salt, byte[] expected) = Read(stored);
        if (!limits.Allow(options))
            throw new CoreException(CoreErrors.PasswordHashTooCostly,
                $"A password hash asks for {options.MemoryKiB} KiB and {options.Iterations} passes; {limits.MemoryKiBMax} KiB and {limits.WorkMax} KiB in all passes are allowed.");
        byte[] tag = Derive(password, salt, options);
        if (!CryptographicOperations.FixedTimeEquals(tag, expected)) return PasswordVerdict.Wrong;
        return options == wanted ? PasswordVerdict.Right : PasswordVerdict.RightButOutdated;
    }

    private static byte[] Derive(ReadOnlySpan<char> password, ReadOnlySpan<byte> salt, Argon2Options options)
    {
        byte[] bytes = GC.AllocateArray<byte>(Encoding.UTF8.GetMaxByteCount(password.Length), pinned: true);
        int count = Encoding.UTF8.GetBytes(password, bytes);
        try
        {
            return Argon2.Derive(bytes.AsSpan(0, count), salt, options);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static (Argon2Options Options, byte[] Salt, byte[] Tag) Read(string stored)
    {
        if (stored.Length > TextMax) throw Unreadable();
        string[] parts = stored.Split('$');
        if (parts.Length != 6 || parts[0].Length != 0 || parts[2] != "v=19") throw Unreadable();
        Argon2Variant variant = parts[1] switch
        {
            "argon2id" => Argon2Variant.Argon2id,
            "argon2i" => Argon2Variant.Argon2i,
            "argon2d" => Argon2Variant.Argon2d,
            _ => throw Unreadable(),
        };
        string[] costs = parts[3].Split(',');
        if (costs.Length != 3) throw Unreadable();
        byte[] salt = Decode(parts[4]), tag = Decode(parts[5]);
        var options = new Argon2Options
        {
            Variant = variant,
            MemoryKiB = Cost(costs[0], "m="),
            Iterations = Cost(costs[1], "t="),
            Lanes = Cost(costs[2], "p="),
            TagSize = tag.Length,
        };
        return options.Problems().Any() || salt.Length < 8 ? throw Unreadable() : (options, salt, tag);
    }

    private static int Cost(string text, string name)
    {
        ReadOnlySpan<char> digits = text.StartsWith(name, StringComparison.Ordinal) ? text.AsSpan(name.Length) : default;
        bool plain = digits.Length > 0 && digits[0] != '0';
        return plain && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int cost) ? cost : throw Unreadable();
    }

    private static string Encode(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    private static byte[] Decode(string text)
    {
        byte[] bytes = new byte[text.Length];
        string padded = text.PadRight((text.Length + 3) / 4 * 4, '=');
        bool whole = Convert.TryFromBase64String(padded, bytes, out int written);
        byte[] decoded = bytes[..written];
        return whole && Encode(decoded) == text ? decoded : throw Unreadable();
    }

    private static string Word(Argon2Variant variant) => variant switch
    {
        Argon2Variant.Argon2d => "argon2d",
        Argon2Variant.Argon2i => "argon2i",
        _ => "argon2id",
    };

    // The text is not quoted: part of it would help a search for the password.
    private static CoreException Unreadable() => new(CoreErrors.PasswordHashUnreadable, "A stored password hash is damaged or of an unknown kind.");
}
