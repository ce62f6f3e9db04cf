using System.Text;
using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Bus.Publishing;
using Sirsi.Bus.Schemas;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Contract;

/// <summary>
/// What every driver keeps. A driver's class says how a bus over it is made, and on which clock: simulated where nothing leaves the process, real with real servers. The
/// parts of the contract stand beside this file, one promise a test.
/// </summary>
public abstract partial class BusContract
{
    private int _names;

    /// <summary>How long a test waits for what must come before it fails.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Runs a test on the driver's clock; each test has a scope of its own.</summary>
    protected abstract Task RunAsync(Func<TestBus, Task> test, LogOptions? log = null);

    /// <summary>A bus over a new driver that reaches the same events as other buses of this test.</summary>
    protected abstract BusDriver CreateDriver(HostEnvironment environment);

    /// <summary>How buses under test work: schemas nobody registered pass.</summary>
    protected static BusOptions Options { get; } = new()
    {
        Schemas = new SchemaRegistryBuilder(new SchemaOptions { Unregistered = UnregisteredPayloads.Pass, PayloadBytesMax = 8 << 20 }).Build(),
    };

    /// <summary>What the driver says it can do.</summary>
    protected abstract BusCapabilities Capabilities { get; }

    protected void Needs(BusCapabilities capability)
    {
        if (!Capabilities.HasFlag(capability)) Assert.Skip($"skipped: the driver declares that it cannot: {capability}");
    }

    [Fact]
    public Task The_driver_declares_what_it_can_do() => RunAsync(bus =>
    {
        Assert.Equal(Capabilities, bus.Bus.Capabilities);
        return Task.CompletedTask;
    });

    [Fact]
    public Task A_healthy_bus_says_so() => RunAsync(async bus =>
    {
        BusHealth health = await bus.Bus.CheckAsync();
        Assert.True(health.IsHealthy, health.Description);
        Assert.NotEmpty(health.Description);
    });

    /// <summary>A bus under test, with what tests often do.</summary>
    protected sealed class TestBus(EventBus bus, HostEnvironment environment, TopicScope scope)
    {
        public EventBus Bus => bus;

        public HostEnvironment Environment => environment;

        public TopicScope Scope => scope;

        public EventMessage Message(string text, string key = "", string subject = "task.run.ended", EventPriority priority = EventPriority.Normal) => new()
        {
            Scope = scope,
            Subject = subject,
            Key = key,
            Priority = priority,
            Payload = Encoding.UTF8.GetBytes(text),
        };

        public ValueTask<PublishReceipt> PublishAsync(string text, string key = "", string subject = "task.run.ended", EventPriority priority = EventPriority.Normal) =>
            bus.PublishAsync(Message(text, key, subject, priority));

        public GroupOptions Group(string name, string subject = "task.>") => new() { Name = name, Filter = new EventFilter(scope, subject) };

        public ValueTask<EventConsumer> JoinAsync(string name, Func<GroupOptions, GroupOptions>? change = null) =>
            bus.JoinAsync(change is null ? Group(name) : change(Group(name)));

        /// <summary>
        /// For tests that publish before anybody joins: makes the group first where the driver declares that a new one would not get what is there already.
        /// </summary>
        public async Task ExpectAsync(string name, string subject = "task.>")
        {
            if (!bus.Capabilities.HasFlag(BusCapabilities.ReadFromPosition)) await bus.MakeGroupAsync(Group(name, subject));
        }

        /// <summary>Receives until there are <paramref name="count"/>, and fails when they do not come.</summary>
        public async Task<List<Delivery>> ReceiveAsync(EventConsumer consumer, int count)
        {
            List<Delivery> received = [];
            var buffer = new Delivery[Math.Max(1, count)];
            using var patience = new CancellationTokenSource(Patience, environment.Time);
            while (received.Count < count)
            {
                int some;
                try
                {
                    some = await consumer.ReceiveAsync(buffer.AsMemory(0, count - received.Count), patience.Token);
                }
                catch (OperationCanceledException)
                {
                    Assert.Fail($"Only {received.Count} of {count} events came: {string.Join(", ", received.Select(TextOf))}; {consumer.Statistics}");
                    throw;
                }

                received.AddRange(buffer[..some]);
            }

            return received;
        }

        public async Task<Delivery> ReceiveOneAsync(EventConsumer consumer) => (await ReceiveAsync(consumer, 1))[0];

        /// <summary>What comes within a while; null for nothing.</summary>
        public async Task<Delivery?> ReceiveWithinAsync(EventConsumer consumer, TimeSpan within)
        {
            using var end = new CancellationTokenSource(within, environment.Time);
            var buffer = new Delivery[1];
            try
            {
                await consumer.ReceiveAsync(buffer, end.Token);
                return buffer[0];
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }

        /// <summary>Fails when anything comes within a while.</summary>
        public async Task NothingComesAsync(EventConsumer consumer, TimeSpan? within = null)
        {
            if (await ReceiveWithinAsync(consumer, within ?? TimeSpan.FromMilliseconds(300)) is { } delivery)
                Assert.Fail($"An event came that should not have: {TextOf(delivery)}, attempt {delivery.Attempt}.");
        }
    }

    protected static string TextOf(Delivery delivery) => Encoding.UTF8.GetString(delivery.Event.Payload);

    /// <summary>A name of its own for each bus of a test class, so that tests that share a server do not meet.</summary>
    protected TopicScope NextScope(string tenant) => new(tenant, $"p{Interlocked.Increment(ref _names)}");
}
