using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Sirsi.Core.Identity;
using AgentId = Sirsi.Core.Identity.Id<Sirsi.Core.Identity.AgentKind>;
using TaskId = Sirsi.Core.Identity.Id<Sirsi.Core.Identity.TaskKind>;

namespace Sirsi.Core.Tests.Identity;

public class IdTests
{
    // RFC 9562, appendix A.6; the text was made with the TypeID reference algorithm.
    private static readonly Guid Example = Guid.Parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F");

    [Fact]
    public void An_id_is_its_kind_and_26_digits()
    {
        var id = new AgentId(Example);
        Assert.Equal("agent_01fwhe4ydgfk1shh6w1g60eecf", id.ToString());
        Assert.Equal("agent_01fwhe4ydgfk1shh6w1g60eecf", $"{id}");
        Assert.Equal(id, AgentId.Parse("agent_01fwhe4ydgfk1shh6w1g60eecf"));
        Assert.Equal(DateTimeOffset.Parse("2022-02-22T19:22:22Z", System.Globalization.CultureInfo.InvariantCulture), id.CreatedAt);
        Assert.Equal(AgentId.TextLength, id.ToString().Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("agent")]
    [InlineData("agent_")]
    [InlineData("task_01fwhe4ydgfk1shh6w1g60eecf")]
    [InlineData("Agent_01fwhe4ydgfk1shh6w1g60eecf")]
    [InlineData("agent_01FWHE4YDGFK1SHH6W1G60EECF")]
    [InlineData("agent_01fwhe4ydgfk1shh6w1g60eec")]
    [InlineData("agent_01fwhe4ydgfk1shh6w1g60eecff")]
    [InlineData("agent_01fwhe4ydgfk1shh6w1g60eecu")]
    [InlineData("agent_81fwhe4ydgfk1shh6w1g60eecf")]
    [InlineData("agent_01fwhe4ydg9k1shh6w1g60eecf")]
    [InlineData("agent-01fwhe4ydgfk1shh6w1g60eecf")]
    [InlineData("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")]
    [InlineData("agent_00000000000000000000000000")]
    public void Only_the_written_form_of_the_very_kind_is_read(string text)
    {
        Assert.False(AgentId.TryParse(text, out _));
        Assert.Throws<FormatException>(() => AgentId.Parse(text));
    }

    [Fact]
    public void Text_goes_back_to_the_same_id_and_sorts_alike() => Check.That(seed: 21, runs: 2_000, random =>
    {
        var time = new FixedTime { Milliseconds = random.NextInt64(253_402_300_799_999) };
        var one = new IdSource(time, random.NextBytes).Next<AgentKind>();
        time.Milliseconds = random.NextInt64(253_402_300_799_999);
        var two = new IdSource(time, random.NextBytes).Next<AgentKind>();
        Assert.Equal(one, AgentId.Parse(one.ToString()));
        Assert.Equal(Math.Sign(one.CompareTo(two)), Math.Sign(string.CompareOrdinal(one.ToString(), two.ToString())));
        Assert.Equal(time.GetUtcNow(), two.CreatedAt);
        Span<byte> utf8 = stackalloc byte[AgentId.TextLength];
        Assert.True(one.TryFormat(utf8, out int written, default, null));
        Assert.Equal(one.ToString(), Encoding.ASCII.GetString(utf8[..written]));
    });

    [Fact]
    public void Ids_of_one_source_rise_within_a_millisecond_and_when_the_clock_goes_back()
    {
        var time = new FixedTime { Milliseconds = 1_800_000_000_000 };
        var source = new IdSource(time, new Random(1).NextBytes);
        AgentId last = source.Next<AgentKind>();
        for (int i = 0; i < 10_000; i++)
        {
            time.Milliseconds += i % 100 == 0 ? -50 : i % 7 == 0 ? 1 : 0;
            AgentId next = source.Next<AgentKind>();
            Assert.True(next > last);
            Assert.Equal(7, next.Value.Version);
            Assert.InRange(next.Value.Variant, 8, 11);
            last = next;
        }
    }

    [Fact]
    public void When_the_count_of_a_millisecond_runs_over_time_moves_on()
    {
        var time = new FixedTime { Milliseconds = 1_800_000_000_000 };
        // All ones: the highest start and the largest steps there are; 2^73 / 2^32 ids would be needed to run over.
        var source = new IdSource(time, bytes => bytes.Fill(255));
        Guid first = source.Next(), second = source.Next();
        Assert.True(second.CompareTo(first) > 0);
        Assert.Equal(time.GetUtcNow(), new AgentId(second).CreatedAt);
    }

    [Fact]
    public void Threads_never_get_the_same_id()
    {
        var source = new IdSource(new FixedTime { Milliseconds = 1_800_000_000_000 }, new Random(1).NextBytes);
        var seen = new ConcurrentDictionary<Guid, bool>();
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            Guid last = Guid.Empty;
            for (int i = 0; i < 20_000; i++)
            {
                Guid next = source.Next();
                if (next.CompareTo(last) > 0) seen.TryAdd(next, true);
                last = next;
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        Assert.Equal(80_000, seen.Count);
    }

    [Fact]
    public void The_same_seed_and_clock_give_the_same_ids()
    {
        var time = new FixedTime { Milliseconds = 1_800_000_000_000 };
        var one = new IdSource(time, new Random(5).NextBytes);
        var two = new IdSource(time, new Random(5).NextBytes);
        for (int i = 0; i < 100; i++) Assert.Equal(one.Next(), two.Next());
    }

    [Fact]
    public void Making_and_formatting_ids_allocates_nothing()
    {
        var source = new IdSource(new FixedTime { Milliseconds = 1_800_000_000_000 }, new Random(1).NextBytes);
        char[] text = new char[64];
        Assert.Equal(0, Garbage.Of(() =>
        {
            for (int i = 0; i < 1_000; i++) source.Next<AgentKind>().TryFormat(text, out _, default, null);
        }));
    }

    [Fact]
    public void Json_holds_the_text_also_as_a_name()
    {
        var id = new AgentId(Example);
        Assert.Equal("\"agent_01fwhe4ydgfk1shh6w1g60eecf\"", JsonSerializer.Serialize(id));
        Assert.Equal(id, JsonSerializer.Deserialize<AgentId>("\"agent_01fwhe4ydgfk1shh6w1g60eecf\""));
        Assert.Equal("null", JsonSerializer.Serialize(default(AgentId)));
        Assert.True(JsonSerializer.Deserialize<AgentId>("null").IsEmpty);
        var map = new Dictionary<AgentId, int> { [id] = 1 };
        Assert.Equal(map, JsonSerializer.Deserialize<Dictionary<AgentId, int>>(JsonSerializer.Serialize(map)));
        foreach (string wrong in (string[])["1", "\"\"", "\"task_01fwhe4ydgfk1shh6w1g60eecf\"", $"\"{new string('a', 10_000)}\"", "{}"])
            Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<AgentId>(wrong));
    }

    [Fact]
    public void A_uuid_of_another_version_is_no_id()
    {
        Assert.Throws<ArgumentException>(() => new TaskId(Guid.Empty));
        Assert.Throws<ArgumentException>(() => new TaskId(Guid.Parse("f81d4fae-7dec-11d0-a765-00a0c91e6bf6")));
        Assert.True(default(TaskId).IsEmpty);
        Assert.Equal("", default(TaskId).ToString());
    }

    [Fact]
    public void An_id_from_outside_may_claim_any_time() =>
        Assert.Equal(9999, AgentId.Parse("agent_7zzzzzzzzzfk1shh6w1g60eecf").CreatedAt.Year);

    [Fact]
    public void The_kinds_are_the_words_of_the_product()
    {
        Assert.Equal(
            ["agent", "event", "module", "plan", "project", "session", "task", "tenant", "user"],
            typeof(IIdKind).Assembly.GetTypes().Where(t => t.IsClass && typeof(IIdKind).IsAssignableFrom(t))
                .Select(t => (string)t.GetProperty("Prefix")!.GetValue(null)!).Order(StringComparer.Ordinal),
            StringComparer.Ordinal);
    }

    private sealed class FixedTime : TimeProvider
    {
        public long Milliseconds { get; set; }

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(Milliseconds);
    }
}
