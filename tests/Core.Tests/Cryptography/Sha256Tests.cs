using Sirsi.Core.Cryptography;

namespace Sirsi.Core.Tests.Cryptography;

public class Sha256Tests
{
    // FIPS 180-4 examples.
    [Theory]
    [InlineData("", "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("abc", "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "sha256:248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")]
    public async Task The_digest_is_that_of_the_standard(string data, string digest)
    {
        byte[] bytes = System.Text.Encoding.ASCII.GetBytes(data);
        Assert.Equal(digest, Sha256.Of(bytes).ToString());
        Assert.Equal(digest, (await Sha256.OfAsync(new MemoryStream(bytes), CancellationToken.None)).ToString());
        Assert.True(Sha256.TryParse(digest, out Sha256 parsed));
        Assert.Equal(Sha256.Of(bytes), parsed);
        Assert.Equal(parsed, new Sha256(parsed.ToArray()));
    }

    [Fact]
    public void Tags_agree_with_every_wycheproof_case() => Wycheproof.Agrees("hmac_sha256_test.json", (group, test) =>
    {
        byte[] tag = test.Hex("tag");
        Assert.Equal(group.GetProperty("tagSize").GetInt32(), 8 * tag.Length);
        return Sha256.Hmac(test.Hex("key"), test.Hex("msg")).Matches(tag);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(33)]
    public void A_tag_of_the_wrong_length_never_matches(int length) =>
        Assert.False(Sha256.Hmac("k"u8, "m"u8).Matches(new byte[64].AsSpan(0, length)));

    [Theory]
    [InlineData("")]
    [InlineData("sha256:")]
    [InlineData("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD")]
    [InlineData("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a")]
    [InlineData("sha256:ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    public void Only_the_written_form_is_read(string text) => Assert.False(Sha256.TryParse(text, out _));

    [Fact]
    public void A_single_bit_makes_digests_differ() => Check.That(seed: 5, runs: 200, random =>
    {
        byte[] bytes = new byte[32];
        random.NextBytes(bytes);
        var digest = new Sha256(bytes);
        bytes[random.Next(32)] ^= (byte)(1 << random.Next(8));
        Assert.True(digest != new Sha256(bytes));
    });
}
