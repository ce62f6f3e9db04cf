namespace Sirsi.Simulation.Faults;

/// <summary>The dice that faults are drawn with: a stream of their own, so that what a scenario draws does not move them. When it is calm nothing happens any more.</summary>
internal sealed class Weather(FaultOptions faults, int seed)
{
    private readonly Random _dice = new(seed);

    public FaultOptions Faults => faults;

    public bool IsCalm { get; set; } = true;

    public bool Happens(double probability) => !IsCalm && probability > 0 && _dice.NextDouble() < probability;

    /// <summary>A span of time up to <paramref name="most"/>, short ones as likely as long ones; zero when it is calm, and once in four times.</summary>
    public TimeSpan UpTo(TimeSpan most) => IsCalm || most <= TimeSpan.Zero || _dice.Next(4) == 0 ? TimeSpan.Zero : TimeSpan.FromTicks((long)Math.Pow(most.Ticks, _dice.NextDouble()));

    /// <summary>A number up to <paramref name="most"/>, small ones as likely as large ones.</summary>
    public int Spread(int most) => (int)Math.Pow(most, _dice.NextDouble());

    public int Next(int below) => _dice.Next(below);

    public Random Dice => _dice;
}
