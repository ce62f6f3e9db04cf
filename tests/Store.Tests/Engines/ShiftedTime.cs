namespace Sirsi.Store.Tests.Engines;

/// <summary>The machine's clock and timers, but the hands can be moved forward.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    private TimeSpan _shift;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _shift;

    public void Advance(TimeSpan span) => _shift += span;
}
