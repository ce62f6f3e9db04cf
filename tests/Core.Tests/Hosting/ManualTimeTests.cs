using Sirsi.Core.Hosting;

namespace Sirsi.Core.Tests.Hosting;

public sealed class ManualTimeTests
{
    private readonly ManualTime _time = new();
    private readonly List<string> _fired = [];

    [Fact]
    public void A_timer_fires_at_its_exact_due_instant()
    {
        DateTimeOffset start = _time.GetUtcNow();
        DateTimeOffset seen = default;
        using ITimer timer = _time.CreateTimer(_ => seen = _time.GetUtcNow(), null, TimeSpan.FromMilliseconds(7), Timeout.InfiniteTimeSpan);

        _time.Advance(TimeSpan.FromMilliseconds(7) - TimeSpan.FromTicks(1));
        Assert.Equal(default, seen);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(start + TimeSpan.FromMilliseconds(7), seen);
        Assert.Equal(start + TimeSpan.FromHours(1) + TimeSpan.FromMilliseconds(7) - TimeSpan.FromTicks(1), _time.GetUtcNow());
    }

    [Fact]
    public void Timers_fire_in_the_order_of_their_instants_and_then_of_arming()
    {
        using ITimer c = Timer("c", 30);
        using ITimer a = Timer("a", 10);
        using ITimer b1 = Timer("b1", 20);
        using ITimer b2 = Timer("b2", 20);
        _time.Advance(TimeSpan.FromMilliseconds(30));
        Assert.Equal(["a", "b1", "b2", "c"], _fired);
    }

    [Fact]
    public void A_periodic_timer_fires_at_every_period()
    {
        using ITimer timer = _time.CreateTimer(_ => _fired.Add($"{_time.GetUtcNow():ss}"), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(["01", "03", "05"], _fired);
    }

    [Fact]
    public void A_timer_armed_by_a_callback_fires_within_the_same_advance()
    {
        ITimer? second = null;
        using ITimer first = _time.CreateTimer(_ => second = Timer("second", 5), null, TimeSpan.FromMilliseconds(5), Timeout.InfiniteTimeSpan);
        _time.Advance(TimeSpan.FromMilliseconds(10));
        second!.Dispose();
        Assert.Equal(["second"], _fired);
    }

    [Fact]
    public void A_timer_due_at_once_fires_at_the_next_advance_even_of_zero()
    {
        using ITimer timer = Timer("now", 0);
        Assert.Empty(_fired);
        _time.Advance(TimeSpan.Zero);
        Assert.Equal(["now"], _fired);
    }

    [Fact]
    public void A_disposed_or_disarmed_timer_does_not_fire()
    {
        ITimer disposed = Timer("disposed", 1);
        using ITimer disarmed = Timer("disarmed", 1);
        disposed.Dispose();
        disarmed.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(_fired);
        Assert.Null(_time.NextDue);
        Assert.False(disposed.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan));
    }

    [Fact]
    public void Time_does_not_go_back() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _time.Advance(TimeSpan.FromTicks(-1)));

    [Fact]
    public void A_callback_cannot_advance_the_clock()
    {
        using ITimer timer = _time.CreateTimer(_ => _time.Advance(TimeSpan.Zero), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        Assert.Throws<InvalidOperationException>(() => _time.Advance(TimeSpan.Zero));
    }

    [Fact]
    public void The_framework_delays_and_cancels_by_it()
    {
        Task delay = Task.Delay(TimeSpan.FromSeconds(5), _time);
        using var source = new CancellationTokenSource(TimeSpan.FromSeconds(6), _time);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.True(delay.IsCompletedSuccessfully);
        Assert.False(source.IsCancellationRequested);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(source.IsCancellationRequested);
    }

    [Fact]
    public void Timers_always_fire_sorted_by_instant_then_arming() => Check.That(seed: 1, runs: 200, random =>
    {
        var time = new ManualTime();
        var fired = new List<(long Due, int Order)>();
        var expected = new List<(long Due, int Order)>();
        for (int i = 0; i < 40; i++)
        {
            int order = i;
            long due = random.Next(20);
            expected.Add((due, order));
            _ = time.CreateTimer(_ => fired.Add((due, order)), null, TimeSpan.FromTicks(due), Timeout.InfiniteTimeSpan);
        }

        while (time.NextDue is not null) time.Advance(TimeSpan.FromTicks(random.Next(5)));
        Assert.Equal(expected.Order(), fired);
    });

    private ITimer Timer(string name, int milliseconds) =>
        _time.CreateTimer(_ => _fired.Add(name), null, TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
}
