using System.Text.Json;
using Sirsi.Core.Cryptography;

namespace Sirsi.Core.Tests.Cryptography;

public class EcdsaP256Tests
{
    [Fact]
    public void Signatures_of_two_numbers_agree_with_every_wycheproof_case() =>
        Wycheproof.Agrees("ecdsa_secp256r1_sha256_p1363_test.json", (group, test) =>
        {
            var key = VerificationKey.FromSpki(group.Hex("publicKeyDer"));
            Assert.Equal(key, VerificationKey.FromPem(group.Text("publicKeyPem")));
            if (group.TryGetProperty("publicKeyJwk", out JsonElement jwk)) Assert.Equal(key, VerificationKey.FromJwk(jwk.GetRawText()));
            return key.Verify(test.Hex("msg"), test.Hex("sig"));
        });

    [Fact]
    public void Signatures_in_der_agree_with_every_wycheproof_case() =>
        Wycheproof.Agrees("ecdsa_secp256r1_sha256_test.json", (group, test) =>
            VerificationKey.FromSpki(group.Hex("publicKeyDer")).VerifyDer(test.Hex("msg"), test.Hex("sig")));

    [Fact]
    public void What_a_key_signs_its_public_half_verifies_and_nothing_else()
    {
        using var key = SigningKey.Generate(KeyAlgorithm.EcdsaP256, new Random(1).NextBytes);
        using var other = SigningKey.Generate(KeyAlgorithm.EcdsaP256, new Random(2).NextBytes);
        byte[] raw = key.Sign("hello"u8), der = key.SignDer("hello"u8);
        Assert.Equal(64, raw.Length);
        Assert.True(key.VerificationKey.Verify("hello"u8, raw));
        Assert.True(key.VerificationKey.VerifyDer("hello"u8, der));
        Assert.False(key.VerificationKey.Verify("hellO"u8, raw));
        Assert.False(key.VerificationKey.Verify("hello"u8, der));
        Assert.False(other.VerificationKey.Verify("hello"u8, raw));
    }

    [Fact]
    public void A_seed_gives_the_same_key_each_time()
    {
        using var one = SigningKey.Generate(KeyAlgorithm.EcdsaP256, new Random(1).NextBytes);
        using var two = SigningKey.Generate(KeyAlgorithm.EcdsaP256, new Random(1).NextBytes);
        Assert.Equal(one.ToJwk(), two.ToJwk());
    }

    [Fact]
    public void A_private_number_is_drawn_again_until_it_fits_the_order()
    {
        int draws = 0;
        using var key = SigningKey.Generate(KeyAlgorithm.EcdsaP256, bytes =>
        {
            bytes.Fill(draws == 0 ? (byte)0 : draws == 1 ? (byte)255 : (byte)7);
            draws++;
        });
        Assert.Equal(3, draws);
    }
}
