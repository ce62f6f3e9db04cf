using Sirsi.Bus.Drivers;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Drivers;

/// <summary>What a member that waits hears of a server that goes and comes back.</summary>
public class OutageStateTests
{
    private readonly Outage _outage = new(new Signal(HostEnvironment.Production.Executor));

    private static BusException Problem(string text) => new(BusErrors.Unavailable, text);

    [Fact]
    public void It_is_heard_of_once_however_often_it_is_found()
    {
        _outage.Begin(Problem("first"));
        _outage.Begin(Problem("second"));
        Assert.Equal("first", Assert.Throws<BusException>(() => _outage.HasEnded()).Message);
        _outage.Begin(Problem("third"));
        Assert.False(_outage.HasEnded());
    }

    [Fact]
    public void Its_end_is_heard_of_once()
    {
        _outage.Begin(Problem("away"));
        Assert.Throws<BusException>(() => _outage.HasEnded());
        _outage.End();
        _outage.End();
        Assert.True(_outage.HasEnded());
        Assert.False(_outage.HasEnded());
    }

    [Fact]
    public void One_that_is_over_before_anybody_asked_is_not_heard_of()
    {
        _outage.Begin(Problem("away"));
        _outage.End();
        Assert.False(_outage.HasEnded());
    }

    [Fact]
    public void Who_found_out_by_himself_hears_of_its_end_only()
    {
        _outage.Hear(Problem("found"));
        Assert.False(_outage.HasEnded());
        _outage.Begin(Problem("found by the keeper too"));
        Assert.False(_outage.HasEnded());
        _outage.End();
        Assert.True(_outage.HasEnded());
        Assert.False(_outage.HasEnded());
    }

    [Fact]
    public void An_end_that_nobody_heard_of_is_none_when_the_next_one_has_begun()
    {
        _outage.Begin(Problem("first"));
        Assert.Throws<BusException>(() => _outage.HasEnded());
        _outage.End();
        _outage.Begin(Problem("second"));
        Assert.Equal("second", Assert.Throws<BusException>(() => _outage.HasEnded()).Message);
        Assert.False(_outage.HasEnded());
    }
}
