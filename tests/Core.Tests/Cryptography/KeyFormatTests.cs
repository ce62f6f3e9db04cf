using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sirsi.Core.Cryptography;
using Sirsi.Core.Errors;

namespace Sirsi.Core.Tests.Cryptography;

public class KeyFormatTests
{
    // RFC 8410, 10.3.
    private const string Rfc8410 = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
        -----END PRIVATE KEY-----
        """;

    private const string Rfc8410WithPublicKey = """
        -----BEGIN PRIVATE KEY-----
        MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
        oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB
        Z9w7lshQhqowtrbLDFw4rXAxZuE=
        -----END PRIVATE KEY-----
        """;

    private const string Rfc8410Public = """
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
        -----END PUBLIC KEY-----
        """;

    // RFC 8037, appendix A.
    private const string Rfc8037 =
        """{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}""";

    [Fact]
    public void The_examples_of_the_standards_are_read_and_written()
    {
        using var key = SigningKey.FromPem(Rfc8410);
        using var same = SigningKey.FromPem(Rfc8410WithPublicKey);
        Assert.Equal(Rfc8410Public, key.VerificationKey.ToPem());
        Assert.Equal(Rfc8410, key.ToPem());
        Assert.Equal(key.VerificationKey, same.VerificationKey);
        using var jose = SigningKey.FromJwk(Rfc8037);
        Assert.Equal("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", jose.VerificationKey.Thumbprint);
        byte[] signature = jose.Sign("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"u8);
        Assert.Equal("860c98d2297f3060a33f42739672d61b53cf3adefed3d3c672f320dc021b411e9d59b8628dc351e248b88b29468e0e41855b0fb7d83bb15be902bfccb8cd0a02",
            Convert.ToHexStringLower(signature));
    }

    [Theory]
    [InlineData(KeyAlgorithm.Ed25519)]
    [InlineData(KeyAlgorithm.EcdsaP256)]
    public void A_key_survives_every_format(KeyAlgorithm algorithm) => Check.That(seed: 6, runs: 20, random =>
    {
        using var key = SigningKey.Generate(algorithm, random.NextBytes);
        using var pem = SigningKey.FromPem(key.ToPem());
        using var jwk = SigningKey.FromJwk(key.ToJwk());
        var verify = key.VerificationKey;
        Assert.Equal(verify, pem.VerificationKey);
        Assert.Equal(verify, jwk.VerificationKey);
        Assert.Equal(verify, VerificationKey.FromPem(verify.ToPem()));
        Assert.Equal(verify, VerificationKey.FromSpki(verify.ToSpki()));
        Assert.Equal(verify, VerificationKey.FromJwk(verify.ToJwk()));
        Assert.True(verify.Verify("m"u8, jwk.Sign("m"u8)));
        Assert.Equal(key.ToPem(), jwk.ToPem());
        Assert.Equal(43, verify.Thumbprint.Length);
    });

    [Fact]
    public void Openssl_style_ec_keys_are_read()
    {
        using ECDsa platform = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var sec1 = SigningKey.FromPem(platform.ExportECPrivateKeyPem());
        Assert.Equal(platform.ExportSubjectPublicKeyInfoPem(), sec1.VerificationKey.ToPem());
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Assert.Equal(1061, Assert.Throws<CoreException>(() => SigningKey.FromPem(other.ExportECPrivateKeyPem())).Code.Number);
        Assert.Equal(1061, Assert.Throws<CoreException>(() => SigningKey.FromPem(other.ExportPkcs8PrivateKeyPem())).Code.Number);
        Assert.Equal(1061, Assert.Throws<CoreException>(() => VerificationKey.FromPem(other.ExportSubjectPublicKeyInfoPem())).Code.Number);
        using RSA rsa = RSA.Create(2048);
        Assert.Equal(1061, Assert.Throws<CoreException>(() => VerificationKey.FromPem(rsa.ExportSubjectPublicKeyInfoPem())).Code.Number);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no key")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")]
    [InlineData("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdQ==\n-----END PRIVATE KEY-----")]
    public void A_damaged_pem_is_unreadable(string pem) =>
        Assert.Equal(1060, Assert.Throws<CoreException>(() => SigningKey.FromPem(pem)).Code.Number);

    [Fact]
    public void A_public_half_that_belongs_to_another_key_is_refused()
    {
        byte[] der = Convert.FromBase64String(string.Concat(Rfc8410WithPublicKey.Split('\n')[1..^1]));
        der[^1] ^= 1;
        string pem = PemEncoding.WriteString("PRIVATE KEY", der);
        Assert.Equal(1062, Assert.Throws<CoreException>(() => SigningKey.FromPem(pem)).Code.Number);
        string jwk = Rfc8037.Replace("11qY", "21qY", StringComparison.Ordinal);
        Assert.Equal(1062, Assert.Throws<CoreException>(() => SigningKey.FromJwk(jwk)).Code.Number);
        using var one = SigningKey.Generate(KeyAlgorithm.EcdsaP256, new Random(1).NextBytes);
        using var two = SigningKey.Generate(KeyAlgorithm.EcdsaP256, new Random(2).NextBytes);
        JsonElement a = JsonDocument.Parse(one.ToJwk()).RootElement, b = JsonDocument.Parse(two.ToJwk()).RootElement;
        string mixed = $$"""{"kty":"EC","crv":"P-256","d":"{{a.Text("d")}}","x":"{{b.Text("x")}}","y":"{{b.Text("y")}}"}""";
        Assert.Equal(1062, Assert.Throws<CoreException>(() => SigningKey.FromJwk(mixed)).Code.Number);
    }

    [Theory]
    [InlineData("[]", 1060)]
    [InlineData("{", 1060)]
    [InlineData("{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}", 1060)]
    [InlineData("{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}", 1061)]
    [InlineData("{\"kty\":\"OKP\",\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}", 1060)]
    [InlineData("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"}", 1060)]
    [InlineData("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp\"}", 1060)]
    [InlineData("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}", 1062)]
    [InlineData("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"use\":\"enc\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}", 1060)]
    [InlineData("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"key_ops\":[\"sign\"],\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}", 1060)]
    [InlineData("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"ES256\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}", 1060)]
    [InlineData("{\"kty\":1}", 1060)]
    [InlineData(Rfc8037, 1060)]
    public void A_public_jwk_that_is_not_all_right_is_refused(string jwk, int code) =>
        Assert.Equal(code, Assert.Throws<CoreException>(() => VerificationKey.FromJwk(jwk)).Code.Number);

    [Fact]
    public void Keys_of_the_jose_cookbook_are_of_other_kinds_and_are_refused_as_such()
    {
        string[] files = Directory.GetFiles(TestData.Folder("data/trust/jose"), "jwk__*.json");
        Assert.Equal(6, files.Length);
        foreach (string file in files)
        {
            string jwk = File.ReadAllText(file);
            var failure = file.Contains("private", StringComparison.Ordinal)
                ? Assert.Throws<CoreException>(() => SigningKey.FromJwk(jwk))
                : Assert.Throws<CoreException>(() => VerificationKey.FromJwk(jwk));
            Assert.Contains(failure.Code.Number, new[] { 1060, 1061 });
        }
    }

    [Fact]
    public void Elliptic_keys_of_wycheproofs_jwk_file_are_taken_only_when_valid()
    {
        int seen = 0;
        foreach ((JsonElement group, JsonElement test) in Wycheproof.Cases("json_web_key_test.json"))
        {
            if (!group.TryGetProperty("public", out JsonElement set) || set.ValueKind is not JsonValueKind.Object) continue;
            foreach (JsonElement key in set.GetProperty("keys").EnumerateArray().Where(k => k.TryGetProperty("crv", out _)))
            {
                seen++;
                Assert.Equal("invalid", test.Text("result"));
                Assert.Throws<CoreException>(() => VerificationKey.FromJwk(key.GetRawText()));
            }
        }
        Assert.Equal(6, seen);
    }

    [Fact]
    public void Compact_es256_signatures_of_wycheproof_verify_where_they_are_valid()
    {
        int valid = 0;
        foreach ((JsonElement group, JsonElement test) in Wycheproof.Cases("json_web_signature_test.json"))
        {
            if (!group.TryGetProperty("public", out JsonElement jwk) || jwk.ValueKind is not JsonValueKind.Object) continue;
            if (!jwk.TryGetProperty("crv", out JsonElement curve) || !curve.ValueEquals("P-256")) continue;
            if (test.Text("result") != "valid" || test.GetProperty("jws").ValueKind is not JsonValueKind.String) continue;
            string[] parts = test.Text("jws").Split('.');
            byte[] signature = System.Buffers.Text.Base64Url.DecodeFromChars(parts[2]);
            Assert.True(VerificationKey.FromJwk(jwk.GetRawText()).Verify(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), signature));
            valid++;
        }
        Assert.NotEqual(0, valid);
    }

    [Theory]
    [InlineData(KeyAlgorithm.Ed25519)]
    [InlineData(KeyAlgorithm.EcdsaP256)]
    public void A_private_key_shows_nothing_of_itself_and_is_gone_after_disposal(KeyAlgorithm algorithm)
    {
        var key = SigningKey.Generate(algorithm, new Random(1).NextBytes);
        string secret = JsonDocument.Parse(key.ToJwk()).RootElement.Text("d");
        Assert.DoesNotContain(secret, key.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(secret, JsonSerializer.Serialize<object>(key.VerificationKey.ToString()!), StringComparison.Ordinal);
        key.Dispose();
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Sign("m"u8));
        Assert.Throws<ObjectDisposedException>(key.ToPem);
        Assert.Throws<ObjectDisposedException>(key.ToJwk);
        Assert.NotEmpty(key.VerificationKey.ToPem());
    }

    [Fact]
    public void An_error_about_a_key_does_not_quote_it()
    {
        string broken = Rfc8037.Replace("\"d\":", "\"d\"", StringComparison.Ordinal);
        var failure = Assert.Throws<CoreException>(() => SigningKey.FromJwk(broken));
        Assert.DoesNotContain("nWGx", failure.ToString(), StringComparison.Ordinal);
    }
}
