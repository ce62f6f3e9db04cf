using System.Text.Json;
using Sirsi.Core.Cryptography;
using Sirsi.Core.Cryptography.Edwards25519;

namespace Sirsi.Core.Tests.Cryptography;

public class Ed25519Tests
{
    private const string File = "ed25519_test.json";

    // RFC 8032, 7.1: seed, public key, message, signature.
    public static TheoryData<string, string, string, string> Rfc8032 => new()
    {
        {
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        },
        {
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        },
        {
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        },
    };

    [Theory, MemberData(nameof(Rfc8032))]
    public void Both_implementations_make_the_signatures_of_the_standard(string seed, string publicKey, string message, string signature)
    {
        byte[] seedBytes = Convert.FromHexString(seed), messageBytes = Convert.FromHexString(message);
        byte[] derived = new byte[32], managed = new byte[64], native = new byte[64];
        ManagedEd25519.PublicKeyOf(seedBytes, derived);
        ManagedEd25519.Sign(seedBytes, derived, messageBytes, managed);
        Assert.Equal(publicKey, Convert.ToHexStringLower(derived));
        Assert.Equal(signature, Convert.ToHexStringLower(managed));
        RequireLibCrypto();
        using LibCrypto.Key key = LibCrypto.PrivateKey(seedBytes);
        LibCrypto.Sign(key, messageBytes, native);
        Assert.Equal(signature, Convert.ToHexStringLower(native));
    }

    [Fact]
    public void Managed_code_agrees_with_every_wycheproof_case() =>
        Wycheproof.Agrees(File, (group, test) =>
            Verify(group.GetProperty("publicKey").Hex("pk"), test.Hex("msg"), test.Hex("sig"), native: false));

    [Fact]
    public void Libcrypto_agrees_with_every_wycheproof_case()
    {
        RequireLibCrypto();
        Wycheproof.Agrees(File, (group, test) =>
            Verify(group.GetProperty("publicKey").Hex("pk"), test.Hex("msg"), test.Hex("sig"), native: true));
    }

    [Fact]
    public void Keys_in_all_three_formats_agree_with_every_wycheproof_case() => Wycheproof.Agrees(File, (group, test) =>
    {
        var key = VerificationKey.FromPem(group.Text("publicKeyPem"));
        Assert.Equal(key, VerificationKey.FromSpki(group.Hex("publicKeyDer")));
        JsonElement jwk = group.GetProperty("publicKeyJwk");
        Assert.Equal(key, VerificationKey.FromJwk(jwk.GetRawText()));
        return key.Verify(test.Hex("msg"), test.Hex("sig"));
    });

    [Fact]
    public void Both_implementations_sign_alike_and_give_the_same_verdict_on_anything()
    {
        RequireLibCrypto();
        Check.That(seed: 25519, runs: 400, random =>
        {
            byte[] seed = Bytes(random, 32), message = Bytes(random, random.Next(3) == 0 ? random.Next(1_100) : random.Next(64));
            byte[] publicKey = new byte[32], signature = new byte[64], again = new byte[64];
            ManagedEd25519.PublicKeyOf(seed, publicKey);
            ManagedEd25519.Sign(seed, publicKey, message, signature);
            using LibCrypto.Key key = LibCrypto.PrivateKey(seed);
            LibCrypto.Sign(key, message, again);
            Assert.Equal(signature, again);
            Assert.True(Verify(publicKey, message, signature, native: false));
            Assert.True(Verify(publicKey, message, signature, native: true));

            (publicKey, message, signature) = Damage(random, publicKey, message, signature);
            Assert.Equal(Verify(publicKey, message, signature, native: true), Verify(publicKey, message, signature, native: false));
        });
    }

    [Fact]
    public void A_key_works_the_same_without_libcrypto() => Check.That(seed: 8, runs: 20, random =>
    {
        byte[] seed = Bytes(random, 32), message = Bytes(random, 50);
        using var with = new Ed25519SigningKey(seed, native: true);
        using var without = new Ed25519SigningKey(seed, native: false);
        byte[] signature = without.Sign(message);
        Assert.Equal(with.Sign(message), signature);
        Assert.Equal(with.ToPem(), without.ToPem());
        Assert.True(without.VerificationKey.Verify(message, signature));
        Assert.True(with.VerificationKey.Verify(message, signature));
        signature[random.Next(64)] ^= 1;
        Assert.False(without.VerificationKey.Verify(message, signature));
    });

