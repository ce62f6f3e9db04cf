namespace Sirsi.Hypervisor.Agents;

/// <summary>The place of a type's name: the type that agents of it are to have now, and how many there are. Thread-safe.</summary>
internal sealed class AgentTypeSlot(AgentType type)
{
    private Occupant _occupant = new(type, null);
    private int _agentCount;

    /// <summary>Why nobody can handle anything here: the type was not registered when the host was opened; null when it was.</summary>
    public string? Absence { get; init; }

    /// <summary>A type in the place.</summary>
    /// <param name="Type">The type.</param>
    /// <param name="Before">What takes its place again when it fails; null when nothing does.</param>
    public sealed record Occupant(AgentType Type, AgentType? Before);

    public Occupant Now => Volatile.Read(ref _occupant);

    public AgentType Current => Now.Type;

    /// <summary>Whether the type put into the place last failed on probation.</summary>
    public bool HasRolledBack { get; private set; }

    /// <inheritdoc cref="AgentTypes.Replace"/>
    public void Replace(AgentType newer)
    {
        Occupant now;
        do
        {
            now = Now;
            if (newer.Durability != now.Type.Durability)
                throw new ArgumentException($"Agents of '{newer.Name}' are {now.Type.Durability.ToString().ToLowerInvariant()}, and one that takes their type's place is so too.", nameof(newer));
            if (newer.StateVersion < now.Type.StateVersion)
                throw new ArgumentException($"The variables of '{newer.Name}' have form {now.Type.StateVersion} already; none goes back to {newer.StateVersion}.", nameof(newer));
        }
        while (Interlocked.CompareExchange(ref _occupant, new Occupant(newer, newer.ProbationTurns > 0 ? now.Type : null), now) != now);
        HasRolledBack = false;
    }

    /// <summary>Puts back what was before <paramref name="failed"/>; false when that is no longer in the place.</summary>
    public bool TryRollBack(AgentType failed)
    {
        Occupant now = Now;
        if (!ReferenceEquals(now.Type, failed) || now.Before is not { } before || Interlocked.CompareExchange(ref _occupant, new Occupant(before, null), now) != now) return false;
        HasRolledBack = true;
        return true;
    }

    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.QuotaExceeded"/>: there are as many as the type allows.</exception>
    public void TakePlace()
    {
        int most = Current.AgentsMax;
        if (Interlocked.Increment(ref _agentCount) <= most) return;
        Interlocked.Decrement(ref _agentCount);
        throw new HypervisorException(HypervisorErrors.QuotaExceeded, $"There are {most} agents of '{Current.Name}', which is as many as the type allows.");
    }

    /// <summary>One that comes back with its host has its place, however many there are.</summary>
    public void KeepPlace() => Interlocked.Increment(ref _agentCount);

    public void GiveUpPlace() => Interlocked.Decrement(ref _agentCount);
}
