using System.Runtime.InteropServices;

namespace Sirsi.Bus.Leases;

/// <summary>Which cell of a log: the roster of a group, or the record of one of its partitions.</summary>
/// <param name="Group">The group.</param>
/// <param name="Partition">The partition, from 0; <see cref="Roster"/> for the group's roster.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CellName(string Group, int Partition)
{
    public const int Roster = -1;
}

/// <summary>What a cell holds.</summary>
/// <param name="Revision">Changes with every write; 0 when there is no such cell.</param>
/// <param name="Value">Its bytes.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Cell(long Revision, ReadOnlyMemory<byte> Value)
{
    public bool Exists => Revision != 0;
}

/// <summary>
/// Small values that a server keeps and changes only for whom knows what they are: all that sharing a group between processes needs. Every call ends within
/// the driver's time-out. Safe for any number of threads.
/// </summary>
internal abstract class CellStore
{
    /// <summary>Reads a cell as it is now.</summary>
    /// <exception cref="BusException">The server fails.</exception>
    public abstract ValueTask<Cell> ReadAsync(CellName name, CancellationToken cancellation);

    /// <summary>
    /// Writes a cell if its revision is still <paramref name="revision"/> (0: if there is none). Gives the new revision, or 0 when it was another: nothing is written then.
    /// </summary>
    /// <exception cref="BusException">The server fails: it may or may not be written.</exception>
    public abstract ValueTask<long> WriteAsync(CellName name, ReadOnlyMemory<byte> value, long revision, CancellationToken cancellation);
}
