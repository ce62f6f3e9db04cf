using Sirsi.Bus.Consuming;
using Sirsi.Bus.Events;

namespace Sirsi.Bus.Tests.Contract;

public abstract partial class BusContract
{
    [Fact]
    public Task Every_group_gets_every_event() => RunAsync(async bus =>
    {
        await using EventConsumer one = await bus.JoinAsync("one");
        await using EventConsumer two = await bus.JoinAsync("two");
        for (int i = 0; i < 10; i++) await bus.PublishAsync($"{i}");
        Assert.Equal((await bus.ReceiveAsync(one, 10)).Select(TextOf).Order(), (await bus.ReceiveAsync(two, 10)).Select(TextOf).Order());
    });

    [Fact]
    public Task A_group_goes_on_where_it_was() => RunAsync(async bus =>
    {
        await bus.ExpectAsync("g");
        for (int i = 0; i < 10; i++) await bus.PublishAsync($"{i}", key: $"{i}");
        await using (EventConsumer consumer = await bus.JoinAsync("g"))
        {
            foreach (Delivery delivery in await bus.ReceiveAsync(consumer, 10))
                if (TextOf(delivery) is not ("3" or "7")) consumer.Acknowledge(delivery);
        }

        await using EventConsumer next = await bus.JoinAsync("g");
        List<Delivery> rest = await bus.ReceiveAsync(next, 2);
        Assert.Equal(["3", "7"], rest.Select(TextOf).Order());
        Assert.All(rest, static delivery => Assert.Equal(2, delivery.Attempt));
        Assert.Equal(2, next.Acknowledge(rest.ToArray()));
        await next.FlushAsync();
        await bus.NothingComesAsync(next);
    });

    [Fact]
    public Task What_waits_for_a_new_member_comes_with_its_first_attempt() => RunAsync(async bus =>
    {
        await Task.WhenAll(Enumerable.Range(0, 12).Select(async number =>
        {
            string group = $"g{number}";
            await bus.ExpectAsync(group, $"task.{group}");
            for (int i = 0; i < 40; i++) await bus.PublishAsync($"{i}", key: $"{i}", subject: $"task.{group}");
            await using EventConsumer consumer = await bus.Bus.JoinAsync(bus.Group(group, $"task.{group}") with { AttemptsMax = 1 });
            Assert.All(await bus.ReceiveAsync(consumer, 40), static delivery => Assert.Equal(1, delivery.Attempt));
        }));
    });

    [Fact]
    public Task A_new_group_can_begin_at_the_end() => RunAsync(async bus =>
    {
        await bus.PublishAsync("before");
        await using EventConsumer consumer = await bus.JoinAsync("g", group => group with { Start = LogStart.End });
        await bus.PublishAsync("after");
        Assert.Equal("after", TextOf(await bus.ReceiveOneAsync(consumer)));
        await bus.NothingComesAsync(consumer);
    });

    [Fact]
    public Task Members_share_the_partitions_and_each_key_stays_with_one() => RunAsync(async bus =>
    {
        await using EventConsumer one = await bus.JoinAsync("g");
        await using EventConsumer two = await bus.JoinAsync("g");
        await SharedAsync(bus, one, two);
        for (int i = 0; i < 200; i++) await bus.PublishAsync($"{i}", key: $"k{i % 40}");
        Dictionary<string, HashSet<int>> owners = [];
        Dictionary<string, int> last = [];
        await ShareOutAsync(bus, [one, two], 200, (member, delivery) =>
        {
            string key = delivery.Event.Key;
            int number = int.Parse(TextOf(delivery), System.Globalization.CultureInfo.InvariantCulture);
            Assert.True(number > last.GetValueOrDefault(key, -1), $"{number} of {key} came after {last.GetValueOrDefault(key)}.");
            last[key] = number;
            (owners.TryGetValue(key, out HashSet<int>? set) ? set : owners[key] = []).Add(member);
        });
        Assert.All(owners.Values, set => Assert.Single(set));
        Assert.Equal(2, owners.Values.SelectMany(set => set).Distinct().Count());
    });

    [Fact]
    public Task What_a_leaving_member_did_not_answer_goes_to_the_others() => RunAsync(async bus =>
    {
        EventConsumer one = await bus.JoinAsync("g");
        for (int i = 0; i < 20; i++) await bus.PublishAsync($"{i}", key: $"{i}");
        List<Delivery> unanswered = await bus.ReceiveAsync(one, 20);
        Assert.Equal(5, one.Acknowledge(unanswered.Take(5).ToArray()));
        string[] answered = [.. unanswered.Take(5).Select(TextOf)];
        string[] left = [.. unanswered.Skip(5).Select(TextOf)];
        await using EventConsumer two = await bus.JoinAsync("g");
        await one.DisposeAsync();
        List<Delivery> taken = await bus.ReceiveAsync(two, 15);
        Assert.Equal(left.Order(), taken.Select(TextOf).Order());
        Assert.Equal(15, two.Acknowledge(taken.ToArray()));
        await bus.NothingComesAsync(two);
        Assert.Equal(5, answered.Length);
    });

