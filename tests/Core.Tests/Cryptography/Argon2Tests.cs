using System.Globalization;
using Sirsi.Core.Cryptography.Passwords;

namespace Sirsi.Core.Tests.Cryptography;

public class Argon2Tests
{
    private static readonly Argon2Options Small = new() { MemoryKiB = 64, Iterations = 1, Lanes = 1 };

    [Theory]
    [InlineData("kat_argon2id.txt", Argon2Variant.Argon2id)]
    [InlineData("kat_argon2i.txt", Argon2Variant.Argon2i)]
    public void The_tag_is_that_of_the_known_answer_file(string file, Argon2Variant variant)
    {
        string[] lines = File.ReadAllLines(TestData.File("data/trust/crypto/argon2/" + file));
        Assert.Contains(variant.ToString(), lines[1], StringComparison.Ordinal);
        Assert.Equal("Memory: 32 KiB, Iterations: 3, Parallelism: 4 lanes, Tag length: 32 bytes", lines[3]);
        var options = new Argon2Options { Variant = variant, MemoryKiB = 32, Iterations = 3, Lanes = 4 };
        byte[] tag = Argon2.Derive(Bytes(lines, "Password"), Bytes(lines, "Salt"), options, Bytes(lines, "Secret"), Bytes(lines, "Associated"));
        Assert.Equal(Bytes(lines, "Tag"), tag);
    }

    // RFC 9106, 5.1: Argon2d has no file.
    [Fact]
    public void The_tag_of_argon2d_is_that_of_the_standard()
    {
        var options = new Argon2Options { Variant = Argon2Variant.Argon2d, MemoryKiB = 32, Iterations = 3, Lanes = 4 };
        byte[] tag = Argon2.Derive(Filled(32, 1), Filled(16, 2), options, Filled(8, 3), Filled(12, 4));
        Assert.Equal("512b391b6f1162975371d30919734294f868e3be3984f3c1a13a4db9fabe4acb", Convert.ToHexStringLower(tag));
    }

    // RFC 7693, appendix A.
    [Fact]
    public void Blake2b_of_abc_is_that_of_the_standard()
    {
        byte[] digest = new byte[64];
        Blake2b.Hash("a"u8, "bc"u8, digest);
        Assert.Equal(
            "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
            Convert.ToHexStringLower(digest));
    }

    [Fact]
    public void How_data_is_cut_makes_no_difference_to_blake2b() => Check.That(seed: 7, runs: 200, random =>
    {
        byte[] data = new byte[random.Next(600)];
        random.NextBytes(data);
        byte[] one = new byte[32], two = new byte[32];
        int cut = random.Next(data.Length + 1);
        Blake2b.Hash(data, default, one);
        Blake2b.Hash(data.AsSpan(0, cut), data.AsSpan(cut), two);
        Assert.Equal(one, two);
    });

    [Theory]
    [InlineData(7, 1, 1, 32)]
    [InlineData(31, 4, 1, 32)]
    [InlineData(64, 0, 1, 32)]
    [InlineData(64, 256, 1, 32)]
    [InlineData(64, 1, 0, 32)]
    [InlineData(64, 1, 1, 3)]
    [InlineData(64, 1, 1, 1025)]
    public void Costs_out_of_range_are_refused(int memory, int lanes, int iterations, int tagSize)
    {
        var options = new Argon2Options { MemoryKiB = memory, Lanes = lanes, Iterations = iterations, TagSize = tagSize };
        Assert.Throws<ArgumentException>(() => Argon2.Derive("p"u8, new byte[16], options));
    }

    [Fact]
    public void Every_input_changes_the_result()
    {
        byte[] plain = Argon2.Derive("p"u8, Filled(16, 1), Small);
        Assert.NotEqual(plain, Argon2.Derive("q"u8, Filled(16, 1), Small));
        Assert.NotEqual(plain, Argon2.Derive("p"u8, Filled(16, 2), Small));
        Assert.NotEqual(plain, Argon2.Derive("p"u8, Filled(16, 1), Small with { Iterations = 2 }));
        Assert.NotEqual(plain, Argon2.Derive("p"u8, Filled(16, 1), Small, secret: "k"u8));
        Assert.NotEqual(plain, Argon2.Derive("p"u8, Filled(16, 1), Small, associatedData: "k"u8));
        Assert.Equal(200, Argon2.Derive("p"u8, Filled(16, 1), Small with { TagSize = 200 }).Length);
    }

    internal static byte[] Filled(int count, byte value)
    {
        byte[] bytes = new byte[count];
        Array.Fill(bytes, value);
        return bytes;
    }

    private static byte[] Bytes(string[] lines, string name)
    {
        string line = lines.First(l => l.StartsWith(name, StringComparison.Ordinal));
        string[] hex = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return [.. hex.Select(h => byte.Parse(h, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
    }
}
