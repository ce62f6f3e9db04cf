using Sirsi.Bus.Local;

namespace Sirsi.Bus.Tests.Local;

public sealed class IdWindowTests
{
    [Fact]
    public void It_remembers_what_a_plain_list_would() => Check.That(20_261_126, 200, random =>
    {
        int max = random.Next(1, 3_000);
        var window = new IdWindow(max, spanMilliseconds: 1_000);
        List<(Guid Id, long Time, long Position)> model = [];
        Guid[] known = [.. Enumerable.Range(0, 200).Select(_ => NextGuid(random))];
        long now = 0;
        for (int step = 0; step < 5_000; step++)
        {
            now += random.Next(3);
            model.RemoveAll(entry => entry.Time <= now - 1_000);
            Guid id = random.Next(4) == 0 ? known[random.Next(known.Length)] : NextGuid(random);
            int found = model.FindIndex(entry => entry.Id == id);
            Assert.Equal(found >= 0, window.TryFind(id, now, out long position));
            if (found >= 0)
            {
                Assert.Equal(model[found].Position, position);
                if (random.Next(3) == 0)
                {
                    window.Remove(id);
                    model[found] = model[found] with { Id = Guid.Empty };
                }
            }
            else
            {
                window.Add(id, now, step);
                if (model.Count == max) model.RemoveAt(0);
                model.Add((id, now, step));
            }

            Assert.Equal(model.Count, window.Count);
        }
    });

    [Fact]
    public void A_window_of_nothing_remembers_nothing()
    {
        var window = new IdWindow(0, 1_000);
        window.Add(Guid.NewGuid(), 0, 1);
        Assert.Equal(0, window.Count);
    }

    private static Guid NextGuid(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }
}
