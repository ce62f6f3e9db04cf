using Sirsi.Bus.Local;

namespace Sirsi.Bus.Tests.Local;

public sealed class PartitionCursorTests
{
    /// <summary>Hands out, settles out of order, passes over, rewinds and restores, beside a plain model of what is done.</summary>
    [Fact]
    public void It_knows_what_is_done_whatever_the_order() => Check.That(20_261_126, 150, random =>
    {
        var cursor = new PartitionCursor(floor: 0);
        HashSet<long> done = [];
        List<long> inFlight = [];
        Dictionary<long, int> attempts = [];
        for (int step = 0; step < 400; step++)
        {
            long next = cursor.Next;
            switch (random.Next(10))
            {
                case < 4:
                    if (IsUnwanted(next))
                    {
                        cursor.Pass(next);
                        done.Add(next);
                    }
                    else if (cursor.WasSettled(next))
                    {
                        Assert.Contains(next, done);
                        cursor.Pass(next);
                    }
                    else
                    {
                        Assert.DoesNotContain(next, done);
                        Assert.Equal(attempts.GetValueOrDefault(next), cursor.DeliveriesOf(next));
                        cursor.HandOut(next, cursor.DeliveriesOf(next));
                        inFlight.Add(next);
                    }

                    break;
                case < 8 when inFlight.Count > 0:
                    long settled = inFlight[random.Next(inFlight.Count)];
                    inFlight.Remove(settled);
                    attempts.Remove(settled);
                    done.Add(settled);
                    cursor.Settle(settled);
                    cursor.Settle(settled);
                    break;
                case 8 when inFlight.Count > 0:
                    long delivered = inFlight[random.Next(inFlight.Count)];
                    attempts[delivered] = random.Next(1, 5);
                    cursor.Deliver(delivered, attempts[delivered]);
                    break;
                case 9 when random.Next(4) == 0:
                    cursor.Rewind();
                    inFlight.Clear();
                    break;
                case 9 when random.Next(4) == 0:
                    var restored = new PartitionCursor(cursor.Floor);
                    restored.Restore(cursor.Floor, cursor.SettledBehindFloor(), cursor.DeliveriesOfUnsettled());
                    cursor = restored;
                    inFlight.Clear();
                    break;
            }

            Assert.Equal(inFlight.Count, cursor.Unsettled);
            long floor = 0;
            while (done.Contains(floor)) floor++;
            Assert.InRange(cursor.Floor, 0, floor);
            for (long position = 0; position < cursor.Next; position++) Assert.Equal(done.Contains(position), cursor.IsDone(position) || IsUnwanted(position));
        }
    });

    private static bool IsUnwanted(long position) => position % 5 == 3;
}
