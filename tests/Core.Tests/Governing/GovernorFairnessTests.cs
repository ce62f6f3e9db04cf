using Sirsi.Core.Governing;
using Sirsi.Core.Hosting;

namespace Sirsi.Core.Tests.Governing;

public sealed class GovernorFairnessTests
{
    private readonly DeterministicHost _host = new(seed: 1);

    [Fact]
    public void Where_an_ancestor_is_the_bottleneck_its_children_take_turns()
    {
        ResourceGovernor root = new("process", new() { PermitsMax = 1 }, _host.Environment);
        var log = new List<char>();
        root.TryAcquire(OperationKind.Compute, OperationPriority.Normal, out OperationPermit held);
        ResourceGovernor greedy = root.CreateChild("greedy", new());
        ResourceGovernor modest = root.CreateChild("modest", new());
        for (int i = 0; i < 50; i++) Queue(greedy, 'g', log, OperationPriority.Critical);
        for (int i = 0; i < 3; i++) Queue(modest, 'm', log, OperationPriority.Low);
        _host.RunUntilIdle();
        held.Dispose();
        _host.RunUntilIdle();
        Assert.Equal("gmgmgmg", string.Concat(log.Take(7)));
        Assert.Equal(53, log.Count);
    }

    [Fact]
    public void Turns_go_round_at_every_level_not_by_the_number_of_agents()
    {
        ResourceGovernor root = new("process", new() { PermitsMax = 1 }, _host.Environment);
        var log = new List<char>();
        root.TryAcquire(OperationKind.Compute, OperationPriority.Normal, out OperationPermit held);
        ResourceGovernor crowd = root.CreateChild("tenant with many agents", new());
        ResourceGovernor single = root.CreateChild("tenant with one", new()).CreateChild("agent", new());
        for (int agent = 0; agent < 20; agent++)
        {
            ResourceGovernor one = crowd.CreateChild("agent", new());
            for (int i = 0; i < 5; i++) Queue(one, 'c', log);
        }

        for (int i = 0; i < 10; i++) Queue(single, 's', log);
        _host.RunUntilIdle();
        held.Dispose();
        _host.RunUntilIdle();
        Assert.Equal(10, log.Take(20).Count(static who => who == 's'));
        Assert.Equal(110, log.Count);
    }

    [Fact]
    public void A_child_that_keeps_coming_back_does_not_starve_its_sibling()
    {
        ResourceGovernor root = new("process", new() { PermitsMax = 2 }, _host.Environment);
        ResourceGovernor hog = root.CreateChild("hog", new());
        ResourceGovernor other = root.CreateChild("other", new());
        int hogTurns = 0;
        int otherTurns = 0;
        for (int i = 0; i < 10; i++) Loop(hog, () => hogTurns++);
        Loop(other, () => otherTurns++);
        _host.Advance(TimeSpan.FromSeconds(1));
        // The other has one loop, so at most one permit of two: it gets its full turn each time.
        Assert.InRange(otherTurns, hogTurns / 4, hogTurns);
        Assert.True(otherTurns > 100);
    }

    [Fact]
    public void A_child_held_by_its_own_limit_does_not_hold_up_its_siblings()
    {
        ResourceGovernor root = new("process", new() { PermitsMax = 2 }, _host.Environment);
        ResourceGovernor narrow = root.CreateChild("narrow", new() { PermitsMax = 1 });
        ResourceGovernor wide = root.CreateChild("wide", new());
        var log = new List<char>();
        narrow.TryAcquire(OperationKind.Compute, OperationPriority.Normal, out OperationPermit held);
        for (int i = 0; i < 5; i++) Queue(narrow, 'n', log);
        for (int i = 0; i < 5; i++) Queue(wide, 'w', log);
        _host.RunUntilIdle();
        Assert.Equal("wwwww", string.Concat(log));
        held.Dispose();
        _host.RunUntilIdle();
        Assert.Equal("wwwwwnnnnn", string.Concat(log));
    }

    [Fact]
    public void In_deterministic_mode_the_seed_draws_whose_turn_it_is()
    {
        string[] stories = [.. Enumerable.Range(1, 10).Select(Story)];
        Assert.Equal(stories, Enumerable.Range(1, 10).Select(Story));
        Assert.True(stories.Distinct(StringComparer.Ordinal).Count() > 5);
    }

    [Fact]
    public void In_deterministic_mode_each_line_still_goes_in_order_and_permits_are_numbered()
    {
        ResourceGovernor root = new("process", GovernorOptions.Testing with { PermitsMax = 1 }, _host.Environment);
        root.TryAcquire(OperationKind.Compute, OperationPriority.Normal, out OperationPermit held);
        var order = new List<(int Child, int Number, long Sequence)>();
        for (int child = 0; child < 4; child++)
        {
            ResourceGovernor governor = root.CreateChild("child", new());
            for (int i = 0; i < 5; i++)
            {
                (int c, int n) = (child, i);
                _ = _host.Environment.Executor.RunAsync(async () =>
                {
                    using OperationPermit permit = await governor.AcquireAsync(OperationKind.Compute, CancellationToken.None);
                    order.Add((c, n, permit.Sequence));
                });
            }
        }

        _host.RunUntilIdle();
        held.Dispose();
        _host.RunUntilIdle();
        Assert.Equal(Enumerable.Range(2, 20).Select(static i => (long)i), order.Select(static entry => entry.Sequence));
        Assert.All(order.GroupBy(static entry => entry.Child), static child => Assert.Equal([0, 1, 2, 3, 4], child.Select(static entry => entry.Number)));
    }

    private static string Story(int seed)
    {
        var host = new DeterministicHost(seed: 1);
        ResourceGovernor root = new("process", new() { PermitsMax = 1, DeterministicSeed = seed }, host.Environment);
        var log = new List<char>();
        root.TryAcquire(OperationKind.Compute, OperationPriority.Normal, out OperationPermit held);
        foreach (char name in "abcdef")
        {
            ResourceGovernor child = root.CreateChild($"{name}", new());
            for (int i = 0; i < 3; i++) Queue(host, child, name, log, OperationPriority.Normal);
        }

        host.RunUntilIdle();
        held.Dispose();
        host.RunUntilIdle();
        return string.Concat(log);
    }

    private void Loop(ResourceGovernor governor, Action turn) => _ = _host.Environment.Executor.RunAsync(async () =>
    {
        while (true)
        {
            using OperationPermit permit = await governor.AcquireAsync(OperationKind.Compute, CancellationToken.None);
            turn();
            await Task.Delay(TimeSpan.FromMilliseconds(1), _host.Environment.Time);
        }
    });

    private void Queue(ResourceGovernor governor, char name, List<char> log, OperationPriority priority = OperationPriority.Normal) =>
        Queue(_host, governor, name, log, priority);

    private static void Queue(DeterministicHost host, ResourceGovernor governor, char name, List<char> log, OperationPriority priority) =>
        _ = host.Environment.Executor.RunAsync(async () =>
        {
            using OperationPermit permit = await governor.AcquireAsync(OperationKind.Compute, priority, CancellationToken.None);
            log.Add(name);
        });
}
