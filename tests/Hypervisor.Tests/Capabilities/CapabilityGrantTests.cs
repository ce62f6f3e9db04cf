using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Capabilities;

namespace Sirsi.Hypervisor.Tests.Capabilities;

public sealed class CapabilityGrantTests
{
    private readonly ManualTime _time = new();
    private readonly List<CapabilityRefusal> _refusals = [];

    [Fact]
    public void Nothing_is_allowed_that_was_not_granted()
    {
        CapabilityGrant grant = Root();
        Assert.Equal(CapabilityVerdict.NotGranted, grant.Check("model.complete", ""));
        Assert.False(Root("model.complete").Allows("model.completes", ""));
        Assert.False(Root("model").Allows("model.complete", ""));
    }

    [Fact]
    public void A_session_that_is_revoked_takes_its_agents_and_their_children_along_at_the_next_check()
    {
        CapabilityGrant session = Root("bus.publish:agent.*");
        CapabilityGrant agent = Derived(session, "agent");
        CapabilityGrant child = Derived(Derived(agent, "child"), "grandchild");
        Assert.True(child.Allows("bus.publish", "agent.report.done"));
        session.Revoke();
        Assert.Equal(CapabilityVerdict.Revoked, child.Check("bus.publish", "agent.report.done"));
        Assert.Equal(CapabilityVerdict.Revoked, agent.Check("bus.publish", "agent.report.done"));
        Assert.Null(agent.Derive("late", agent.Capabilities, expiresAt: null, out CapabilityRefusal? refusal));
        Assert.Equal(CapabilityVerdict.Revoked, refusal!.Verdict);
    }

    [Fact]
    public void Revoking_an_agent_leaves_its_parent_and_siblings_alone()
    {
        CapabilityGrant session = Root("model.complete");
        CapabilityGrant one = Derived(session, "one"), other = Derived(session, "other");
        one.Revoke();
        Assert.False(one.Allows("model.complete", ""));
        Assert.True(other.Allows("model.complete", ""));
        Assert.True(session.Allows("model.complete", ""));
    }

    [Fact]
    public void A_part_of_what_was_granted_can_be_taken_back()
    {
        CapabilityGrant session = Root("net.http", "model.complete");
        CapabilityGrant agent = Derived(session, "agent");
        session.Revoke(Capability.Parse("net.http:*.example.com"));
        Assert.Equal(CapabilityVerdict.Revoked, agent.Check("net.http", "api.example.com"));
        Assert.True(agent.Allows("net.http", "example.org"));
        Assert.False(agent.Allows("net.http", "example.org/../api.example.com"));
        Assert.True(agent.Allows("model.complete", ""));
        Assert.Equal(["net.http:*.example.com"], session.Snapshot().Revoked.Select(static capability => capability.ToString()));
    }

