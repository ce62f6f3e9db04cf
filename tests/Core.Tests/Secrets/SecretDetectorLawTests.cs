using System.Text;
using Sirsi.Core.Governing;
using Sirsi.Core.Secrets;

namespace Sirsi.Core.Tests.Secrets;

public class SecretDetectorLawTests
{
    private const string Alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private static readonly string[] SecretNames =
        ["password", "DB_PASSWORD", "clientSecret", "api-key", "access_token", "AccountKey", "private_key", "user_data", "connection_string"];

    [Fact]
    public void A_planted_secret_never_survives_masking() => Check.That(seed: 11, runs: 10_000, random =>
    {
        (string planted, string secret) = Plant(random);
        string text = Filler(random) + " " + planted + " " + Filler(random);
        string masked = SecretDetector.Mask(text);
        Assert.DoesNotContain(secret, masked, StringComparison.Ordinal);
        Assert.True(SecretDetector.LooksSecret(text));
        Assert.Equal(masked, SecretDetector.Mask(masked));
    });

    [Fact]
    public void A_secret_planted_in_json_in_json_never_survives_masking() => Check.That(seed: 12, runs: 5_000, random =>
    {
        string secret = Text(random, Alphanumeric + "\"\\{}[]:,= /", random.Next(8, 40));
        string name = SecretNames[random.Next(SecretNames.Length)];
        string json = System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, object>(StringComparer.Ordinal) { ["a"] = 1, [name] = secret, ["z"] = "end" });
        int depth = random.Next(3);
        for (int i = 0; i < depth; i++) json = System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, string>(StringComparer.Ordinal) { ["inner"] = json });
        string masked = SecretDetector.Mask(json);
        Assert.DoesNotContain(System.Text.Json.JsonEncodedText.Encode(secret).Value, masked, StringComparison.Ordinal);
        string? inner = masked;
        for (int i = 0; i < depth; i++) inner = System.Text.Json.JsonDocument.Parse(inner!).RootElement.GetProperty("inner").GetString();
        var read = System.Text.Json.JsonDocument.Parse(inner!).RootElement;
        Assert.Equal("***", read.GetProperty(name).GetString());
        Assert.Equal("end", read.GetProperty("z").GetString());
    });

    [Fact]
    public void Ordinary_text_survives_unchanged() => Check.That(seed: 13, runs: 10_000, random =>
    {
        string text = Filler(random) + " " + Ordinary(random) + " " + Filler(random);
        Assert.Same(text, SecretDetector.Mask(text));
    });

    [Theory]
    [InlineData("key={")]
    [InlineData("key=\"")]
    [InlineData("key='key=\\'")]
    [InlineData("a://b:c/")]
    [InlineData("a://b")]
    [InlineData("eyJ-")]
    [InlineData("eyJaaaaaaaa.")]
    [InlineData("-----BEGIN ")]
    [InlineData("password ")]
    [InlineData("password: | ")]
    [InlineData("password: {")]
    [InlineData("\"name\":\"password\",")]
    [InlineData("\"value\":\"x")]
    [InlineData("xoxb-a")]
    [InlineData("Basic a")]
    [InlineData("a_")]
    [InlineData("Authorization: a")]
    [InlineData("password = a -> ")]
    [InlineData("<password><")]
    [InlineData("\\")]
    [InlineData("AKIAA")]
    public void Time_grows_with_the_length_and_no_faster(string unit)
    {
        string small = Repeat(unit, 50_000), large = Repeat(unit, 400_000);
        SecretDetector.Mask(small);
        double smallMs = Best(() => SecretDetector.Mask(small)), largeMs = Best(() => SecretDetector.Mask(large));
        // 8 times the length: linear is 8 times the time, quadratic 64 times. The margin is for a busy machine.
        Assert.True(largeMs < 8 * 4 * Math.Max(smallMs, 0.5), $"{smallMs} ms for 50,000 characters, {largeMs} ms for 400,000");
    }

    private static (string Planted, string Secret) Plant(Random random)
    {
        string word = Text(random, Alphanumeric, random.Next(8, 30));
        string name = SecretNames[random.Next(SecretNames.Length)];
        string bytes40 = Convert.ToBase64String(Bytes(random, 30)), bytes64 = Convert.ToBase64String(Bytes(random, 64));
        string id = "AKIA" + Text(random, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16);
        string jwt = $"eyJhbGciOiJFUzI1NiJ9.{Text(random, Alphanumeric + "-_", 40)}.{Text(random, Alphanumeric + "-_", 86)}";
        string basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"user:{word}"));
        string pem = $"-----BEGIN PRIVATE KEY-----\n{bytes64}\n-----END PRIVATE KEY-----";
        return random.Next(18) switch
        {
            0 => ($"{name}={word}", word),
            1 => ($"{name}: {word}", word),
            2 => ($"\"{name}\" : \"{word} {word}\"", word),
            3 => ($"--{name} {word}", word),
            4 => ($"<{name}>{word}</{name}>", word),
            5 => ($"Server=db;{name}={word} {word};Timeout=3", word),
            6 => ($"postgres://user:{word}@db/shop", word),
            7 => ($"https://a.example/x?se=1&sig={word}&sp=r", word),
            8 => (id, id),
            9 => ($"aws key {bytes40} end", bytes40),
            10 => ($"account {bytes64}", bytes64),
            11 => (jwt, jwt),
            12 => ($"Basic {basic}", basic),
            13 => ($"Bearer 0{Text(random, Alphanumeric, 20)}{word}", word),
            14 => (pem, pem[30..60]),
            15 => ($"ghp_{Text(random, Alphanumeric, 36)}{word}", word),
            16 => ($"AIza{Text(random, Alphanumeric + "-_", 35)}{word}", word),
            _ => ($"{name} = <<EOT\n{word}\nEOT\n", word),
        };
    }

    private static string Ordinary(Random random)
    {
        string hex = Convert.ToHexStringLower(Bytes(random, 32));
        return random.Next(12) switch
        {
            0 => $"arn:aws:ec2:eu-west-1:{random.Next(100_000_000, 999_999_999)}123:instance/i-{hex[..17]}",
            1 => $"sha256:{hex}",
            2 => $"commit {hex[..40]}",
            3 => $"hash {Convert.ToBase64String(Bytes(random, 32))}",
            4 => new Guid(Bytes(random, 16)).ToString(),
            5 => $"kms_key_id = \"{new Guid(Bytes(random, 16))}\"",
            6 => $"key_name: shop-{random.Next(100)}",
            7 => $"public_key=\"ssh-ed25519 {Convert.ToBase64String(Bytes(random, 51))} a@b\"",
            8 => $"secret_arn = \"arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-{hex[..6]}\"",
            9 => $"{{\"primary_key\": \"order_id\", \"password_length\": {random.Next(8, 64)}, \"http_tokens\": \"required\"}}",
            10 => $"https://shop.example.com:{random.Next(1, 65_535)}/orders/{hex[..12]}?page={random.Next(9)}",
            _ => $"10.{random.Next(256)}.{random.Next(256)}.0/24 at 2026-11-21T09:46:17.123Z took {random.NextDouble():F3} ms",
        };
    }

    private static string Filler(Random random)
    {
        string[] words = ["waves", "of", "the", "plan:", "vpc-0a1b2c", "read", "(12)", "key", "token", "secret,", "password.", "name=x", "a/b", "{}", "\"q\""];
        return string.Join(' ', Enumerable.Range(0, random.Next(8)).Select(_ => words[random.Next(words.Length)]));
    }

    private static string Text(Random random, string alphabet, int length) =>
        string.Concat(Enumerable.Range(0, length).Select(_ => alphabet[random.Next(alphabet.Length)]));

    private static byte[] Bytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string Repeat(string unit, int length) =>
        new StringBuilder(length + unit.Length).Insert(0, unit, (length / unit.Length) + 1).ToString();

    /// <summary>Processor time of this thread, best of three: what others do on the machine is no matter.</summary>
    private static double Best(Action action)
    {
        var clock = new ThreadCpuClock();
        double best = double.MaxValue;
        for (int i = 0; i < 3; i++)
        {
            long start = clock.Now();
            action();
            best = Math.Min(best, (clock.Now() - start) / 1e6);
        }
        return best;
    }
}
