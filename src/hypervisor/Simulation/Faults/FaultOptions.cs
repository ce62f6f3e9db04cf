namespace Sirsi.Simulation.Faults;

/// <summary>What may go wrong in a simulated run, and how often; whether and when it does comes from the run's seed.</summary>
public sealed record FaultOptions
{
    /// <summary>Nothing goes wrong.</summary>
    public static FaultOptions None { get; } = new()
    {
        CrashesMax = 0,
        DiskErrors = 0,
        FlushMax = TimeSpan.Zero,
        BusErrors = 0,
        BusDelayMax = TimeSpan.Zero,
        OutsideErrors = 0,
        OutsideDelayMax = TimeSpan.Zero,
        ClockJumpsMax = 0,
    };

    /// <summary>How often the process ends, at most: killed, with the machine's power, or stopped in order, between any two steps. Default 4.</summary>
    public int CrashesMax { get; init; } = 4;

    /// <summary>How long the process is away after it ended, at most; default 5 min.</summary>
    public TimeSpan DownMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How likely a write to a file, or a flush, fails, 0 to 1; default 0.001.</summary>
    public double DiskErrors { get; init; } = 0.001;

    /// <summary>How long a flush takes, at most; default 20 ms.</summary>
    public TimeSpan FlushMax { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>How likely the bus refuses an event, or takes it and does not say so, each, 0 to 1; default 0.05.</summary>
    public double BusErrors { get; init; } = 0.05;

    /// <summary>How long an event is on its way to the bus, at most; default 200 ms.</summary>
    public TimeSpan BusDelayMax { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How likely the outside world (<see cref="OutsideWorld"/>) refuses what it is asked for, or does it and does not say so, each, 0 to 1; default 0.05.</summary>
    public double OutsideErrors { get; init; } = 0.05;

    /// <summary>How long the outside world takes, at most; default 2 s.</summary>
    public TimeSpan OutsideDelayMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often the clock jumps, at most; default 2.</summary>
    public int ClockJumpsMax { get; init; } = 2;

    /// <summary>How far the clock jumps, forth or back, at most; default 10 min.</summary>
    public TimeSpan ClockJumpMax { get; init; } = TimeSpan.FromMinutes(10);
}
