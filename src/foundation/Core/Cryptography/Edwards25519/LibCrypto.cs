using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sirsi.Core.Cryptography.Edwards25519;

/// <summary>
/// Ed25519 of the machine's libcrypto (OpenSSL 1.1.1 and later), when there is one. It is faster than managed code and gives the same
/// verdicts once <see cref="Ed25519"/> has checked the encodings, which OpenSSL takes more loosely.
/// </summary>
internal static partial class LibCrypto
{
    private const string Library = "libcrypto";
    private const int Ed25519Type = 1087;

    /// <summary>Whether a libcrypto with Ed25519 could be loaded.</summary>
    public static bool IsAvailable { get; } = Probe();

    /// <summary>A key of libcrypto's; may be used by several threads at once.</summary>
    internal sealed class Key : SafeHandleZeroOrMinusOneIsInvalid
    {
        public Key()
            : base(ownsHandle: true)
        {
        }

        protected override bool ReleaseHandle()
        {
            FreeKey(handle);
            return true;
        }
    }

    private sealed class Context : SafeHandleZeroOrMinusOneIsInvalid
    {
        public Context()
            : base(ownsHandle: true)
        {
        }

        protected override bool ReleaseHandle()
        {
            FreeContext(handle);
            return true;
        }
    }

    public static Key PrivateKey(ReadOnlySpan<byte> seed) => Valid(NewPrivateKey(Ed25519Type, 0, seed, (nuint)seed.Length));

    public static Key PublicKey(ReadOnlySpan<byte> publicKey) => Valid(NewPublicKey(Ed25519Type, 0, publicKey, (nuint)publicKey.Length));

    public static void Sign(Key key, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        using Context context = NewContext();
        nuint length = (nuint)signature.Length;
        bool done = StartSigning(context, 0, 0, 0, key) == 1
            && Sign(context, signature, ref length, message, (nuint)message.Length) == 1 && length == (nuint)signature.Length;
        if (done) return;
        ClearErrors();
        throw new System.Security.Cryptography.CryptographicException("libcrypto could not sign.");
    }

    public static bool Verify(Key key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        using Context context = NewContext();
        bool valid = StartVerifying(context, 0, 0, 0, key) == 1
            && Verify(context, signature, (nuint)signature.Length, message, (nuint)message.Length) == 1;
        // The error queue belongs to the thread, and the platform's own cryptography shares it.
        if (!valid) ClearErrors();
        return valid;
    }

    private static Key Valid(Key key)
    {
        if (!key.IsInvalid) return key;
        key.Dispose();
        ClearErrors();
        throw new System.Security.Cryptography.CryptographicException("libcrypto did not take the key.");
    }

    private static bool Probe()
    {
        NativeLibrary.SetDllImportResolver(typeof(LibCrypto).Assembly, Resolve);
        try
        {
            using Key key = NewPrivateKey(Ed25519Type, 0, new byte[32], 32);
            if (!key.IsInvalid) return true;
            ClearErrors();
            return false;
        }
        catch (Exception failure) when (failure is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return false;
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library) return 0;
        foreach (string candidate in (ReadOnlySpan<string>)["libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.3.dylib"])
            if (NativeLibrary.TryLoad(candidate, out nint loaded)) return loaded;
        return 0;
    }

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_new_raw_private_key")]
    private static partial Key NewPrivateKey(int type, nint engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_new_raw_public_key")]
    private static partial Key NewPublicKey(int type, nint engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_free")]
    private static partial void FreeKey(nint key);

    [LibraryImport(Library, EntryPoint = "EVP_MD_CTX_new")]
    private static partial Context NewContext();

    [LibraryImport(Library, EntryPoint = "EVP_MD_CTX_free")]
    private static partial void FreeContext(nint context);

    [LibraryImport(Library, EntryPoint = "EVP_DigestSignInit")]
    private static partial int StartSigning(Context context, nint keyContext, nint digest, nint engine, Key key);

    [LibraryImport(Library, EntryPoint = "EVP_DigestSign")]
    private static partial int Sign(Context context, Span<byte> signature, ref nuint signatureLength, ReadOnlySpan<byte> message, nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_DigestVerifyInit")]
    private static partial int StartVerifying(Context context, nint keyContext, nint digest, nint engine, Key key);

    [LibraryImport(Library, EntryPoint = "EVP_DigestVerify")]
    private static partial int Verify(
        Context context, ReadOnlySpan<byte> signature, nuint signatureLength, ReadOnlySpan<byte> message, nuint length);

    [LibraryImport(Library, EntryPoint = "ERR_clear_error")]
    private static partial void ClearErrors();
}
