using System.Buffers;
using System.Runtime.InteropServices;

namespace Sirsi.Bus.Leases;

/// <summary>A member in its group's roster.</summary>
/// <param name="Id">Who.</param>
/// <param name="Beat">Grows as long as it lives.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RosterEntry(Guid Id, long Beat);

/// <summary>
/// The members of a group, and which partition each is to have. It is one cell, so all members see one division. Immutable.
/// </summary>
/// <param name="Members">In the order in which they came.</param>
/// <param name="Targets">The member each partition is for; empty for none.</param>
internal sealed record Roster(IReadOnlyList<RosterEntry> Members, IReadOnlyList<Guid> Targets)
{
    private const int Format = 1;

    public bool Has(Guid member) => Members.Any(entry => entry.Id == member);

    public Roster WithBeat(Guid member) =>
        this with { Members = [.. Members.Select(entry => entry.Id == member ? entry with { Beat = entry.Beat + 1 } : entry)] };

    /// <summary>With one more member, and its share.</summary>
    public Roster With(Guid member) => new Roster([.. Members, new RosterEntry(member, 1)], Targets).Dealt();

    /// <summary>Without members, whose partitions go to the others.</summary>
    public Roster Without(Predicate<RosterEntry> gone) => new Roster([.. Members.Where(entry => !gone(entry))], Targets).Dealt();

    public ReadOnlyMemory<byte> Encode()
    {
        var bytes = new ArrayBufferWriter<byte>(8 + (20 * Members.Count) + (2 * Targets.Count));
        var writer = new VarintWriter(bytes);
        writer.Number(Format);
        writer.Number(Members.Count);
        foreach (RosterEntry entry in Members)
        {
            writer.Id(entry.Id);
            writer.Number(entry.Beat);
        }

        writer.Number(Targets.Count);
        foreach (Guid target in Targets) writer.Number(1 + IndexOf(target));
        return bytes.WrittenMemory;
    }

    /// <exception cref="BusException">The bytes are no roster.</exception>
    public static Roster Decode(in Cell cell, int partitions)
    {
        if (!cell.Exists) return new Roster([], new Guid[partitions]);
        var reader = new VarintReader(cell.Value.Span);
        bool isKnown = reader.Number() == Format;
        var members = new RosterEntry[reader.Count(bytesMin: 17)];
        for (int i = 0; i < members.Length; i++) members[i] = new RosterEntry(reader.Id(), reader.Number());
        var targets = new Guid[reader.Count(bytesMin: 1)];
        for (int i = 0; i < targets.Length; i++)
        {
            long index = reader.Number();
            if (index > 0 && index <= members.Length) targets[i] = members[index - 1].Id;
        }

        if (!isKnown || reader.IsBroken || targets.Length != partitions)
            throw new BusException(BusErrors.GroupRecordBroken, "What the server keeps of a group's members is not what this version writes.");
        return new Roster(members, targets);
    }

    /// <summary>Each member gets as many partitions as any other, give or take one; as few as can be change hands.</summary>
    private Roster Dealt()
    {
        if (Members.Count == 0) return this with { Targets = new Guid[Targets.Count] };
        int[] shares = new int[Members.Count];
        int[] owners = [.. Targets.Select(IndexOf)];
        foreach (int owner in owners)
            if (owner >= 0) shares[owner]++;
        for (int partition = 0; partition < owners.Length; partition++)
        {
            if (owners[partition] >= 0) continue;
            owners[partition] = Array.IndexOf(shares, shares.Min());
            shares[owners[partition]]++;
        }

        while (shares.Max() - shares.Min() > 1)
        {
            int from = Array.IndexOf(shares, shares.Max()), to = Array.IndexOf(shares, shares.Min());
            owners[Array.LastIndexOf(owners, from)] = to;
            shares[from]--;
            shares[to]++;
        }

        return this with { Targets = [.. owners.Select(owner => Members[owner].Id)] };
    }

    private int IndexOf(Guid member)
    {
        for (int i = 0; i < Members.Count; i++)
            if (Members[i].Id == member) return i;
        return -1;
    }
}
