using Sirsi.Hypervisor.Contexts;

namespace Sirsi.Hypervisor.Tests.Contexts;

public sealed class ContextLimitTests
{
    private static World Open(ContextOptions context) => new(options: World.Kept with { Context = context }, session: Shared.Allowing);

    [Theory, InlineData(""), InlineData("a b"), InlineData("a,b"), InlineData("a*"), InlineData("a/../b"), InlineData("ä"), InlineData("too-long-a-key")]
    public void A_key_that_is_none_is_misuse(string key)
    {
        World world = Open(new ContextOptions { KeyLengthMax = 10 });
        Assert.ThrowsAny<ArgumentException>(() => world.Put(key, ""));
        Assert.ThrowsAny<ArgumentException>(() => world.Session.Context.Get(key));
    }

    [Fact]
    public void Keys_values_and_all_of_it_are_bounded_and_what_shrinks_is_always_taken()
    {
        World world = Open(new ContextOptions { KeysMax = 2, ValueBytesMax = 10, BytesMax = 20 });
        Assert.ThrowsAny<ArgumentException>(() => world.Put("a", "12345678901"));
        world.Put("a", "1234567890");
        HypervisorException tooMuch = Assert.Throws<HypervisorException>(() => world.Put("b", "1234567890"));
        Assert.Equal((HypervisorErrors.QuotaExceeded, "The context of the session would take 22 bytes; 20 is its quota."), (tooMuch.Code, tooMuch.Message));
        world.Put("b", "1");
        Assert.Equal("The context of the session would have 3 keys; 2 is its quota.", Assert.Throws<HypervisorException>(() => world.Put("c", "1")).Message);
        world.Put("a", "1");
        world.Delete("b");
        world.Put("c", "1");
        Assert.Equal((2, 4L, 5L), (world.Session.Context.Count, world.Session.Context.Bytes, world.Session.Context.Revision));
    }

    [Fact]
    public void A_turn_is_told_what_does_not_fit_and_one_that_fits_only_alone_comes_to_nothing()
    {
        World world = Open(new ContextOptions { KeysMax = 1 });
        var seen = new List<string>();
        Agent agent = world.SpawnSharing((turn, message) =>
        {
            foreach (string key in message.Type.Split(' ')) turn.PutContext(key, default);
            seen.Add("asked");
        }, static type => type with { Supervision = new SupervisionOptions { AttemptsMax = 1 } });
        world.Tell(agent, "a b");
        world.Machine.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((1, 0L), (seen.Count, world.Session.Context.Revision));
        Assert.Contains("2 keys", agent.LastError, StringComparison.Ordinal);
        world.Tell(agent, "a");
        world.Machine.RunUntilIdle();
        world.Tell(agent, "b");
        world.Machine.RunUntilIdle();
        Assert.Equal((2, 1L), (seen.Count, world.Session.Context.Revision));
    }

    [Fact]
    public void History_is_bounded_by_number_for_each_key_and_by_bytes_for_all_and_the_oldest_goes()
    {
        World world = Open(new ContextOptions { HistoryMax = 3, HistoryBytesMax = 900 });
        for (int i = 1; i <= 6; i++) world.Put("a", $"{i}");
        Assert.Equal([3, 4, 5, 6], world.Session.Context.History("a").Select(static entry => entry.Version));
        Assert.Equal([5, 6], world.Session.Context.History("a", 2).Select(static entry => entry.Version));
        for (int i = 0; i < 3; i++) world.Put("b", new string('x', 300));
        Assert.Equal([1, 2, 3], world.Session.Context.History("b").Select(static entry => entry.Version));
        Assert.Equal(6, Assert.Single(world.Session.Context.History("a")).Version);
        world.Delete("b");
        world.Put("a", "7");
        Assert.Equal("7", World.Text(world.Session.Context.Get("a")!.Value));
        world.Machine.Run(world.Host.CheckpointAsync);
        string before = Said(world);
        world = world.Restart(static _ => { }, options: World.Kept with { Context = new ContextOptions { HistoryMax = 3, HistoryBytesMax = 900 } });
        Assert.Equal(before, Said(world));

        static string Said(World world) => string.Join(' ', world.Session.Context.History("a").Concat(world.Session.Context.History("b")).Select(static entry => $"{entry.Key}{entry.Version}@{entry.Revision}"));
    }

    [Fact]
    public void Options_that_break_rules_are_told_with_their_names()
    {
        var options = new AgentHostOptions { Context = new ContextOptions { KeysMax = 0, KeyLengthMax = 300, ValueBytesMax = 2 << 20, WatchWaitingMax = 0 } };
        string problems = string.Join(' ', options.Problems());
        Assert.All((string[])["Context: KeysMax is 0", "Context: KeyLengthMax is 300", "Context: ValueBytesMax is 2097152", "Context: WatchWaitingMax is 0"], rule => Assert.Contains(rule, problems, StringComparison.Ordinal));
    }
}
