using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Sirsi.Core.Errors;

namespace Sirsi.Core.Cryptography;

/// <summary>A JSON Web Key as read: which members it has, decoded (RFC 7517, 7518 section 6.2, 8037).</summary>
internal sealed class JsonWebKey
{
    private const int CoordinateSize = 32;

    private readonly JsonElement _root;

    private JsonWebKey(JsonElement root) => _root = root;

    public static JsonWebKey Read(string jwk)
    {
        ArgumentNullException.ThrowIfNull(jwk);
        if (jwk.Length > KeyFormats.SizeMax) throw Unreadable($"a key has at most {KeyFormats.SizeMax} characters");
        try
        {
            var options = new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 8 };
            using var document = JsonDocument.Parse(jwk, options);
            return document.RootElement.ValueKind is JsonValueKind.Object
                ? new JsonWebKey(document.RootElement.Clone())
                : throw Unreadable("it is no JSON object");
        }
        catch (JsonException)
        {
            // The parser's own message would quote from the key.
            throw Unreadable("it is no JSON");
        }
    }

    public VerificationKey ToVerificationKey()
    {
        if (_root.TryGetProperty("d", out _)) throw Unreadable("a public key is needed, and this one is private");
        RequireUse("verify");
        if (Algorithm() is KeyAlgorithm.Ed25519) return KeyFormats.Ed25519Public(Number("x"));
        ECParameters key = EcParameters(d: null);
        return KeyFormats.EcdsaPublic(ecdsa => ecdsa.ImportParameters(key));
    }

    public SigningKey ToSigningKey()
    {
        RequireUse("sign");
        KeyAlgorithm algorithm = Algorithm();
        byte[] d = Number("d");
        try
        {
            if (algorithm is KeyAlgorithm.Ed25519) return Ed25519Key(d);
            if (!EcdsaP256SigningKey.IsPrivateNumber(d)) throw KeyFormats.Invalid();
            ECParameters key = EcParameters(d);
            EcdsaP256SigningKey given = KeyFormats.EcdsaPrivate(ecdsa => ecdsa.ImportParameters(key));
            RequireHalves(given);
            return given;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(d);
        }
    }

    private Ed25519SigningKey Ed25519Key(byte[] d)
    {
        byte[] x = Number("x");
        var key = new Ed25519SigningKey(d);
        if (((Ed25519VerificationKey)key.VerificationKey).Bytes.SequenceEqual(x)) return key;
        key.Dispose();
        throw KeyFormats.Invalid();
    }

    /// <summary>The platform may take a public half that does not belong to the private one; a signature tells.</summary>
    private static void RequireHalves(EcdsaP256SigningKey key)
    {
        if (key.VerificationKey.Verify([1], key.Sign([1]))) return;
        key.Dispose();
        throw KeyFormats.Invalid();
    }

    private KeyAlgorithm Algorithm()
    {
        string kind = Text("kty") ?? throw Unreadable("it has no kty");
        string curve = Text("crv") ?? "";
        string? algorithm = Text("alg");
        if (kind == "OKP" && curve == "Ed25519")
            return algorithm is null or "EdDSA" or "Ed25519" ? KeyAlgorithm.Ed25519 : throw Unreadable("its alg does not fit its kind");
        if (kind == "EC" && curve == "P-256")
            return algorithm is null or "ES256" ? KeyAlgorithm.EcdsaP256 : throw Unreadable("its alg does not fit its kind");
        throw KeyFormats.Unsupported(kind is "OKP" or "EC" or "RSA" or "oct" ? kind + " other than Ed25519 and P-256" : "unknown to JOSE");
    }

    private void RequireUse(string operation)
    {
        if (Text("use") is { } use && use != "sig") throw Unreadable("its use is not sig");
        if (!_root.TryGetProperty("key_ops", out JsonElement operations)) return;
        bool allowed = operations.ValueKind is JsonValueKind.Array
            && operations.EnumerateArray().Any(o => o.ValueKind is JsonValueKind.String && o.ValueEquals(operation));
        if (!allowed) throw Unreadable($"its key_ops do not include {operation}");
    }

    private ECParameters EcParameters(byte[]? d) =>
        new() { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Number("x"), Y = Number("y") }, D = d };

    /// <summary>A member of exactly 32 bytes in base64url without padding.</summary>
    private byte[] Number(string name)
    {
        string text = Text(name) ?? throw Unreadable($"it has no {name}");
        byte[] bytes = new byte[CoordinateSize];
        // 43 digits carry 258 bits: the two left over have to be 0, so that a key has one form.
        bool wellFormed = text.Length == 43 && !text.Contains('=', StringComparison.Ordinal)
            && Base64Url.DecodeFromChars(text, bytes, out _, out int written) is OperationStatus.Done && written == CoordinateSize
            && Base64Url.EncodeToString(bytes) == text;
        return wellFormed ? bytes : throw Unreadable($"its {name} is not 32 bytes in base64url");
    }

    private string? Text(string name)
    {
        if (!_root.TryGetProperty(name, out JsonElement member)) return null;
        return member.ValueKind is JsonValueKind.String ? member.GetString() : throw Unreadable($"its {name} is no text");
    }

    private static CoreException Unreadable(string why) => new(CoreErrors.KeyUnreadable, $"The JSON Web Key cannot be used: {why}.");
}
