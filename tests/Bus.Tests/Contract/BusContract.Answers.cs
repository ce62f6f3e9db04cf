using Sirsi.Bus.Consuming;
using Sirsi.Bus.Events;

namespace Sirsi.Bus.Tests.Contract;

public abstract partial class BusContract
{
    /// <summary>A time that passes in a test; long enough that a busy machine with a real server does not pass it by itself.</summary>
    protected virtual TimeSpan Short => TimeSpan.FromMilliseconds(400);

    [Fact]
    public Task An_event_comes_with_all_its_parts() => RunAsync(async bus =>
    {
        await bus.ExpectAsync("g");
        EventMessage message = bus.Message("payload", key: "schlüssel", subject: "task.run.ended", priority: EventPriority.High);
        message.Id = bus.Environment.Ids.Next<Core.Identity.EventKind>();
        message.Time = new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.Zero).AddTicks(1_234_560);
        message.Schema = "sirsi.v1.TaskEvent";
        message.SchemaVersion = 3;
        message.Session = bus.Environment.Ids.Next<Core.Identity.SessionKind>();
        message.SourceAgent = bus.Environment.Ids.Next<Core.Identity.AgentKind>();
        message.TargetAgent = bus.Environment.Ids.Next<Core.Identity.AgentKind>();
        message.Correlation = "order 66 — ü";
        message.Causation = bus.Environment.Ids.Next<Core.Identity.EventKind>();
        message.TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        message.TraceState = "vendor=1";
        message.Headers = [new("a", "1"), new("B", ""), new("a", "ü")];
        await bus.Bus.PublishAsync(message);
        await using EventConsumer consumer = await bus.JoinAsync("g");
        Delivery delivery = await bus.ReceiveOneAsync(consumer);
        EventMessage received = delivery.Event.ToMessage();
        Assert.Equivalent(message, received, strict: true);
        Assert.Equal(1, delivery.Attempt);
        Assert.Equal("1", delivery.Event.Header("A"));
    });

    [Fact]
    public Task An_unanswered_event_comes_again() => RunAsync(async bus =>
    {
        await using EventConsumer consumer = await bus.JoinAsync("g", group => group with { VisibilityTimeout = Short });
        // Somebody waits for it when it comes, so its time does not pass before it is taken.
        Task<Delivery> receiving = bus.ReceiveOneAsync(consumer);
        await bus.PublishAsync("a", key: "k");
        await bus.PublishAsync("b", key: "k");
        Delivery first = await receiving;
        Delivery second = await bus.ReceiveOneAsync(consumer);
        Assert.Equal(("a", 1, "a", 2), (TextOf(first), first.Attempt, TextOf(second), second.Attempt));
        Assert.False(consumer.Acknowledge(first));
        Assert.True(consumer.Acknowledge(second));
        Assert.False(consumer.Acknowledge(second));
        Assert.Equal("b", TextOf(await bus.ReceiveOneAsync(consumer)));
        Assert.Equal(1, consumer.Statistics.TimedOut);
    });

    [Fact]
    public Task An_extended_delivery_keeps_its_time() => RunAsync(async bus =>
    {
        await using EventConsumer consumer = await bus.JoinAsync("g", group => group with { VisibilityTimeout = 2 * Short });
        await bus.PublishAsync("a");
        Delivery delivery = await bus.ReceiveOneAsync(consumer);
        for (int i = 0; i < 3; i++)
        {
            await Task.Delay(0.75 * Short, bus.Environment.Time);
            Assert.True(consumer.Extend(delivery));
        }

        Assert.True(consumer.Acknowledge(delivery));
        Assert.False(consumer.Extend(delivery));
    });

    [Fact]
    public Task A_rejected_event_comes_again_after_its_delay_and_its_key_waits() => RunAsync(async bus =>
    {
        await using EventConsumer consumer = await bus.JoinAsync("g");
        await bus.PublishAsync("a", key: "k");
        await bus.PublishAsync("b", key: "k");
        Delivery first = await bus.ReceiveOneAsync(consumer);
        long start = bus.Environment.Time.GetTimestamp();
        Assert.True(consumer.Reject(first, Short));
        Assert.False(consumer.Reject(first));
        Delivery again = await bus.ReceiveOneAsync(consumer);
        Assert.InRange(bus.Environment.Time.GetElapsedTime(start), Short - TimeSpan.FromMilliseconds(1), Patience);
        Assert.Equal("a", TextOf(again));
        Assert.Equal((1, 2), (first.Attempt, again.Attempt));
        consumer.Acknowledge(again);
        Assert.Equal("b", TextOf(await bus.ReceiveOneAsync(consumer)));
    });

    [Fact]
    public Task After_the_last_attempt_an_event_is_a_dead_letter_and_its_key_goes_on() => RunAsync(async bus =>
    {
        await bus.ExpectAsync("undertaker", "dead.g.>");
        await using EventConsumer consumer = await bus.JoinAsync("g", group => group with { AttemptsMax = 3 });
        EventMessage poison = bus.Message("poison", key: "k");
        poison.Headers = [new("mine", "1")];
        await bus.Bus.PublishAsync(poison);
        await bus.PublishAsync("after", key: "k");
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            Delivery delivery = await bus.ReceiveOneAsync(consumer);
            Assert.Equal(("poison", attempt), (TextOf(delivery), delivery.Attempt));
            consumer.Reject(delivery, reason: $"broken {attempt}");
        }

        Assert.Equal("after", TextOf(await bus.ReceiveOneAsync(consumer)));
        await using EventConsumer letters = await bus.Bus.JoinAsync(bus.Group("undertaker", "dead.g.>"));
        Delivery letter = await bus.ReceiveOneAsync(letters);
        Assert.Equal(("poison", "dead.g.task.run.ended", "k"), (TextOf(letter), letter.Event.Subject, letter.Event.Key));
        Assert.Equal(("broken 3", "3", "1"), (letter.Event.Header(DeadLetter.ReasonHeader), letter.Event.Header(DeadLetter.AttemptsHeader), letter.Event.Header("mine")));
        Assert.Equal(1, consumer.Statistics.Dead);
    });

    [Fact]
    public Task Dead_letters_can_be_published_again() => RunAsync(async bus =>
    {
        await using EventConsumer consumer = await bus.JoinAsync("g", group => group with { AttemptsMax = 1 });
        for (int i = 0; i < 3; i++)
        {
            await bus.PublishAsync($"{i}", key: "k");
            consumer.Reject(await bus.ReceiveOneAsync(consumer), reason: "no");
        }

        await consumer.FlushAsync();
        Assert.Equal(3, await bus.Bus.ReplayDeadLettersAsync(bus.Scope, "g"));
        for (int i = 0; i < 3; i++)
        {
            Delivery again = await bus.ReceiveOneAsync(consumer);
            Assert.Equal(($"{i}", 1, "task.run.ended"), (TextOf(again), again.Attempt, again.Event.Subject));
            Assert.NotNull(again.Event.Header(DeadLetter.ReplayHeader));
            Assert.Null(again.Event.Header(DeadLetter.ReasonHeader));
            consumer.Acknowledge(again);
        }

        Assert.Equal(0, await bus.Bus.ReplayDeadLettersAsync(bus.Scope, "g"));
    });

    [Fact]
    public Task No_more_than_the_bound_is_in_flight() => RunAsync(async bus =>
    {
        await bus.ExpectAsync("g");
        for (int i = 0; i < 10; i++) await bus.PublishAsync($"{i}");
        await using EventConsumer consumer = await bus.JoinAsync("g", group => group with { InFlightMax = 4 });
        await WindowHoldsAsync(bus, consumer, 10);
        List<Delivery> four = await bus.ReceiveAsync(consumer, 4);
        Assert.Equal(0, consumer.TryReceive(new Delivery[8]));
        Assert.Equal(2, consumer.Acknowledge([four[0], four[1]]));
        Assert.Equal(2, consumer.TryReceive(new Delivery[8]));
    });

    [Fact]
    public Task A_payload_that_does_not_fit_its_schema_is_refused_and_nothing_of_its_batch_is_published() => RunAsync(async bus =>
    {
        await using EventConsumer consumer = await bus.JoinAsync("g");
        EventMessage good = bus.Message("good"), bad = bus.Message("no message");
        (bad.Schema, bad.SchemaVersion) = ("sirsi.v1.TaskEvent", 1);
        BusException refusal = await Assert.ThrowsAsync<BusException>(async () => await bus.Bus.PublishAsync(new[] { good, bad }));
        Assert.Equal(BusErrors.PayloadMalformed, refusal.Code);
        Assert.Contains("task.run.ended", refusal.Message, StringComparison.Ordinal);
        await bus.NothingComesAsync(consumer);
        bad.Payload = Array.Empty<byte>();
        await bus.Bus.PublishAsync(bad);
        Assert.Equal("", TextOf(await bus.ReceiveOneAsync(consumer)));
    });

    [Fact]
    public Task Misuse_is_told_at_once() => RunAsync(async bus =>
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await bus.PublishAsync("x", subject: "Task.Run"));
        await Assert.ThrowsAsync<ArgumentException>(async () => await bus.PublishAsync("x", subject: "task.*"));
        await Assert.ThrowsAsync<ArgumentException>(async () => await bus.PublishAsync("x", key: new string('k', 256)));
        BusException tooLong = await Assert.ThrowsAsync<BusException>(async () => await bus.PublishAsync(new string('x', 2 << 20)));
        Assert.Equal(BusErrors.EventTooLong, tooLong.Code);
        await Assert.ThrowsAsync<ArgumentException>(async () => await bus.JoinAsync("No Name"));
        Assert.Throws<ArgumentException>(() => bus.Group("g", "*.task"));
        await using EventConsumer consumer = await bus.JoinAsync("g");
        ValueTask<int> waiting = consumer.ReceiveAsync(new Delivery[1]);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await consumer.ReceiveAsync(new Delivery[1]));
        await bus.PublishAsync("x");
        Assert.Equal(1, await waiting);
    });
}
