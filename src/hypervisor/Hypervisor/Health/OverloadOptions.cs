namespace Sirsi.Hypervisor.Health;

/// <summary>When a host sheds load: sessions, agents and messages from outside are refused, while what its agents do goes on.</summary>
public sealed record OverloadOptions
{
    /// <summary>How late the executor, or the threads of guests, may come to what waits for them; above it the host sheds load until it is half of that. Default 2 s.</summary>
    public TimeSpan LagMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How scarce memory may become (<see cref="AgentHostOptions.MemoryPressure"/>), 0 to 1; above it the host sheds load. Default 0.97.</summary>
    public double MemoryMax { get; init; } = 0.97;

    /// <summary>How often that is looked at, while work comes from outside; default 250 ms.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Every broken rule, in words for the one who wrote the options; empty when they are valid.</summary>
    public IEnumerable<string> Problems()
    {
        if (LagMax < TimeSpan.FromMilliseconds(10) || LagMax > TimeSpan.FromHours(1)) yield return $"LagMax is {LagMax}; it must be 10 ms to an hour.";
        if (!(MemoryMax is > 0 and <= 1)) yield return $"MemoryMax is {MemoryMax}; it must be above 0 and at most 1.";
        if (Period < TimeSpan.FromMilliseconds(1) || Period > TimeSpan.FromMinutes(1)) yield return $"Period is {Period}; it must be 1 ms to a minute.";
    }
}
