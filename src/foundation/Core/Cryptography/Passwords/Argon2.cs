using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Sirsi.Core.Errors;

namespace Sirsi.Core.Cryptography.Passwords;

/// <summary>Argon2, version 1.3 (RFC 9106): a key or check value from a password, costly in memory to search for.</summary>
/// <remarks>Memory is taken outside the garbage-collected heap, wiped and freed before returning. Thread-safe.</remarks>
public static class Argon2
{
    private const int Version = 0x13;
    private const int PasswordSizeMax = 65_536;
    private const int SaltSizeMin = 8;

    /// <summary>Computes <see cref="Argon2Options.TagSize"/> bytes.</summary>
    /// <param name="password">At most 65,536 bytes, UTF-8 of the password as typed.</param>
    /// <param name="salt">8 to 65,536 bytes, 16 recommended, random for each password.</param>
    /// <param name="options">The cost.</param>
    /// <param name="secret">A key kept apart from the stored hashes ("pepper"), or empty.</param>
    /// <param name="associatedData">What else the result is to depend on, or empty.</param>
    /// <exception cref="ArgumentException">A length or option is out of its range.</exception>
    /// <exception cref="CoreException">1065: the memory asked for is not to be had.</exception>
    public static byte[] Derive(
        ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, Argon2Options options,
        ReadOnlySpan<byte> secret = default, ReadOnlySpan<byte> associatedData = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        string problems = string.Join(' ', options.Problems());
        if (problems.Length > 0) throw new ArgumentException("Argon2 options: " + problems, nameof(options));
        if (password.Length > PasswordSizeMax) throw new ArgumentException($"A password has at most {PasswordSizeMax} bytes.", nameof(password));
        if (salt.Length is < SaltSizeMin or > PasswordSizeMax) throw new ArgumentException("A salt has 8 to 65,536 bytes.", nameof(salt));

        Span<byte> start = stackalloc byte[72];
        Digest(password, salt, options, secret, associatedData, start[..64]);
        byte[] tag = new byte[options.TagSize];
        using (var memory = new Argon2Memory(options))
        {
            FirstBlocks(memory, start);
            memory.Run();
            Finish(memory, tag);
        }
        CryptographicOperations.ZeroMemory(start);
        return tag;
    }

    /// <summary>H0 of RFC 9106, 3.2: the digest of all inputs, each with its length.</summary>
    private static void Digest(
        ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, Argon2Options options,
        ReadOnlySpan<byte> secret, ReadOnlySpan<byte> associatedData, Span<byte> digest)
    {
        var hash = new Blake2b(64, stackalloc ulong[8], stackalloc byte[128]);
        hash.Append((uint)options.Lanes);
        hash.Append((uint)options.TagSize);
        hash.Append((uint)options.MemoryKiB);
        hash.Append((uint)options.Iterations);
        hash.Append(Version);
        hash.Append((uint)options.Variant);
        hash.Append((uint)password.Length);
        hash.Append(password);
        hash.Append((uint)salt.Length);
        hash.Append(salt);
        hash.Append((uint)secret.Length);
        hash.Append(secret);
        hash.Append((uint)associatedData.Length);
        hash.Append(associatedData);
        hash.Finish(digest);
    }

    private static void FirstBlocks(Argon2Memory memory, Span<byte> start)
    {
        for (int lane = 0; lane < memory.Lanes; lane++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(start[68..], lane);
            for (int column = 0; column < 2; column++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(start[64..], column);
                Expand(start, MemoryMarshal.AsBytes(memory.Block(lane, column)));
            }
        }
    }

    private static void Finish(Argon2Memory memory, Span<byte> tag)
    {
        Span<ulong> last = memory.Block(0, memory.Columns - 1);
        for (int lane = 1; lane < memory.Lanes; lane++)
        {
            ReadOnlySpan<ulong> other = memory.Block(lane, memory.Columns - 1);
            for (int i = 0; i < last.Length; i++) last[i] ^= other[i];
        }
        Expand(MemoryMarshal.AsBytes(last), tag);
    }

    /// <summary>H' of RFC 9106, 3.3: a BLAKE2b of any length, half of each link of a chain.</summary>
    private static void Expand(ReadOnlySpan<byte> input, Span<byte> output)
    {
        Span<byte> length = stackalloc byte[4], link = stackalloc byte[64], next = stackalloc byte[64];
        BinaryPrimitives.WriteInt32LittleEndian(length, output.Length);
        if (output.Length <= 64)
        {
            Blake2b.Hash(length, input, output);
            return;
        }
        Blake2b.Hash(length, input, link);
        while (true)
        {
            link[..32].CopyTo(output);
            output = output[32..];
            if (output.Length <= 64) break;
            Blake2b.Hash(link, default, next);
            next.CopyTo(link);
        }
        Blake2b.Hash(link, default, output);
        link.Clear();
        next.Clear();
    }
}
