namespace Sirsi.Hypervisor.Agents;

/// <summary>What one agent begins with.</summary>
public sealed record SpawnOptions
{
    /// <summary>Nothing of its own.</summary>
    public static SpawnOptions Default { get; } = new();

    /// <summary>Variables it begins with.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? Variables { get; init; }
}
