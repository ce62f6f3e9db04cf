namespace Sirsi.Bus.Leases;

/// <summary>How long a member of a group may be silent. Shared by drivers whose servers know nothing of partitions.</summary>
/// <param name="Lease">After so long without a beat a member counts as gone, and others take its partitions.</param>
internal sealed record LeaseOptions(TimeSpan Lease)
{
    public static readonly TimeSpan LeaseMin = TimeSpan.FromMilliseconds(500);
    public static readonly TimeSpan LeaseMax = TimeSpan.FromHours(1);

    /// <summary>How often a member beats.</summary>
    public TimeSpan Beat => Lease / 4;

    /// <summary>After so long without a beat a member gives up by itself, before others count it as gone.</summary>
    public TimeSpan OwnLimit => Lease * 3 / 4;

    /// <exception cref="ArgumentOutOfRangeException">It is out of its range.</exception>
    public static void Validate(TimeSpan lease, string name)
    {
        if (lease < LeaseMin || lease > LeaseMax) throw new ArgumentOutOfRangeException(name, lease, "It is 500 ms to 1 hour.");
    }
}
