using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Scheduling;

namespace Sirsi.Hypervisor.Tests.Scheduling;

public sealed class TimerQueueTests
{
    private sealed class Note(int number, List<int> fired) : TimerEntry
    {
        public int Number => number;

        public override void Fire() => fired.Add(number);
    }

    [Fact]
    public void Entries_fire_in_the_order_of_their_times_and_those_that_were_cancelled_do_not() => Check.That(seed: 71, runs: 200, static random =>
    {
        var time = new ManualTime();
        using var queue = new TimerQueue(time);
        var fired = new List<int>();
        var expected = new List<(int Due, int Order, Note Entry)>();
        int order = 0, now = 0;
        for (int i = 0; i < 300; i++)
        {
            switch (random.Next(5))
            {
                case 0 when expected.Count > 0:
                    int place = random.Next(expected.Count);
                    expected[place].Entry.Cancel();
                    expected.RemoveAt(place);
                    break;
                case 1 when expected.Count > 0:
                    place = random.Next(expected.Count);
                    Note moved = expected[place].Entry;
                    expected.RemoveAt(place);
                    Add(moved);
                    break;
                case 2:
                    int step = random.Next(50);
                    now += step;
                    time.Advance(TimeSpan.FromMilliseconds(step));
                    int[] due = [.. expected.Where(entry => entry.Due <= now).OrderBy(static entry => entry.Due).ThenBy(static entry => entry.Order).Select(static entry => entry.Entry.Number)];
                    Assert.Equal(due, fired);
                    expected.RemoveAll(entry => entry.Due <= now);
                    fired.Clear();
                    break;
                default:
                    Add(new Note(i, fired));
                    break;
            }

            Assert.Equal(expected.Count, queue.Count);
        }

        void Add(Note entry)
        {
            int delay = random.Next(0, 200);
            queue.Add(entry, TimeSpan.FromMilliseconds(delay));
            expected.Add((now + delay, order++, entry));
        }
    });
}
