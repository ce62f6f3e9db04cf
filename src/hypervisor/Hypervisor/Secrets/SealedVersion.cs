using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Secrets;

/// <summary>The key of a stored secret.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SecretKey(ProjectScope Scope, string Name);

/// <summary>
/// One version of a secret as it is kept: the value under a data key of its own, and that key under the file's. Both are bound to tenant, project, name, version and time, so neither can be put in another's place.
/// Each is nonce, ciphertext and tag of AES-256-GCM.
/// </summary>
/// <param name="Number">The version.</param>
/// <param name="CreatedTicks">When, in ticks of UTC.</param>
/// <param name="WrappedKey">The data key.</param>
/// <param name="Value">The value.</param>
internal sealed record SealedVersion(int Number, long CreatedTicks, byte[] WrappedKey, byte[] Value)
{
    public const int Overhead = NonceSize + TagSize;
    public const int WrappedSize = Overhead + SecretKeys.Size;

    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int BindingMax = 1 + 16 + 16 + 4 + 8 + SecretReference.NameLengthMax;

    /// <summary>What a box holds, so that a wrapped key is never taken for a value.</summary>
    private enum Holds : byte
    {
        Key = 1,
        Value = 2,
    }

    public int ValueLength => Value.Length - Overhead;

    public static SealedVersion Seal(
        SecretKey key, int number, long createdTicks, ReadOnlySpan<byte> value, SecretKeys keys, Action<Span<byte>> fillRandom)
    {
        Span<byte> dataKey = stackalloc byte[SecretKeys.Size];
        fillRandom(dataKey);
        try
        {
            byte[] wrapped = Box(keys.Wrap, dataKey, Holds.Key, key, number, createdTicks, fillRandom);
            return new SealedVersion(number, createdTicks, wrapped, Box(dataKey, value, Holds.Value, key, number, createdTicks, fillRandom));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
        }
    }

    /// <summary>Writes the value in the clear.</summary>
    /// <exception cref="AuthenticationTagMismatchException">It is not what was sealed for this place.</exception>
    public void Open(SecretKey key, SecretKeys keys, Span<byte> value)
    {
        Span<byte> dataKey = stackalloc byte[SecretKeys.Size];
        try
        {
            Unbox(keys.Wrap, WrappedKey, Holds.Key, key, dataKey);
            Unbox(dataKey, Value, Holds.Value, key, value);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
        }
    }

    /// <summary>The same version with its data key under other keys.</summary>
    /// <exception cref="AuthenticationTagMismatchException">It is not what was sealed for this place.</exception>
    public SealedVersion Rewrap(SecretKey key, SecretKeys before, SecretKeys after, Action<Span<byte>> fillRandom)
    {
        Span<byte> dataKey = stackalloc byte[SecretKeys.Size];
        try
        {
            Unbox(before.Wrap, WrappedKey, Holds.Key, key, dataKey);
            return this with { WrappedKey = Box(after.Wrap, dataKey, Holds.Key, key, Number, CreatedTicks, fillRandom) };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
        }
    }

    private static byte[] Box(
        ReadOnlySpan<byte> under, ReadOnlySpan<byte> content, Holds holds, SecretKey key, int number, long createdTicks, Action<Span<byte>> fillRandom)
    {
        byte[] box = new byte[content.Length + Overhead];
        Span<byte> nonce = box.AsSpan(0, NonceSize);
        fillRandom(nonce);
        Span<byte> binding = stackalloc byte[BindingMax];
        using var aes = new AesGcm(under, TagSize);
        aes.Encrypt(nonce, content, box.AsSpan(NonceSize, content.Length), box.AsSpan(NonceSize + content.Length), Bind(binding, holds, key, number, createdTicks));
        return box;
    }

    private void Unbox(ReadOnlySpan<byte> under, ReadOnlySpan<byte> box, Holds holds, SecretKey key, Span<byte> content)
    {
        Span<byte> binding = stackalloc byte[BindingMax];
        using var aes = new AesGcm(under, TagSize);
        aes.Decrypt(box[..NonceSize], box[NonceSize..^TagSize], box[^TagSize..], content, Bind(binding, holds, key, Number, CreatedTicks));
    }

    /// <summary>The name comes last, so that no two bindings have the same bytes.</summary>
    private static ReadOnlySpan<byte> Bind(Span<byte> binding, Holds holds, SecretKey key, int number, long createdTicks)
    {
        binding[0] = (byte)holds;
        key.Scope.Tenant.Value.TryWriteBytes(binding[1..], bigEndian: true, out _);
        key.Scope.Project.Value.TryWriteBytes(binding[17..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt32LittleEndian(binding[33..], number);
        BinaryPrimitives.WriteInt64LittleEndian(binding[37..], createdTicks);
        return binding[..(45 + Encoding.ASCII.GetBytes(key.Name, binding[45..]))];
    }
}
