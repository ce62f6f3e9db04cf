using Sirsi.Bus.Leases;
using Sirsi.Bus.Local;

namespace Sirsi.Bus.Tests.Leases;

public class PartitionRecordTests
{
    [Fact]
    public void Whatever_a_member_did_its_successor_gets_just_the_rest_with_the_attempts()
    {
        Check.That(44, 500, random =>
        {
            var cursor = new PartitionCursor(random.Next(1_000));
            long position = cursor.Next;
            Dictionary<long, int> open = [];
            for (int step = 0; step < 200; step++)
            {
                switch (random.Next(4))
                {
                    case 0:
                        cursor.HandOut(position, deliveries: 0);
                        open[position] = 0;
                        position += random.Next(1, 1_000_000);
                        break;
                    case 1:
                        cursor.Pass(position);
                        position += random.Next(1, 5);
                        break;
                    case 2 when open.Count > 0:
                        long delivered = open.Keys.ElementAt(random.Next(open.Count));
                        cursor.Deliver(delivered, ++open[delivered]);
                        break;
                    case 3 when open.Count > 0:
                        long done = open.Keys.ElementAt(random.Next(open.Count));
                        cursor.Settle(done);
                        open.Remove(done);
                        break;
                }
            }

            long end = cursor.Next;
            var heir = PartitionRecord.Decode(PartitionRecord.Of(Guid.NewGuid(), 7, cursor).Encode().Span).ToCursor();
            Assert.All(open, pair => Assert.False(heir.WasSettled(pair.Key) || pair.Key < heir.Next, $"{pair.Key} is taken for done."));
            Assert.All(open, pair => Assert.Equal(pair.Value, heir.DeliveriesOf(pair.Key)));
            Assert.True(heir.Next <= end);
        });
    }

    [Fact]
    public void Bytes_that_are_no_record_are_told()
    {
        byte[] good = PartitionRecord.New(5).Encode().ToArray();
        for (int length = 0; length < good.Length; length++)
            Assert.Equal(BusErrors.GroupRecordBroken, Assert.Throws<BusException>(() => PartitionRecord.Decode(good.AsSpan(0, length))).Code);
    }
}
