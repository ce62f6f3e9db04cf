using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Sirsi.Core.Hosting;

namespace Sirsi.Hypervisor.Secrets;

/// <summary>
/// What opens a <see cref="LocalSecretStore"/>: 32 random bytes from a key file, or a passphrase. Disposing of it wipes it; a store that was opened with it goes on.
/// </summary>
public sealed class MasterKey : IDisposable
{
    /// <summary>The fewest characters of a passphrase.</summary>
    public const int PassphraseLengthMin = 12;

    /// <summary>The most characters of a passphrase.</summary>
    public const int PassphraseLengthMax = 1_024;

    private const int Size = 32;
    private const int FileLengthMax = (2 * Size) + 2;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private readonly byte[] _bytes;

    private MasterKey(bool isPassphrase, int length)
    {
        IsPassphrase = isPassphrase;
        _bytes = GC.AllocateArray<byte>(length, pinned: true);
    }

    /// <summary>Whether it is a passphrase, from which the key is derived at a cost.</summary>
    public bool IsPassphrase { get; }

    /// <summary>The passphrase in UTF-8, or the key.</summary>
    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>A passphrase as typed; it is not normalised.</summary>
    /// <exception cref="ArgumentException">It has fewer characters than <see cref="PassphraseLengthMin"/> or more than <see cref="PassphraseLengthMax"/>.</exception>
    public static MasterKey FromPassphrase(ReadOnlySpan<char> passphrase)
    {
        if (passphrase.Length is < PassphraseLengthMin or > PassphraseLengthMax)
            throw new ArgumentException($"A passphrase has {PassphraseLengthMin} to {PassphraseLengthMax} characters.", nameof(passphrase));
        var key = new MasterKey(isPassphrase: true, Encoding.UTF8.GetByteCount(passphrase));
        Encoding.UTF8.GetBytes(passphrase, key._bytes);
        return key;
    }

    /// <summary>Reads a key file: 64 hexadecimal digits and perhaps the end of the line.</summary>
    /// <exception cref="HypervisorException">3064: it cannot be read or holds no key. 3065: others than its owner have rights to it.</exception>
    public static MasterKey ReadFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Span<byte> text = stackalloc byte[FileLengthMax + 1];
        var key = new MasterKey(isPassphrase: false, Size);
        try
        {
            using SafeFileHandle file = File.OpenHandle(path);
            // Asked of the open file: what the name leads to may change meanwhile.
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & Others) is not UnixFileMode.None and var rights)
                throw new HypervisorException(HypervisorErrors.SecretKeyFileExposed, $"The key file {path} gives others the rights {rights}.");
            int length = RandomAccess.Read(file, text, fileOffset: 0);
            ReadOnlySpan<byte> digits = text[..length].TrimEnd("\r\n"u8);
            bool fits = length <= FileLengthMax && digits.Length == 2 * Size
                && Convert.FromHexString(digits, key._bytes, out _, out _) is System.Buffers.OperationStatus.Done;
            if (fits) return key;
            key.Dispose();
            throw new HypervisorException(HypervisorErrors.SecretKeyFileInvalid, $"The key file {path} does not hold {2 * Size} hexadecimal digits.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new HypervisorException(HypervisorErrors.SecretKeyFileInvalid, $"The key file {path} cannot be read: {failure.Message}", failure);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    /// <summary>Draws a key and writes its file, for its owner alone and durably. A file that is there is never written over.</summary>
    /// <exception cref="HypervisorException">3064: there is such a file, or it cannot be written.</exception>
    public static async ValueTask<MasterKey> CreateFileAsync(string path, HostEnvironment environment, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(environment);
        cancellation.ThrowIfCancellationRequested();
        var key = new MasterKey(isPassphrase: false, Size);
        environment.Random.FillSecret(key._bytes);
        try
        {
            Write(path, key._bytes);
            string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            await environment.Files.OpenFolder(folder).FlushAsync(cancellation);
            return key;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            key.Dispose();
            throw new HypervisorException(HypervisorErrors.SecretKeyFileInvalid, $"The key file {path} cannot be made: {failure.Message}", failure);
        }
    }

    /// <summary>Wipes it.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);

    private static void Write(string path, ReadOnlySpan<byte> key)
    {
        Span<byte> text = stackalloc byte[(2 * Size) + 1];
        try
        {
            Convert.TryToHexStringLower(key, text, out int written);
            text[written] = (byte)'\n';
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
            using var file = new FileStream(path, options);
            file.Write(text);
            file.Flush(flushToDisk: true);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }
}
