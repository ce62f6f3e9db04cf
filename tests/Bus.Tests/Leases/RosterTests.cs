using Sirsi.Bus.Leases;

namespace Sirsi.Bus.Tests.Leases;

public class RosterTests
{
    [Fact]
    public void Members_come_and_go_and_always_share_evenly_and_only_so_many_partitions_move_as_must()
    {
        Check.That(43, 300, random =>
        {
            int partitions = random.Next(1, 33);
            var roster = Roster.Decode(default, partitions);
            List<Guid> members = [];
            for (int step = 0; step < 30; step++)
            {
                IReadOnlyList<Guid> before = roster.Targets;
                if (members.Count == 0 || random.Next(2) == 0)
                {
                    members.Add(Guid.NewGuid());
                    roster = roster.With(members[^1]);
                    int fair = partitions / members.Count;
                    Assert.True(members.Count == 1 || Moved(before, roster.Targets) <= fair + 1, "More moved than the newcomer's share.");
                }
                else
                {
                    Guid gone = members[random.Next(members.Count)];
                    int had = before.Count(target => target == gone);
                    members.Remove(gone);
                    roster = roster.Without(entry => entry.Id == gone);
                    Assert.True(members.Count == 0 || Moved(before, roster.Targets) <= had + 1, "More moved than the leaver had.");
                }

                IEnumerable<int> shares = members.Select(member => roster.Targets.Count(target => target == member));
                Assert.True(members.Count == 0 || shares.Max() - shares.Min() <= 1, "The shares are uneven.");
                Assert.Equal(members.Count == 0 ? 0 : partitions, roster.Targets.Count(target => target != Guid.Empty));
            }
        });
    }

    [Fact]
    public void What_is_written_reads_the_same()
    {
        Roster roster = Roster.Decode(default, 5).With(Guid.NewGuid()).With(Guid.NewGuid()).With(Guid.NewGuid());
        roster = roster.WithBeat(roster.Members[1].Id);
        var read = Roster.Decode(new Cell(1, roster.Encode()), 5);
        Assert.Equal(roster.Members, read.Members);
        Assert.Equal(roster.Targets, read.Targets);
    }

    [Fact]
    public void Bytes_that_are_no_roster_are_told_and_cost_no_memory()
    {
        byte[] huge = [1, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F];
        Assert.Equal(BusErrors.GroupRecordBroken, Assert.Throws<BusException>(() => Roster.Decode(new Cell(1, huge), 5)).Code);
        Assert.Throws<BusException>(() => Roster.Decode(new Cell(1, new byte[] { 9, 0, 0 }), 5));
        Assert.Throws<BusException>(() => Roster.Decode(new Cell(1, Roster.Decode(default, 4).With(Guid.NewGuid()).Encode()), 5));
    }

    private static int Moved(IReadOnlyList<Guid> before, IReadOnlyList<Guid> after) => before.Zip(after).Count(static pair => pair.First != pair.Second);
}
