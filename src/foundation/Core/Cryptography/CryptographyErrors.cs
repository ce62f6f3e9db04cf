namespace Sirsi.Core.Errors;

public static partial class CoreErrors
{
    /// <summary>Text that should hold a key does not.</summary>
    public static ErrorCode KeyUnreadable { get; } = new(
        1060, "Key cannot be read", "Give the key as PEM (PKCS#8 private or SPKI public) or as a JSON Web Key, complete and unencrypted.");

    /// <summary>A key of a kind that is not used here.</summary>
    public static ErrorCode KeyUnsupported { get; } = new(
        1061, "Kind of key is not supported", "Use an Ed25519 key or an ECDSA key on the curve P-256.");

    /// <summary>A key that reads well and is no usable key.</summary>
    public static ErrorCode KeyInvalid { get; } = new(
        1062, "Key is not valid", "Generate a new key: this one is no point of its curve, is weak, or its private and public half do not belong together.");

    /// <summary>A stored password hash that is damaged or foreign.</summary>
    public static ErrorCode PasswordHashUnreadable { get; } = new(
        1063, "Password hash cannot be read", "The stored hash is damaged or of another kind than Argon2; set the password anew.");

    /// <summary>A stored password hash that asks for more work than is allowed.</summary>
    public static ErrorCode PasswordHashTooCostly { get; } = new(
        1064, "Password hash asks for too much memory or time", "Raise the limits for password hashes if the hash is genuine; else set the password anew.");

    /// <summary>The machine has not the memory that hashing a password takes.</summary>
    public static ErrorCode PasswordMemoryMissing { get; } = new(
        1065, "No memory to hash a password", "Give the process more memory, or lower the memory cost of new password hashes.");
}
