using System.Text;
using System.Text.Json;
using Sirsi.Bus.Consuming;
using Sirsi.Bus.Embedded;
using Sirsi.Bus.Events;
using Sirsi.Bus.Publishing;
using Sirsi.Core.Hosting;

namespace Sirsi.Cli.Tests;

public sealed class BusTests : IAsyncLifetime
{
    private static readonly TopicScope Scope = new("acme", "web");

    private readonly TemporaryFolder _folder = new();

    /// <summary>Three events of one log, of which a group has done one, and one event of another log.</summary>
    public async ValueTask InitializeAsync()
    {
        HostEnvironment environment = HostEnvironment.Production;
        await using var bus = new EventBus(new EmbeddedBusDriver(new EmbeddedBusOptions { Folder = _folder.Path }, environment), new BusOptions(), environment);
        foreach (string text in (string[])["one", "two", "three"]) await bus.PublishAsync(Message("task.run.ended", text));
        await bus.PublishAsync(Message("agent.lifecycle.started", "\u0001\u0002"));
        await using EventConsumer consumer = await bus.JoinAsync(new GroupOptions { Name = "billing", Filter = new EventFilter(Scope, "task.>") });
        var delivery = new Delivery[1];
        await consumer.ReceiveAsync(delivery);
        consumer.Acknowledge(delivery[0]);
        await consumer.FlushAsync();
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return default;
    }

    [Fact]
    public async Task Stats_show_logs_and_groups()
    {
        ProgramResult result = await Cli.RunAsync("bus", "stats", _folder.Path);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("acme.web.task", result.Output, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse((await Cli.RunAsync("bus", "stats", _folder.Path, "--json")).Output);
        JsonElement log = document.RootElement.GetProperty("logs").EnumerateArray().Single(log => log.GetProperty("log").GetString() == "acme.web.task");
        Assert.Equal(3, log.GetProperty("events").GetInt64());
        JsonElement group = log.GetProperty("groups")[0];
        Assert.Equal(("billing", 2L), (group.GetProperty("group").GetString(), group.GetProperty("lag").GetInt64()));
    }

    [Fact]
    public async Task Dump_shows_events_in_their_order_with_what_identifies_them()
    {
        ProgramResult result = await Cli.RunAsync("bus", "dump", _folder.Path, "--log", "acme.web.task");
        string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["one", "two", "three"], lines.Select(static line => line.Split("  ")[^1].Trim()));
        Assert.All(lines, static line => Assert.Contains("task.run.ended", line, StringComparison.Ordinal));
        string[] documents = (await Cli.RunAsync("bus", "dump", _folder.Path, "--log", "acme.web.task", "--from", "2", "--limit", "1", "--json")).Output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        using JsonDocument document = JsonDocument.Parse(Assert.Single(documents));
        Assert.Equal("two", Encoding.UTF8.GetString(document.RootElement.GetProperty("payload").GetBytesFromBase64()));
        Assert.Equal("acme.web", document.RootElement.GetProperty("scope").GetString());
    }

    [Fact]
    public async Task Tail_shows_the_last_events_that_fit()
    {
        string output = (await Cli.RunAsync("bus", "tail", _folder.Path, "--log", "acme.web.task", "-n", "2", "--subject", "task.*.ended")).Output;
        Assert.Equal(["two", "three"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split("  ")[^1].Trim()));
        Assert.Equal("", (await Cli.RunAsync("bus", "tail", _folder.Path, "--log", "acme.web.task", "--subject", "task.other")).Output);
        Assert.Contains("2 bytes", (await Cli.RunAsync("bus", "tail", _folder.File("acme.web.agent"))).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fsck_finds_nothing_wrong_with_a_sound_bus()
    {
        ProgramResult result = await Cli.RunAsync("bus", "fsck", _folder.Path);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("0 problems", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fsck_tells_where_a_byte_was_changed()
    {
        string segment = Directory.GetFiles(Path.Combine(_folder.File("acme.web.task"), EmbeddedBusDriver.EventsFolder), "*.*").Order(StringComparer.Ordinal)
            .First(static file => new FileInfo(file).Length > 200);
        byte[] bytes = await File.ReadAllBytesAsync(segment);
        int at = bytes.AsSpan().IndexOf("one"u8);
        bytes[at] ^= 0x20;
        await File.WriteAllBytesAsync(segment, bytes);
        ProgramResult result = await Cli.RunAsync("bus", "fsck", _folder.Path);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(Path.GetFileName(segment), result.Output, StringComparison.Ordinal);
        Assert.Contains("byte", result.Output, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse((await Cli.RunAsync("bus", "fsck", _folder.Path, "--json")).Output);
        Assert.Contains(document.RootElement.GetProperty("journals").EnumerateArray(), static journal => journal.GetProperty("problems").GetArrayLength() > 0);
    }

    [Fact]
    public async Task What_is_not_there_is_told_with_what_is()
    {
        ProgramResult several = await Cli.RunAsync("bus", "dump", _folder.Path);
        Assert.Equal(2, several.ExitCode);
        Assert.Contains("acme.web.agent", several.Error, StringComparison.Ordinal);
        Assert.Equal(1, (await Cli.RunAsync("bus", "dump", _folder.Path, "--log", "acme.web.nothing")).ExitCode);
        Assert.Equal(1, (await Cli.RunAsync("bus", "stats", _folder.File("nowhere"))).ExitCode);
        Assert.Equal(2, (await Cli.RunAsync("bus", "dump", _folder.Path, "--log", "acme.web.task", "--subject", "A.*")).ExitCode);
    }

    private static EventMessage Message(string subject, string text) =>
        new() { Scope = Scope, Subject = subject, Key = "k", Payload = Encoding.UTF8.GetBytes(text) };
}