    [Fact]
    public void Points_of_small_order_and_encodings_that_are_not_canonical_are_no_keys()
    {
        byte[] p = Convert.FromHexString("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
        foreach (string weak in (string[])["01" + Zeros(31), Zeros(32), Zeros(31) + "80", "ec" + Ones(30) + "7f", "01" + Zeros(30) + "80",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"])
            Assert.False(Ed25519.IsPublicKey(Convert.FromHexString(weak)));
        for (int above = 0; above < 19; above++)
        {
            byte[] y = (byte[])p.Clone();
            y[0] += (byte)above;
            Assert.False(Ed25519.IsPublicKey(y));
        }
        Assert.False(Ed25519.IsPublicKey(new byte[31]));
        Assert.False(Ed25519.IsPublicKey(new byte[33]));
    }

    [Fact]
    public void About_half_of_all_encodings_are_points_and_decoding_them_gives_them_back() => Check.That(seed: 3, runs: 200, random =>
    {
        byte[] bytes = Bytes(random, 32), back = new byte[32];
        if (!EdwardsPoint.TryDecode(bytes, out EdwardsPoint point)) return;
        point.Encode(back);
        Assert.Equal(bytes, back);
    });

    [Fact]
    public void The_field_obeys_its_laws_at_the_edges_too() => Check.That(seed: 4, runs: 500, random =>
    {
        FieldElement a = Number(random), b = Number(random), c = Number(random);
        Assert.True((a * (b + c)).Is((a * b) + (a * c)));
        Assert.True((a - b + b).Is(a));
        Assert.True(a.Squared().Is(a * a));
        Assert.True((a * a.Inverted()).Is(a.Is(FieldElement.Zero) ? FieldElement.Zero : FieldElement.One));
    });

    private static FieldElement Number(Random random)
    {
        byte[] bytes = Bytes(random, 32);
        if (random.Next(4) == 0) Array.Fill(bytes, (byte)255);
        if (random.Next(4) == 0) Array.Fill(bytes, (byte)0, 1, 31);
        return FieldElement.FromBytes(bytes);
    }

    private static (byte[] PublicKey, byte[] Message, byte[] Signature) Damage(Random random, byte[] publicKey, byte[] message, byte[] signature)
    {
        byte[] target = random.Next(6) switch
        {
            0 => publicKey,
            1 => message,
            _ => signature,
        };
        if (target.Length > 0) target[random.Next(target.Length)] ^= (byte)(1 << random.Next(8));
        switch (random.Next(8))
        {
            case 0: return (publicKey, message, signature[..random.Next(64)]);
            case 1: return (publicKey, message, [.. signature, 0]);
            case 2: // S + L is the same number to a careless verifier.
                var s = new System.Numerics.BigInteger(signature.AsSpan(32), isUnsigned: true)
                    + System.Numerics.BigInteger.Pow(2, 252) + System.Numerics.BigInteger.Parse("27742317777372353535851937790883648493");
                byte[] wide = new byte[32];
                s.TryWriteBytes(wide, out _, isUnsigned: true);
                return (publicKey, message, [.. signature[..32], .. wide]);
            case 3: return (Bytes(random, 32), message, signature);
            case 4: return (new byte[32], message, new byte[64]);
            case 5: return (publicKey, message, [1, .. new byte[63]]);
            default: return (publicKey, message, signature);
        }
    }

    private static bool Verify(byte[] publicKey, byte[] message, byte[] signature, bool native)
    {
        if (!Ed25519.IsPublicKey(publicKey) || !Ed25519.IsSignature(signature)) return false;
        if (!native) return ManagedEd25519.Verify(publicKey, message, signature);
        using LibCrypto.Key key = LibCrypto.PublicKey(publicKey);
        return LibCrypto.Verify(key, message, signature);
    }

    private static void RequireLibCrypto() => Assert.SkipUnless(LibCrypto.IsAvailable, "skipped: this machine has no libcrypto with Ed25519");

    private static byte[] Bytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string Zeros(int bytes) => new('0', 2 * bytes);

    private static string Ones(int bytes) => new('f', 2 * bytes);
}