    [Fact]
    public void A_grant_ends_at_its_instant_and_never_after_its_parents()
    {
        CapabilityGrant session = Root("model.complete");
        session.Renew(_time.GetUtcNow().AddMinutes(10));
        CapabilityGrant agent = session.Derive("agent", session.Capabilities, _time.GetUtcNow().AddHours(1), out _)!;
        CapabilityGrant brief = session.Derive("brief", session.Capabilities, _time.GetUtcNow().AddMinutes(1), out _)!;
        _time.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromTicks(1));
        Assert.True(brief.Allows("model.complete", ""));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(CapabilityVerdict.Expired, brief.Check("model.complete", ""));
        Assert.Equal(_time.GetUtcNow().AddMinutes(9), agent.Snapshot().ExpiresAt);
        _time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(CapabilityVerdict.Expired, agent.Check("model.complete", ""));
        session.Renew(_time.GetUtcNow().AddMinutes(5));
        Assert.True(agent.Allows("model.complete", ""));
        Assert.False(brief.Allows("model.complete", ""));
    }

    [Fact]
    public void A_child_that_wants_more_than_its_parent_has_is_told_what()
    {
        CapabilityGrant parent = Root("cloud.aws:ec2.describe*", "agent.spawn:aws");
        CapabilitySet wanted = CapabilitySet.Parse(["agent.spawn:aws", "cloud.aws:ec2.*"]);
        Assert.Null(parent.Derive("child", wanted, expiresAt: null, out CapabilityRefusal? refusal));
        Assert.Equal("cloud.aws:ec2.*", refusal!.Asked);
        Assert.Equal("child", refusal.Holder);
        Assert.Equal("The grant of 'child' may not hold 'cloud.aws:ec2.*': 'parent' does not have it.", refusal.ToString());
        Assert.Equal([refusal], _refusals);
    }

    [Fact]
    public void Uses_and_refusals_are_counted_and_refusals_told()
    {
        CapabilityGrant grant = Root("net.http:api.example.com", "net.http:*.example.org");
        for (int i = 0; i < 3; i++) grant.Check("net.http", "api.example.com");
        grant.Check("net.http", "www.example.org");
        grant.Check("net.http", "evil.example.net");
        CapabilitySnapshot snapshot = grant.Snapshot();
        Assert.Equal((4, 1), (snapshot.Allowed, snapshot.Refused));
        Assert.Equal(
            [("net.http:*.example.org", 1L), ("net.http:api.example.com", 3L)],
            snapshot.Uses.Select(static use => (use.Capability.ToString(), use.Count)));
        CapabilityRefusal refusal = Assert.Single(_refusals);
        Assert.Equal("'parent' may not 'net.http:evil.example.net': it was not granted.", refusal.ToString());
    }

    [Fact]
    public void Counts_are_exact_whatever_the_number_of_threads_and_a_revocation_is_seen_by_all()
    {
        const int Threads = 4, Checks = 20_000;
        CapabilityGrant session = CapabilityGrant.CreateRoot("session", CapabilitySet.Parse(["model.complete"]), _time);
        CapabilityGrant agent = Derived(session, "agent");
        long seenAfter = 0;
        bool revoked = false;
        var threads = Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            for (int i = 0; i < Checks; i++)
            {
                bool before = Volatile.Read(ref revoked);
                if (agent.Allows("model.complete", "") && before) Interlocked.Increment(ref seenAfter);
                if (number != 0 || i != Checks / 2) continue;
                session.Revoke();
                Volatile.Write(ref revoked, true);
            }
        })).ToList();
        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());
        CapabilitySnapshot snapshot = agent.Snapshot();
        Assert.Equal(Threads * Checks, snapshot.Allowed + snapshot.Refused);
        Assert.Equal(snapshot.Allowed, snapshot.Uses.Sum(static use => use.Count));
        Assert.Equal(0, seenAfter);
    }

    [Fact]
    public void A_check_allocates_nothing()
    {
        CapabilityGrant session = Root("net.http:*.example.com", "bus.publish:agent.report.*", "context.write:plan/*/cost", "model.complete");
        session.Renew(_time.GetUtcNow().AddDays(1));
        CapabilityGrant agent = Derived(Derived(session, "agent"), "child");
        long bytes = Garbage.Of(() =>
        {
            for (int i = 0; i < 1_000; i++)
            {
                agent.Allows("net.http", "api.example.com");
                agent.Allows("bus.publish", "agent.report.finished");
                agent.Allows("context.write", "plan/wave-1/cost");
                agent.Allows("model.complete", "");
            }
        });
        Assert.Equal(0, bytes);
    }

    [Fact]
    public void A_refusal_may_not_hold_up_its_asker_by_a_subject_without_end()
    {
        CapabilityGrant grant = Root();
        grant.Check("net.http", new string('x', 1_000_000));
        Assert.Equal(CapabilityRefusal.AskedLengthMax, Assert.Single(_refusals).Asked.Length);
    }

    [Fact]
    public void Grants_nest_so_deep_and_no_deeper()
    {
        CapabilityGrant grant = Root("x");
        for (int i = 1; i < CapabilityGrant.DepthMax; i++) grant = Derived(grant, "deeper");
        Assert.Throws<InvalidOperationException>(() => Derived(grant, "too deep"));
    }

    private CapabilityGrant Root(params string[] capabilities) =>
        CapabilityGrant.CreateRoot("parent", CapabilitySet.Parse(capabilities), _time, _refusals.Add);

    private static CapabilityGrant Derived(CapabilityGrant from, string name) => from.Derive(name, from.Capabilities, expiresAt: null, out _)!;
}
