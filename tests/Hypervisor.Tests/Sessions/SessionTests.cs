namespace Sirsi.Hypervisor.Tests.Sessions;

public sealed class SessionTests
{
    [Fact]
    public void A_session_closes_when_it_expires_and_ends_its_agents()
    {
        var world = new World(session: new SessionOptions { Lifetime = TimeSpan.FromMinutes(10) });
        Agent agent = world.Spawn(static (_, _) => { });
        world.Machine.Advance(TimeSpan.FromMinutes(9));
        world.Machine.Run(() => world.Session.ExtendAsync(TimeSpan.FromMinutes(5)).AsTask());
        world.Machine.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(SessionStatus.Open, world.Session.Status);
        world.Machine.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(SessionStatus.Closed, world.Session.Status);
        Assert.Equal(AgentStatus.Stopped, agent.Status);
        Assert.Empty(world.Host.Sessions(world.Scope));
        HypervisorException refused = Assert.Throws<HypervisorException>(() => world.Spawn(static (_, _) => { }));
        Assert.Equal(HypervisorErrors.SessionClosed, refused.Code);
    }

    [Fact]
    public void A_session_has_as_many_agents_as_its_quota_and_gives_places_back()
    {
        var world = new World(session: new SessionOptions { AgentsMax = 2 });
        Agent first = world.Spawn(static (_, _) => { });
        world.Spawn(static (_, _) => { });
        HypervisorException refused = Assert.Throws<HypervisorException>(() => world.Spawn(static (_, _) => { }));
        Assert.Equal(HypervisorErrors.QuotaExceeded, refused.Code);
        world.Machine.Run(() => first.StopAsync("makes room"));
        world.Spawn(static (_, _) => { });
        Assert.Equal(2, world.Session.AgentCount);
    }

    [Fact]
    public void Children_have_children_only_so_deep()
    {
        var world = new World(session: new SessionOptions { DepthMax = 3 });
        world.Types.Register(new AgentType("nest", static () => new Behaving(static (_, _) => { }) { OnStart = static turn => turn.Spawn("nest", World.Trusted) })
        {
            Supervision = new SupervisionOptions { AttemptsMax = 1 },
        });
        Agent root = world.Machine.Run(() => world.Session.SpawnAsync("nest", World.Trusted).AsTask());
        world.Machine.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(3, world.Session.AgentCount);
        Agent deepest = Assert.Single(Assert.Single(root.Children()).Children());
        Assert.Equal(AgentStatus.Quarantined, deepest.Status);
        Assert.Contains("3 deep", deepest.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_that_open_at_once_do_not_pass_the_limit_of_sessions()
    {
        var world = new World(options: World.Kept with { SessionsMax = 3 });
        Task[] openings = [.. Enumerable.Range(0, 5).Select(_ => world.Machine.Environment.Executor.RunAsync(() => world.Host.OpenSessionAsync(world.Scope).AsTask()))];
        world.Machine.RunUntilIdle();
        Assert.Equal(3, openings.Count(static opening => opening.IsFaulted));
        Assert.Equal(3, world.Host.Sessions(world.Scope).Length);
    }

    [Fact]
    public void A_session_that_comes_back_has_the_options_it_was_opened_with()
    {
        var options = new SessionOptions { Name = "night", Lifetime = TimeSpan.FromHours(7), AgentsMax = 3, MailboxBytesMax = 4_096, DepthMax = 2 };
        var world = new World(options: World.Kept, session: options);
        world = world.Restart(static _ => { });
        SessionOptions back = world.Session.Options;
        Assert.Equal(options, back with { Capabilities = options.Capabilities });
        Assert.Equal(world.Machine.Environment.Time.GetUtcNow() + options.Lifetime, world.Session.ExpiresAt);
    }

    [Fact]
    public void Sessions_of_other_projects_are_not_seen()
    {
        var world = new World();
        Assert.Null(world.Host.FindSession(world.NewScope(), world.Session.Id));
        Assert.Same(world.Session, world.Host.FindSession(world.Scope, world.Session.Id));
        Assert.Single(world.Host.Sessions(world.Scope));
    }

    [Fact]
    public void A_thousand_sessions_of_a_hundred_agents_live_and_end()
    {
        var world = new World();
        world.Types.Register(new AgentType("quiet", static () => new Behaving(static (turn, message) => turn.Reply(message.Payload))));
        var sessions = new List<Session>();
        for (int i = 0; i < 1_000; i++)
        {
            Session session = world.Machine.Run(() => world.Host.OpenSessionAsync(world.Scope).AsTask());
            for (int j = 0; j < 100; j++) world.Machine.Run(() => session.SpawnAsync("quiet").AsTask());
            sessions.Add(session);
        }

        Assert.Equal(100_000, world.Host.AgentCount);
        Assert.True(world.Ask(sessions[500].Agents()[50], "hello", "x").IsReplied);
        world.Machine.Run(() => world.Host.StopAsync());
        Assert.Equal(0, world.Host.AgentCount);
        Assert.All(sessions, static session => Assert.Equal(SessionStatus.Closed, session.Status));
    }

    [Fact]
    public void A_host_that_stops_takes_no_more_work()
    {
        var world = new World();
        Agent agent = world.Spawn(static (_, _) => { });
        world.Machine.Run(() => world.Host.StopAsync());
        Assert.Equal(SendOutcome.Ended, world.Tell(agent, "late"));
        HypervisorException refused = Assert.Throws<HypervisorException>(() => world.Machine.Run(() => world.Host.OpenSessionAsync(world.Scope).AsTask()));
        Assert.Equal(HypervisorErrors.HostStopped, refused.Code);
    }
}
