using Sirsi.Core.Hosting;

namespace Sirsi.Core.Tests.Hosting;

public sealed class IdSourceTests
{
    [Fact]
    public void An_id_is_a_version_7_uuid_of_its_instant()
    {
        var time = new ManualTime(new DateTimeOffset(2022, 2, 22, 19, 22, 22, TimeSpan.Zero));
        Guid id = new IdSource(time, new SeededRandomSource(1)).Next();
        Assert.Equal(7, id.Version);
        Assert.Equal(8, id.Variant & 0xC);
        // RFC 9562, appendix A.6: 2022-02-22 19:22:22 UTC is 0x017F22E279B0.
        Assert.StartsWith("017f22e2-79b0-7", id.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_grow_whatever_the_clock_does() => Check.That(seed: 2, runs: 20, random =>
    {
        var clock = new JumpingTime(random);
        var ids = new IdSource(clock, new SeededRandomSource(random.Next()));
        string[] made = [.. Enumerable.Range(0, 2_000).Select(_ => ids.Next().ToString())];
        Assert.Equal(made.Order(StringComparer.Ordinal).Distinct(StringComparer.Ordinal), made);
    });

    [Fact]
    public void A_full_millisecond_borrows_from_the_next()
    {
        var ids = new IdSource(new ManualTime(), new Ones());
        string[] made = [.. Enumerable.Range(0, 10_000).Select(_ => ids.Next().ToString())];
        Assert.Equal(made.Order(StringComparer.Ordinal).Distinct(StringComparer.Ordinal), made);
    }

    [Fact]
    public void Ids_taken_by_many_threads_differ()
    {
        IdSource ids = HostEnvironment.Production.Ids;
        var made = new System.Collections.Concurrent.ConcurrentBag<Guid>();
        Parallel.For(0, 4, _ =>
        {
            for (int i = 0; i < 5_000; i++) made.Add(ids.Next());
        });
        Assert.Equal(20_000, made.Distinct().Count());
    }

    private sealed class JumpingTime(Random random) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddMilliseconds(1_000_000 + random.Next(50));
    }

    /// <summary>The worst case: every random bit is set, so each step is the largest there is.</summary>
    private sealed class Ones : RandomSource
    {
        public override Random Ordinary { get; } = new(1);

        public override void FillSecret(Span<byte> bytes) => bytes.Fill(0xFF);
    }
}
