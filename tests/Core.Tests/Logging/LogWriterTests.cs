using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sirsi.Core.Logging;

namespace Sirsi.Core.Tests.Logging;

public partial class LogWriterTests
{
    private static readonly TimeProvider Noon = new FixedTime();

    [LoggerMessage(1080, LogLevel.Information, "Plan {PlanName} has {Waves} waves")]
    private static partial void PlanReady(ILogger logger, string planName, int waves);

    [LoggerMessage(1081, LogLevel.Warning, "User {User} logs in with {Password}, limit {Limit:000}")]
    private static partial void LoggedIn(ILogger logger, string user, string password, int limit);

    [LoggerMessage(1082, LogLevel.Error, "Request failed: {Detail}")]
    private static partial void RequestFailed(ILogger logger, string detail, Exception cause);

    [LoggerMessage(1083, LogLevel.Debug, "Noise {Count}")]
    private static partial void Noise(ILogger logger, int count);

    [Fact]
    public void Json_lines_hold_every_part_of_an_entry()
    {
        string line = Logged(new LogOptions(), logger => PlanReady(logger, "shop", 3));
        Assert.Equal(
            """{"time":"2026-11-21T12:00:00Z","level":"info","category":"Sirsi.Test","event":1080,"name":"PlanReady","""
            + """ "message":"Plan shop has 3 waves","fields":{"PlanName":"shop","Waves":3}}""".TrimStart() + "\n",
            line);
    }

    [Fact]
    public void Text_is_one_line_for_people()
    {
        var options = LogOptions.ForTerminal(isTerminal: true, noColour: true);
        Assert.Equal("12:00:00.000 info  Sirsi.Test: Plan shop has 3 waves\n", Logged(options, logger => PlanReady(logger, "shop", 3)));
        string coloured = Logged(LogOptions.ForTerminal(isTerminal: true, noColour: false), logger => PlanReady(logger, "shop", 3));
        Assert.Contains("\x1b[32minfo ", coloured, StringComparison.Ordinal);
        Assert.Equal(LogFormat.JsonLines, LogOptions.ForTerminal(isTerminal: false, noColour: false).Format);
    }

    [Theory]
    [InlineData(LogFormat.Text)]
    [InlineData(LogFormat.JsonLines)]
    public void A_secret_reaches_the_log_neither_by_name_nor_by_shape_nor_in_an_exception(LogFormat format)
    {
        const string secret = "correct-horse-battery";
        string output = Logged(new LogOptions { Format = format }, logger =>
        {
            LoggedIn(logger, "ann", secret, 7);
            RequestFailed(logger, $"GET https://ann:{secret}@host/ returned 500", new InvalidOperationException($"password={secret}"));
            using (logger.BeginScope(new Dictionary<string, object?>(StringComparer.Ordinal) { ["api_key"] = secret, ["Tenant"] = "shop" }))
            using (logger.BeginScope($"token={secret}"))
                PlanReady(logger, $"--password {secret}", 1);
            logger.Log(LogLevel.Error, default, secret, null, static (state, _) => "client_secret: " + state);
        });
        Assert.DoesNotContain(secret, output, StringComparison.Ordinal);
        Assert.Contains("User ann logs in with ***, limit 7", output, StringComparison.Ordinal);
        Assert.Contains("https://ann:***@host/ returned 500", output, StringComparison.Ordinal);
        Assert.Contains("shop", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_line_of_json_output_is_an_object_whatever_is_logged() => Check.That(seed: 31, runs: 500, random =>
    {
        string text = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ =>
            (char)random.Next(random.Next(2) == 0 ? 128 : 65_536)));
        string output = Logged(new LogOptions(), logger =>
        {
            using (logger.BeginScope(text))
                RequestFailed(logger, text, new InvalidOperationException(text));
        });
        string line = Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        var strict = new JsonDocumentOptions { AllowDuplicateProperties = false };
        Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(line, strict).RootElement.ValueKind);
    });

    [Fact]
    public void Text_from_outside_cannot_forge_a_line_or_drive_the_terminal()
    {
        const string forged = "a\n12:00:00.000 info  Forged: b\r\x1b[2J\u202e";
        string output = Logged(new LogOptions { Format = LogFormat.Text }, logger => PlanReady(logger, forged, 1));
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("    ", lines[1], StringComparison.Ordinal);
        Assert.Contains("\\x1b[2J\\u202e", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Entries_below_the_least_level_are_not_written()
    {
        Assert.Empty(Logged(new LogOptions(), logger => Noise(logger, 1)));
        Assert.NotEmpty(Logged(new LogOptions { LevelMin = LogLevel.Debug }, logger => Noise(logger, 1)));
        Assert.Empty(Logged(new LogOptions { LevelMin = LogLevel.None }, logger => LoggedIn(logger, "a", "b", 1)));
    }

    [Fact]
    public void Long_text_is_cut_and_says_so()
    {
        string output = Logged(new LogOptions { TextMax = 256 }, logger => PlanReady(logger, new string('x', 100_000), 1));
        Assert.True(output.Length < 1_000);
        Assert.Contains("more characters)", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_across_the_cut_is_masked_all_the_same()
    {
        string text = new string('x', 235) + " AKIAIOSFODNN7EXAMPLE";
        string output = Logged(new LogOptions { TextMax = 256 }, logger => PlanReady(logger, text, 1));
        Assert.DoesNotContain("AKIA", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_output_loses_entries_and_nothing_else()
    {
        var stream = new MemoryStream();
        using var log = new LogWriter(stream, new LogOptions(), Noon);
        stream.Dispose();
        PlanReady(log.CreateLogger("c"), "shop", 1);
        Assert.Equal(1, log.Lost);
    }

    [Fact]
    public void A_disposed_log_ignores_entries_and_leaves_the_output_open()
    {
        var stream = new MemoryStream();
        var log = new LogWriter(stream, new LogOptions(), Noon);
        ILogger logger = log.CreateLogger("c");
        log.Dispose();
        PlanReady(logger, "shop", 1);
        Assert.Equal(0, stream.Length);
        Assert.True(stream.CanWrite);
    }

    [Fact]
    public void Lines_of_several_threads_do_not_mix()
    {
        var stream = new MemoryStream();
        using var log = new LogWriter(stream, new LogOptions(), Noon);
        var threads = Enumerable.Range(0, 4).Select(i => new Thread(() =>
        {
            ILogger logger = log.CreateLogger($"c{i}");
            for (int n = 0; n < 200; n++) PlanReady(logger, new string((char)('a' + i), 50), n);
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        string[] lines = Encoding.UTF8.GetString(stream.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(800, lines.Length);
        Assert.All(lines, line => Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(line).RootElement.ValueKind));
    }

    [Fact]
    public void Options_out_of_range_are_refused() =>
        Assert.Throws<ArgumentException>(() => new LogWriter(Stream.Null, new LogOptions { TextMax = 1 }, Noon));

    private static string Logged(LogOptions options, Action<ILogger> write)
    {
        var stream = new MemoryStream();
        using var log = new LogWriter(stream, options, Noon);
        write(log.CreateLogger("Sirsi.Test"));
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    }
}
