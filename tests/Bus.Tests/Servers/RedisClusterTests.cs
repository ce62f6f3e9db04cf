using System.Globalization;
using System.Text;
using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Bus.Publishing;
using Sirsi.Bus.Redis;
using Sirsi.Bus.Tests.Contract;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Servers;

/// <summary>What the Redis driver does beyond the contract where the server is a cluster.</summary>
[Trait("Suite", "slow")]
public sealed class RedisClusterTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_partition_that_moves_to_another_node_takes_its_publishers_and_members_along()
    {
        var scope = new TopicScope($"t{Guid.NewGuid():N}"[..16], "p");
        await using var bus = new EventBus(
            new RedisBusDriver(new RedisBusOptions { Addresses = [ServerContract.AddressOf("SIRSI_TEST_REDIS_CLUSTER")] }, HostEnvironment.Production),
            new BusOptions { Log = new LogOptions { Partitions = 1 } }, HostEnvironment.Production);
        await using EventConsumer consumer = await bus.JoinAsync(new GroupOptions { Name = "g", Filter = new EventFilter(scope, "task.>") });
        for (int i = 0; i < 10; i++) await bus.PublishAsync(Message(scope, i));
        await ReceiveAsync(consumer, 0, 10);

        Move move = await Move.BeginAsync($"sirsi:{{{scope}.task.0}}:events");
        BusException moving = await Assert.ThrowsAsync<BusException>(async () => await bus.PublishAsync(Message(scope, 10)));
        Assert.Equal(BusErrors.Unavailable, moving.Code);
        Assert.Contains("ASK", moving.Message, StringComparison.Ordinal);
        await move.EndAsync();

        for (int i = 10; i < 20; i++) await bus.PublishSurelyAsync(Message(scope, i));
        await ReceiveAsync(consumer, 10, 20);
        await consumer.FlushAsync().AsTask().WaitAsync(Patience);
        Assert.Equal(0, (await bus.StatusAsync(new LogName(scope, "task"), "g"))!.Lag);
    }

    private static EventMessage Message(TopicScope scope, int number) =>
        new() { Scope = scope, Subject = "task.run.ended", Key = "k", Payload = Encoding.UTF8.GetBytes($"{number}") };

    private static async Task ReceiveAsync(EventConsumer consumer, int from, int to)
    {
        using var patience = new CancellationTokenSource(Patience);
        var buffer = new Delivery[1];
        for (int i = from; i < to; i++)
        {
            await consumer.ReceiveAsync(buffer, patience.Token);
            Assert.Equal($"{i}", Encoding.UTF8.GetString(buffer[0].Event.Payload));
            Assert.True(consumer.Acknowledge(buffer[0]));
        }
    }

    /// <summary>A slot on its way from one node to another, as <c>redis-cli --cluster reshard</c> moves them, but that it can be looked at in between.</summary>
    private sealed record Move(string Slot, Node From, Node To, Node[] All)
    {
        /// <summary>All keys are over; the old node still answers for the slot, and asks to ask the new one.</summary>
        public static async Task<Move> BeginAsync(string key)
        {
            string first = ServerContract.AddressOf("SIRSI_TEST_REDIS_CLUSTER");
            string slot = (await AskAsync(first, "CLUSTER", "KEYSLOT", key)).Trim();
            Node[] all = [.. (await AskAsync(first, "CLUSTER", "NODES")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Node.Of)];
            Node from = all.Single(node => node.Has(int.Parse(slot, CultureInfo.InvariantCulture))), to = all.First(node => node != from);
            await AskAsync(to.Address, "CLUSTER", "SETSLOT", slot, "IMPORTING", from.Id);
            await AskAsync(from.Address, "CLUSTER", "SETSLOT", slot, "MIGRATING", to.Id);
            while ((await AskAsync(from.Address, "CLUSTER", "GETKEYSINSLOT", slot, "100")).Split('\n', StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } keys)
                await AskAsync(from.Address, ["MIGRATE", .. to.Address.Split(':'), "", "0", "5000", "KEYS", .. keys]);
            return new Move(slot, from, to, all);
        }

        public async Task EndAsync()
        {
            foreach (Node node in (Node[])[To, From, .. All.Where(node => node != To && node != From)]) await AskAsync(node.Address, "CLUSTER", "SETSLOT", Slot, "NODE", To.Id);
        }

        private static async Task<string> AskAsync(string address, params string[] command)
        {
            (int exitCode, string output, string error) = await ChildProcess.RunAsync("redis-cli", ["-h", address.Split(':')[0], "-p", address.Split(':')[1], "-e", .. command]);
            Assert.True(exitCode == 0, $"{string.Join(' ', command)}: {output}{error}");
            return output;
        }
    }

    /// <summary>A node, as the cluster lists it.</summary>
    private sealed record Node(string Id, string Address, string[] Slots)
    {
        public static Node Of(string line)
        {
            string[] words = line.Trim().Split(' ');
            return new Node(words[0], words[1].Split('@')[0], words[8..]);
        }

        public bool Has(int slot) => Slots.Where(static range => !range.StartsWith('[')).Select(static range => range.Split('-'))
            .Any(range => int.Parse(range[0], CultureInfo.InvariantCulture) <= slot && slot <= int.Parse(range[^1], CultureInfo.InvariantCulture));
    }
}
