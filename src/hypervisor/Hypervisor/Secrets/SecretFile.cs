using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Sirsi.Core.Cryptography.Passwords;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Secrets;

/// <summary>A secret as it is kept.</summary>
/// <param name="LastNumber">The highest number a version ever had; it outlives the versions.</param>
/// <param name="Versions">Those that are kept, the oldest first; none for a secret that was deleted.</param>
/// <param name="Hosts">To which hosts they may go.</param>
internal sealed record StoredSecret(int LastNumber, ImmutableArray<SealedVersion> Versions, SecretHosts Hosts);

/// <summary>The beginning of a file of secrets: what it takes to derive its keys.</summary>
internal sealed record SecretFileHeader(bool IsPassphrase, Argon2Options Cost, byte[] Salt)
{
    public const int SaltSize = 16;
}

/// <summary>
/// The bytes of a file of secrets, numbers little-endian: magic, version (2), kind of key (1), 0 (1); memory, passes and lanes of Argon2id (4 each); salt (16); a tag by which
/// the key is recognised (16); how many secrets (4), and each: tenant (16), project (16), length of the name (1), name, last number (4), how many hosts (1), and each: length (1), host; how many versions (4), and each: number
/// (4), time (8), wrapped key (60), length (4), sealed value. At the end an HMAC of all before under the file's key, against forgers, and a digest of all before, against bad disks. Version 1 has nothing of hosts; it is read, and written as
/// version 2 with the next change.
/// </summary>
internal static class SecretFile
{
    public const int LengthMax = 64 * 1024 * 1024;

    private const int HeaderSize = 40;
    private const int CheckSize = 16;
    private const int TagSize = 32;
    private const int LengthMin = HeaderSize + CheckSize + 4 + TagSize + TagSize;
    private const ushort Format = 2;
    private const ushort FormatWithoutHosts = 1;

    private static ReadOnlySpan<byte> Magic => "SIRSISEC"u8;

    /// <summary>The header of a file nobody damaged by chance; whether anybody forged it, <see cref="ReadSecrets"/> finds.</summary>
    /// <exception cref="HypervisorException">3061 or 3062.</exception>
    public static SecretFileHeader ReadHeader(ReadOnlySpan<byte> file, Argon2Limits limits)
    {
        if (!file.StartsWith(Magic)) throw new HypervisorException(HypervisorErrors.SecretFileForeign, "The file is no file of secrets.");
        if (!HasDigest(file)) throw Damaged();
        if (FormatOf(file) is not (Format or FormatWithoutHosts))
            throw new HypervisorException(HypervisorErrors.SecretFileForeign, "The file of secrets was written by another version of this program.");
        if (file.Length < LengthMin || file[10] is not (1 or 2)) throw Damaged();
        byte[] salt = file.Slice(24, SecretFileHeader.SaltSize).ToArray();
        if (file[10] == 1) return new SecretFileHeader(IsPassphrase: false, new Argon2Options(), salt);
        var cost = new Argon2Options { MemoryKiB = Number(file[12..]), Iterations = Number(file[16..]), Lanes = Number(file[20..]) };
        bool allowed = cost.MemoryKiB <= limits.MemoryKiBMax && (long)cost.MemoryKiB * cost.Iterations <= limits.WorkMax;
        if (cost.Lanes is < 1 or > 255 || cost.Iterations < 1 || cost.MemoryKiB < 8 * cost.Lanes) throw Damaged();
        return allowed ? new SecretFileHeader(IsPassphrase: true, cost, salt) : throw new HypervisorException(
            HypervisorErrors.SecretFileForeign, $"The file of secrets asks for {cost.MemoryKiB} KiB and {cost.Iterations} passes, which is more than is allowed.");
    }

    /// <summary>The secrets of a file.</summary>
    /// <exception cref="HypervisorException">3061: it is not what was written with these keys. 3063: the keys are others.</exception>
    public static ImmutableDictionary<SecretKey, StoredSecret> ReadSecrets(ReadOnlySpan<byte> file, SecretKeys keys)
    {
        Span<byte> tag = stackalloc byte[TagSize];
        HMACSHA256.HashData(keys.Check, file[..HeaderSize], tag);
        if (!CryptographicOperations.FixedTimeEquals(tag[..CheckSize], file.Slice(HeaderSize, CheckSize)))
            throw new HypervisorException(HypervisorErrors.SecretKeyWrong, "The passphrase is wrong, or the key file is another one.");
        ReadOnlySpan<byte> content = file[..^(2 * TagSize)];
        HMACSHA256.HashData(keys.File, content, tag);
        if (!CryptographicOperations.FixedTimeEquals(tag, file[content.Length..^TagSize])) throw Damaged();
        return Secrets(content[(HeaderSize + CheckSize)..], FormatOf(file) is not FormatWithoutHosts);
    }

