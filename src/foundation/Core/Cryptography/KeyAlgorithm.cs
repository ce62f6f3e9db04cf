namespace Sirsi.Core.Cryptography;

/// <summary>What kind of signatures a key makes.</summary>
public enum KeyAlgorithm
{
    /// <summary>Ed25519 (RFC 8032): deterministic signatures of 64 bytes. The default for what is ours.</summary>
    Ed25519,

    /// <summary>ECDSA on P-256 with SHA-256 (FIPS 186-5, JOSE <c>ES256</c>): for what others have to understand.</summary>
    EcdsaP256,
}
