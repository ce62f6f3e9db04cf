using System.Text;
using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Bus.Publishing;
using Sirsi.Bus.Redis;
using Sirsi.Bus.Tests.Contract;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;

namespace Sirsi.Bus.Tests.Servers;

/// <summary>What the Redis driver does beyond the contract.</summary>
[Trait("Suite", "slow")]
public class RedisServerTests
{
    private const string Secret = "s3cret-of-the-test";

    [Fact]
    public async Task A_wrong_password_is_refused_and_never_shown()
    {
        await using EventBus bus = Bus(new RedisBusOptions { Addresses = [Address], User = "nobody", Password = Secret });
        BusException refused = await Assert.ThrowsAsync<BusException>(async () => await bus.PublishAsync(Message(Scope())));
        Assert.Equal(BusErrors.Refused, refused.Code);
        BusHealth health = await bus.CheckAsync();
        Assert.False(health.IsHealthy);
        foreach (string text in (string[])[refused.ToString(), health.Description, new RedisBusOptions { Addresses = [Address], Password = Secret }.ToString()])
            Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_with_the_rights_the_manual_names_is_enough()
    {
        await using RealServer server = await RealServer.RedisAsync(
            "--user", "default", "off", "--user", "app", "on", $">{Secret}", "~sirsi:*", "&sirsi:*", "+@all", "-@admin", "-@dangerous", "+info");
        TopicScope scope = Scope();
        var options = new RedisBusOptions { Addresses = [server.Address], User = "app", Password = Secret };
        await using EventBus bus = Bus(options), wrong = Bus(options with { Password = "wrong" });
        await using EventConsumer consumer = await bus.JoinAsync(new GroupOptions { Name = "g", Filter = new EventFilter(scope, "task.>") });
        await bus.PublishAsync(Message(scope));
        Assert.Equal(1, await consumer.ReceiveAsync(new Delivery[1]).AsTask().WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.True((await bus.StatusAsync(new LogName(scope, "task"))).Bytes > 0);
        Assert.Equal(BusErrors.Refused, (await Assert.ThrowsAsync<BusException>(async () => await wrong.PublishAsync(Message(scope)))).Code);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told_as_unavailable()
    {
        await using EventBus bus = Bus(new RedisBusOptions { Addresses = ["127.0.0.1:1"], ConnectTimeout = TimeSpan.FromMilliseconds(500) });
        BusException away = await Assert.ThrowsAsync<BusException>(async () => await bus.PublishAsync(Message(Scope())));
        Assert.Equal(BusErrors.Unavailable, away.Code);
        Assert.Contains("127.0.0.1:1", away.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_too_old_or_too_much_leaves_the_log()
    {
        TopicScope scope = Scope();
        var options = new BusOptions
        {
            Log = new LogOptions { Partitions = 1, RetentionBytes = 64 * 1024 },
            Areas = new Dictionary<string, LogOptions>(StringComparer.Ordinal) { ["old"] = new() { Partitions = 1, RetentionAge = TimeSpan.FromSeconds(1) } },
        };
        await using var bus = new EventBus(
            new RedisBusDriver(new RedisBusOptions { Addresses = [Address], TrimInterval = TimeSpan.FromMilliseconds(200) }, HostEnvironment.Production),
            options, HostEnvironment.Production);
        for (int i = 0; i < 2_000; i++) await bus.PublishAsync(Message(scope));
        for (int i = 0; i < 500; i++) await bus.PublishAsync(Message(scope, "old.thing"));
        LogName large = new(scope, "task"), old = new(scope, "old");
        for (int i = 0; i < 200 && (await bus.StatusAsync(large)).Events > 1_500; i++) await Task.Delay(50);
        Assert.InRange((await bus.StatusAsync(large)).Events, 1, 1_500);
        await Task.Delay(TimeSpan.FromSeconds(1.1));
        // The server takes whole nodes of a stream: of 500 entries, 400 go.
        for (int i = 0; i < 200 && (await bus.StatusAsync(old)).Events > 150; i++)
        {
            await bus.PublishAsync(Message(scope, "old.thing"));
            await Task.Delay(50);
        }

        Assert.InRange((await bus.StatusAsync(old)).Events, 1, 200);
    }

    [Fact]
    public async Task A_repetition_without_a_key_is_recognized_too_and_tells_where_the_first_is()
    {
        TopicScope scope = Scope();
        await using EventBus bus = Bus(new RedisBusOptions { Addresses = [Address] });
        EventMessage message = Message(scope);
        message.Id = HostEnvironment.Production.Ids.Next<EventKind>();
        PublishReceipt first = await bus.PublishAsync(message), second = await bus.PublishAsync(message);
        Assert.Equal(first with { IsRepetition = true }, second);
    }

    [Fact]
    public async Task Two_processes_share_a_group_and_one_follows_when_the_other_leaves()
    {
        TopicScope scope = Scope();
        await using EventBus one = Bus(new RedisBusOptions { Addresses = [Address] }), two = Bus(new RedisBusOptions { Addresses = [Address] });
        var group = new GroupOptions { Name = "g", Filter = new EventFilter(scope, "task.>") };
        EventConsumer a = await one.JoinAsync(group);
        await using EventConsumer b = await two.JoinAsync(group);
        LogName log = new(scope, "task");
        for (int i = 0; i < 200 && (await one.StatusAsync(log, "g"))!.Members < 2; i++) await Task.Delay(20);
        Assert.Equal(2, (await one.StatusAsync(log, "g"))!.Members);
        await a.DisposeAsync();
        for (int i = 0; i < 100; i++) await one.PublishAsync(Message(scope));
        var buffer = new Delivery[100];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        for (int count = 0; count < 100;)
        {
            int some = await b.ReceiveAsync(buffer, patience.Token);
            b.Acknowledge(buffer.AsSpan(0, some));
            count += some;
        }

        await b.FlushAsync();
        Assert.Equal(0, (await one.StatusAsync(log, "g"))!.Lag);
    }

    private static string Address => ServerContract.AddressOf("SIRSI_TEST_REDIS");

    private static TopicScope Scope() => new($"t{Guid.NewGuid():N}"[..16], "p");

    private static EventBus Bus(RedisBusOptions options) => new(new RedisBusDriver(options, HostEnvironment.Production), new BusOptions(), HostEnvironment.Production);

    private static EventMessage Message(TopicScope scope, string subject = "task.run.ended") =>
        new() { Scope = scope, Subject = subject, Payload = Encoding.UTF8.GetBytes(new string('x', 100)) };
}