    /// <summary>The file of these secrets; null when it would be longer than <see cref="LengthMax"/>.</summary>
    public static byte[]? Write(SecretFileHeader header, SecretKeys keys, ImmutableDictionary<SecretKey, StoredSecret> secrets)
    {
        long length = LengthMin + secrets.Sum(static entry => 42L + entry.Key.Name.Length + entry.Value.Hosts.Names.Sum(static host => 1L + host.Length)
            + entry.Value.Versions.Sum(static version => 16L + SealedVersion.WrappedSize + version.Value.Length));
        if (length > LengthMax) return null;
        byte[] file = new byte[length];
        Magic.CopyTo(file);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(8), Format);
        file[10] = (byte)(header.IsPassphrase ? 2 : 1);
        if (header.IsPassphrase)
        {
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(12), header.Cost.MemoryKiB);
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(16), header.Cost.Iterations);
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(20), header.Cost.Lanes);
        }

        header.Salt.CopyTo(file.AsSpan(24));
        Span<byte> tag = stackalloc byte[TagSize];
        HMACSHA256.HashData(keys.Check, file.AsSpan(0, HeaderSize), tag);
        tag[..CheckSize].CopyTo(file.AsSpan(HeaderSize));
        int at = Write(secrets, file, HeaderSize + CheckSize);
        HMACSHA256.HashData(keys.File, file.AsSpan(0, at), file.AsSpan(at));
        SHA256.HashData(file.AsSpan(0, at + TagSize), file.AsSpan(at + TagSize));
        return file;
    }

    public static HypervisorException Damaged(Exception? cause = null) =>
        new(HypervisorErrors.SecretFileDamaged, "The file of secrets is damaged, or somebody changed it.", cause);

    private static int Write(ImmutableDictionary<SecretKey, StoredSecret> secrets, byte[] file, int at)
    {
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), secrets.Count);
        at += 4;
        foreach ((SecretKey key, StoredSecret secret) in secrets)
        {
            key.Scope.Tenant.Value.TryWriteBytes(file.AsSpan(at), bigEndian: true, out _);
            key.Scope.Project.Value.TryWriteBytes(file.AsSpan(at + 16), bigEndian: true, out _);
            file[at + 32] = (byte)key.Name.Length;
            at += 33 + Encoding.ASCII.GetBytes(key.Name, file.AsSpan(at + 33));
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), secret.LastNumber);
            file[at + 4] = (byte)secret.Hosts.Names.Length;
            at += 5;
            foreach (string host in secret.Hosts.Names)
            {
                file[at] = (byte)host.Length;
                at += 1 + Encoding.ASCII.GetBytes(host, file.AsSpan(at + 1));
            }

            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), secret.Versions.Length);
            at += 4;
            foreach (SealedVersion version in secret.Versions)
            {
                BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), version.Number);
                BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(at + 4), version.CreatedTicks);
                version.WrappedKey.CopyTo(file, at + 12);
                at += 12 + SealedVersion.WrappedSize;
                BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), version.Value.Length);
                version.Value.CopyTo(file, at + 4);
                at += 4 + version.Value.Length;
            }
        }

        return at;
    }

    /// <summary>The file is authentic by now: what does not fit is a defect of whoever wrote it.</summary>
    private static ImmutableDictionary<SecretKey, StoredSecret> Secrets(ReadOnlySpan<byte> from, bool hasHosts)
    {
        try
        {
            var secrets = ImmutableDictionary.CreateBuilder<SecretKey, StoredSecret>();
            int count = Number(Take(ref from, 4));
            for (int i = 0; i < count; i++)
            {
                var scope = new ProjectScope(new TenantId(new Guid(Take(ref from, 16), bigEndian: true)), new ProjectId(new Guid(Take(ref from, 16), bigEndian: true)));
                string name = Encoding.ASCII.GetString(Take(ref from, Take(ref from, 1)[0]));
                int last = Number(Take(ref from, 4));
                SecretHosts hosts = hasHosts ? Hosts(ref from) : SecretHosts.Any;
                int versions = Number(Take(ref from, 4));
                var kept = ImmutableArray.CreateBuilder<SealedVersion>();
                for (int v = 0; v < versions; v++)
                {
                    int number = Number(Take(ref from, 4));
                    long created = BinaryPrimitives.ReadInt64LittleEndian(Take(ref from, 8));
                    byte[] wrapped = Take(ref from, SealedVersion.WrappedSize).ToArray();
                    int length = Number(Take(ref from, 4));
                    if (length < SealedVersion.Overhead) throw Damaged();
                    kept.Add(new SealedVersion(number, created, wrapped, Take(ref from, length).ToArray()));
                }

                secrets.Add(new SecretKey(scope, name), new StoredSecret(last, kept.ToImmutable(), hosts));
            }

            return from.IsEmpty ? secrets.ToImmutable() : throw Damaged();
        }
        catch (Exception failure) when (failure is ArgumentException || (failure as HypervisorException)?.Code == HypervisorErrors.SecretHostInvalid)
        {
            throw Damaged(failure);
        }
    }

    private static SecretHosts Hosts(ref ReadOnlySpan<byte> from)
    {
        string[] hosts = new string[Take(ref from, 1)[0]];
        for (int i = 0; i < hosts.Length; i++) hosts[i] = Encoding.ASCII.GetString(Take(ref from, Take(ref from, 1)[0]));
        return SecretHosts.Of(hosts);
    }

    private static ushort FormatOf(ReadOnlySpan<byte> file) => BinaryPrimitives.ReadUInt16LittleEndian(file[8..]);

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> from, int length)
    {
        ReadOnlySpan<byte> taken = from[..length];
        from = from[length..];
        return taken;
    }

    private static int Number(ReadOnlySpan<byte> from) => BinaryPrimitives.ReadInt32LittleEndian(from);

    private static bool HasDigest(ReadOnlySpan<byte> file)
    {
        if (file.Length < TagSize) return false;
        Span<byte> digest = stackalloc byte[TagSize];
        SHA256.HashData(file[..^TagSize], digest);
        return digest.SequenceEqual(file[^TagSize..]);
    }
}
