namespace Sirsi.Hypervisor.Contexts;

/// <summary>A key of a session's context as one write left it. Immutable.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The bytes, not to be changed by anybody; empty when the key was deleted.</param>
/// <param name="Version">1 when the key was made, and one more with each write; 0 when it was deleted.</param>
/// <param name="Revision">Which write of the session it was, from 1, without gaps; 0 for one of a turn that is still under way.</param>
/// <param name="At">When it was written.</param>
/// <param name="By">The agent whose turn wrote it; empty for somebody outside.</param>
public sealed record ContextEntry(string Key, ReadOnlyMemory<byte> Value, long Version, long Revision, DateTimeOffset At, AgentId By)
{
    /// <summary>Whether the write deleted the key.</summary>
    public bool IsDeleted => Version == 0;

    /// <summary>What a key and its value count for, in bytes.</summary>
    internal static long BytesOf(string key, int length) => key.Length + length;

    /// <summary>What it counts for.</summary>
    internal long Bytes => BytesOf(Key, Value.Length);

    /// <summary>What it takes in memory, about.</summary>
    internal long Weight => Bytes + WeightOfAnother;

    private const int WeightOfAnother = 128;
}