    [Fact]
    public Task A_key_in_flight_is_not_handed_to_a_new_member() => RunAsync(async bus =>
    {
        await using EventConsumer one = await bus.JoinAsync("g");
        for (int i = 0; i < 16; i++)
        {
            await bus.PublishAsync($"{i}a", key: $"{i}");
            await bus.PublishAsync($"{i}b", key: $"{i}");
        }

        List<Delivery> heads = await bus.ReceiveAsync(one, 16);
        await using EventConsumer two = await bus.JoinAsync("g");
        await bus.NothingComesAsync(two);
        Assert.Equal(16, one.Acknowledge(heads.ToArray()));
        List<string> rest = [];
        await ShareOutAsync(bus, [one, two], 16, (_, delivery) => rest.Add(TextOf(delivery)));
        Assert.Equal(Enumerable.Range(0, 16).Select(i => $"{i}b").Order(), rest.Order());
        await SharedAsync(bus, one, two);
    });

    [Fact]
    public Task The_lag_counts_what_is_not_done() => RunAsync(async bus =>
    {
        LogName log = new(bus.Scope, "task");
        Assert.Null(await bus.Bus.StatusAsync(log, "g"));
        await using EventConsumer consumer = await bus.JoinAsync("g");
        for (int i = 0; i < 7; i++) await bus.PublishAsync($"{i}", key: $"{i}");
        List<Delivery> received = await bus.ReceiveAsync(consumer, 7);
        Assert.Equal(7, (await bus.Bus.StatusAsync(log, "g"))!.Lag);
        consumer.Acknowledge(received.Skip(2).ToArray());
        await consumer.FlushAsync();
        Assert.Equal(2, (await bus.Bus.StatusAsync(log, "g"))!.Lag);
        consumer.Acknowledge(received.Take(2).ToArray());
        await consumer.FlushAsync();
        Assert.Equal(0, (await bus.Bus.StatusAsync(log, "g"))!.Lag);
    });

    [Fact]
    public Task Another_tenant_sees_nothing() => RunAsync(async bus =>
    {
        var other = new TopicScope(bus.Scope.Tenant + "x", bus.Scope.Project);
        var otherProject = new TopicScope(bus.Scope.Tenant, bus.Scope.Project + "x");
        await using EventConsumer tenant = await bus.Bus.JoinAsync(new GroupOptions { Name = "g", Filter = new EventFilter(other, "task.>") });
        await using EventConsumer project = await bus.Bus.JoinAsync(new GroupOptions { Name = "g", Filter = new EventFilter(otherProject, "task.>") });
        await bus.PublishAsync("secret");
        await bus.NothingComesAsync(tenant);
        await bus.NothingComesAsync(project, TimeSpan.FromMilliseconds(50));
    });

    /// <summary>Lets members receive and acknowledge until so many events came to them together; each waits for what comes to it, and <paramref name="take"/> is called by one at a time.</summary>
    private static async Task ShareOutAsync(TestBus bus, EventConsumer[] members, int count, Action<int, Delivery> take)
    {
        using var end = new CancellationTokenSource();
        using var patience = new CancellationTokenSource(Patience, bus.Environment.Time);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(end.Token, patience.Token);
        var taking = new Lock();
        int left = count;
        await Task.WhenAll(members.Select((_, member) => bus.Environment.Executor.RunAsync(() => ReceiveAsync(member))));
        Assert.True(left == 0, $"{left} of {count} events did not come.");

        async Task ReceiveAsync(int member)
        {
            var buffer = new Delivery[64];
            while (left > 0)
            {
                int some;
                try
                {
                    some = await members[member].ReceiveAsync(buffer, waiting.Token);
                }
                catch (OperationCanceledException)
                {
                    return;
                }

                Take(member, buffer.AsSpan(0, some));
            }
        }

        void Take(int member, Span<Delivery> deliveries)
        {
            lock (taking)
            {
                foreach (Delivery delivery in deliveries) take(member, delivery);
                left -= deliveries.Length;
                members[member].Acknowledge(deliveries);
                if (left == 0) end.Cancel();
            }
        }
    }

    /// <summary>Waits until both members own partitions: something published to each partition comes to both.</summary>
    private static async Task SharedAsync(TestBus bus, EventConsumer one, EventConsumer two)
    {
        var buffer = new Delivery[64];
        bool[] has = new bool[2];
        using var patience = new CancellationTokenSource(Patience, bus.Environment.Time);
        while (!(has[0] && has[1]))
        {
            Assert.False(patience.IsCancellationRequested, "The members do not share the partitions.");
            for (int i = 0; i < 16; i++) await bus.PublishAsync("probe", key: $"probe{i}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), bus.Environment.Time);
            for (int m = 0; m < 2; m++)
            {
                EventConsumer member = m == 0 ? one : two;
                for (int some; (some = member.TryReceive(buffer)) > 0;)
                {
                    has[m] = true;
                    member.Acknowledge(buffer.AsSpan(0, some));
                }
            }
        }

        for (int quiet = 0; quiet < 5;)
        {
            Assert.False(patience.IsCancellationRequested, "The probes do not end.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), bus.Environment.Time);
            int some = one.TryReceive(buffer);
            one.Acknowledge(buffer.AsSpan(0, some));
            int more = two.TryReceive(buffer);
            two.Acknowledge(buffer.AsSpan(0, more));
            quiet = some + more == 0 && one.Statistics.Waiting + two.Statistics.Waiting == 0 ? quiet + 1 : 0;
        }
    }
}
