using System.Globalization;
using System.Text;
using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Bus.Publishing;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Consuming;

/// <summary>
/// A group at work in simulated time, from a seed: publishers, members that come and go, answers good, bad, late and none. Fails at the first event that breaks a promise.
/// </summary>
internal sealed class GroupSimulation(int seed, Func<HostEnvironment, BusDriver> createDriver)
{
    private const int Events = 120;
    private const int Keys = 9;
    private const int AttemptsMax = 50;

    private static readonly TopicScope Scope = new("tenant", "project");

    private readonly Random _random = new(seed);
    private readonly Dictionary<string, int> _acknowledged = [];
    private readonly Dictionary<string, (int Number, TimeSpan Until)> _inFlight = [];
    private readonly HashSet<string> _done = [];
    private readonly TimeSpan _timeout = TimeSpan.FromSeconds(2);
    private HostEnvironment _environment = null!;
    private bool _published;

    public int Redeliveries { get; private set; }

    public void Run()
    {
        var host = new DeterministicHost(seed, StepOrder.Seeded);
        _environment = host.Environment;
        host.Run(async () =>
        {
            var options = new BusOptions { Log = new LogOptions { Partitions = _random.Next(1, 6) } };
            await using var bus = new EventBus(createDriver(_environment), options, _environment);
            Task publishing = _environment.Executor.RunAsync(() => PublishAsync(bus));
            Task[] members = [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => _environment.Executor.RunAsync(() => WorkAsync(bus)))];
            await publishing;
            await Task.WhenAll(members);
            Assert.Equal(Events, _done.Count);
            GroupStatus? status = await bus.StatusAsync(new LogName(Scope, "work"), "g");
            Assert.Equal((0L, 0), (status!.Lag, status.Members));
        });
    }

    private TimeSpan Now => _environment.Time.GetElapsedTime(0);

    private async Task PublishAsync(EventBus bus)
    {
        for (int i = 0; i < Events; i++)
        {
            int key = _random.Next(Keys);
            await bus.PublishAsync(new EventMessage
            {
                Scope = Scope,
                Subject = _random.Next(2) == 0 ? "work.a" : "work.b.c",
                // Key 0 stands for none.
                Key = key == 0 ? "" : $"k{key}",
                Priority = (EventPriority)_random.Next(4),
                Payload = Encoding.UTF8.GetBytes($"{i}"),
            });
            if (_random.Next(4) == 0) await PauseAsync(500);
        }

        _published = true;
    }

    /// <summary>A worker that joins, works for a while, leaves with or without answering, and joins again until all is done.</summary>
    private async Task WorkAsync(EventBus bus)
    {
        while (_done.Count < Events)
        {
            var group = new GroupOptions
            {
                Name = "g",
                Filter = new EventFilter(Scope, "work.>"),
                VisibilityTimeout = _timeout,
                AttemptsMax = AttemptsMax,
                InFlightMax = _random.Next(1, 20),
                Window = _random.Next(16, 64),
            };
            await using EventConsumer consumer = await bus.JoinAsync(group);
            var buffer = new Delivery[_random.Next(1, 8)];
            HashSet<string> mine = [];
            for (int rounds = _random.Next(1, 60); rounds > 0 && _done.Count < Events; rounds--)
            {
                int count = consumer.TryReceive(buffer);
                (string Text, string Key)[] received = [.. buffer.Take(count).Select(delivery => Receive(delivery, mine))];
                for (int i = 0; i < count; i++) await AnswerAsync(consumer, buffer[i], received[i].Text, received[i].Key, mine);
                await PauseAsync(100);
            }

            // What this member did not answer is no longer in flight: whoever comes next may have it.
            foreach (string id in mine) _inFlight.Remove(id);
            if (_published && _random.Next(3) == 0) await PauseAsync(2_000);
        }
    }

    private (string Text, string Key) Receive(Delivery delivery, HashSet<string> mine)
    {
        string text = Encoding.UTF8.GetString(delivery.Event.Payload), key = delivery.Event.Key;
        int number = int.Parse(text, CultureInfo.InvariantCulture);
        Assert.DoesNotContain(text, _done);
        if (delivery.Attempt > 1) Redeliveries++;
        string lane = key.Length == 0 ? $"#{text}" : key;
        if (_inFlight.TryGetValue(lane, out (int Number, TimeSpan Until) other))
            Assert.True(Now >= other.Until, $"seed {seed}: {text} of {key} came while {other.Number} was in flight.");
        if (key.Length > 0) Assert.True(number > _acknowledged.GetValueOrDefault(key, -1), $"seed {seed}: {text} of {key} came after {_acknowledged.GetValueOrDefault(key, -1)} was done.");
        _inFlight[lane] = (number, Now + _timeout);
        mine.Add(lane);
        return (text, key);
    }

    private async Task AnswerAsync(EventConsumer consumer, Delivery delivery, string text, string key, HashSet<string> mine)
    {
        string lane = key.Length == 0 ? $"#{text}" : key;
        switch (_random.Next(10))
        {
            case 0:
                if (consumer.Reject(delivery, TimeSpan.FromMilliseconds(_random.Next(300)))) _inFlight.Remove(lane);
                break;
            case 1:
                break;
            case 2:
                await Task.Delay(_timeout * 1.5, _environment.Time);
                goto default;
            default:
                if (!consumer.Acknowledge(delivery)) break;
                Assert.True(_done.Add(text), $"seed {seed}: {text} was done twice.");
                if (key.Length > 0) _acknowledged[key] = int.Parse(text, CultureInfo.InvariantCulture);
                _inFlight.Remove(lane);
                mine.Remove(lane);
                break;
        }
    }

    private Task PauseAsync(int millisecondsMax) => Task.Delay(TimeSpan.FromMilliseconds(_random.Next(1, millisecondsMax)), _environment.Time);
}
