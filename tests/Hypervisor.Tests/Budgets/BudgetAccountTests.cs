using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Budgets;

namespace Sirsi.Hypervisor.Tests.Budgets;

public sealed class BudgetAccountTests
{
    private readonly DeterministicHost _host = new(seed: 5);
    private readonly List<BudgetWarning> _warnings = [];

    [Fact]
    public void A_thousand_children_at_once_do_not_take_a_token_more_than_their_tenant_has()
    {
        const int Children = 1_000, Rounds = 40;
        const long Tokens = 100_003;
        BudgetAccount tenant = Root(new BudgetLimits { ModelTokens = Tokens });
        BudgetAccount session = tenant.CreateChild("session", new BudgetLimits { ModelTokens = Tokens - 1_000 });
        BudgetAccount parent = session.CreateChild("agent", BudgetLimits.None);
        long granted = 0, worst = 0;
        using var start = new Barrier(Children);
        List<Thread> threads = [.. Enumerable.Range(0, Children).Select(number => new Thread(
            () =>
            {
                BudgetAccount child = parent.CreateChild($"child {number}", BudgetLimits.None);
                start.SignalAndWait();
                for (int i = 0; i < Rounds; i++)
                {
                    var amounts = new BudgetAmounts { ModelTokens = 1 + ((number + i) % 7) };
                    if (!child.TryReserve(amounts, out BudgetReservation reservation, out _)) continue;
                    BudgetSnapshot seen = session.Snapshot();
                    InterlockedMax(ref worst, seen.Used.ModelTokens + seen.Reserved.ModelTokens);
                    if (i % 5 == 0)
                    {
                        reservation.Dispose();
                        continue;
                    }

                    reservation.Settle(amounts);
                    Interlocked.Add(ref granted, amounts.ModelTokens);
                }
            }, maxStackSize: 128 * 1024))];
        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());
        BudgetSnapshot after = session.Snapshot();
        Assert.Equal(granted, after.Used.ModelTokens);
        Assert.Equal(granted, tenant.Snapshot().Used.ModelTokens);
        Assert.Equal(0, after.Reserved.ModelTokens);
        Assert.InRange(worst, 1, Tokens - 1_000);
        long left = Tokens - 1_000 - granted;
        Assert.False(parent.TryReserve(new BudgetAmounts { ModelTokens = left + 1 }, out _, out _));
        Assert.True(parent.TryReserve(new BudgetAmounts { ModelTokens = left }, out _, out _));
    }

    [Fact]
    public void A_refusal_names_the_account_the_resource_the_limit_and_what_is_left()
    {
        BudgetAccount session = Root(new BudgetLimits { Money = 5_000_000, HostCalls = 100 });
        BudgetAccount agent = session.CreateChild("agent 7", new BudgetLimits { Money = 2_000_000 });
        Assert.True(agent.TryReserve(new BudgetAmounts { Money = 1_500_000 }, out _, out _));
        Assert.False(agent.TryReserve(new BudgetAmounts { Money = 600_000, HostCalls = 1 }, out _, out BudgetRefusal refusal));
        Assert.Equal(new BudgetRefusal(BudgetRefusalReason.Exhausted, "agent 7", BudgetResource.Money, 600_000, 2_000_000, 500_000, "EUR"), refusal);
        Assert.Equal("The budget of 'agent 7' does not have 0.6 EUR: 0.5 EUR of 2 EUR is left.", refusal.ToString());
        Assert.Equal(0, session.Snapshot().Reserved.HostCalls);
    }

    [Fact]
    public void What_nobody_budgeted_is_refused()
    {
        BudgetAccount agent = Root(new BudgetLimits { HostCalls = 10 }).CreateChild("agent", BudgetLimits.None);
        Assert.False(agent.TryReserve(new BudgetAmounts { HostCalls = 1, ModelTokens = 1 }, out BudgetReservation reservation, out BudgetRefusal refusal));
        Assert.Equal((BudgetRefusalReason.NotBudgeted, BudgetResource.ModelTokens), (refusal.Reason, refusal.Resource));
        Assert.Equal("Nobody gave 'agent' or those above it a budget of model tokens.", refusal.ToString());
        Assert.False(reservation.IsHeld);
        Assert.False(reservation.Settle(default));
    }

    [Fact]
    public void A_closed_account_refuses_for_itself_and_all_below_and_open_reservations_are_still_settled()
    {
        BudgetAccount session = Root(new BudgetLimits { HostCalls = 10 });
        BudgetAccount agent = session.CreateChild("agent", BudgetLimits.None), child = agent.CreateChild("child", BudgetLimits.None);
        Assert.True(child.TryReserve(new BudgetAmounts { HostCalls = 3 }, out BudgetReservation reservation, out _));
        agent.Close();
        Assert.False(child.TryReserve(new BudgetAmounts { HostCalls = 1 }, out _, out BudgetRefusal refusal));
        Assert.Equal((BudgetRefusalReason.Closed, "agent"), (refusal.Reason, refusal.Account));
        var failure = Assert.Throws<HypervisorException>(() => child.CreateChild("late", BudgetLimits.None));
        Assert.Equal(HypervisorErrors.BudgetClosed, failure.Code);
        Assert.True(reservation.Settle(new BudgetAmounts { HostCalls = 2 }));
        Assert.Equal(2, session.Snapshot().Used.HostCalls);
        Assert.True(session.TryReserve(new BudgetAmounts { HostCalls = 8 }, out _, out _));
    }

    [Fact]
    public void What_a_call_cost_beyond_its_reservation_is_recorded_and_counts_against_what_is_left()
    {
        BudgetAccount session = Root(new BudgetLimits { ModelTokens = 100 });
        BudgetAccount agent = session.CreateChild("agent", BudgetLimits.None);
        Assert.True(agent.TryReserve(new BudgetAmounts { ModelTokens = 60 }, out BudgetReservation reservation, out _));
        Assert.True(reservation.Settle(new BudgetAmounts { ModelTokens = 90 }));
        BudgetSnapshot snapshot = session.Snapshot();
        Assert.Equal((60, 30), (snapshot.Used.ModelTokens, snapshot.Overrun.ModelTokens));
        Assert.False(agent.TryReserve(new BudgetAmounts { ModelTokens = 11 }, out _, out BudgetRefusal refusal));
        Assert.Equal(10, refusal.Left);
        Assert.True(agent.TryReserve(new BudgetAmounts { ModelTokens = 10 }, out _, out _));
    }

    [Fact]
    public void An_overrun_beyond_the_limit_leaves_nothing_and_no_less()
    {
        BudgetAccount account = Root(new BudgetLimits { ModelTokens = 100 });
        Assert.True(account.TryReserve(new BudgetAmounts { ModelTokens = 90 }, out BudgetReservation reservation, out _));
        Assert.True(reservation.Settle(new BudgetAmounts { ModelTokens = long.MaxValue }));
        Assert.False(account.TryReserve(new BudgetAmounts { ModelTokens = 1 }, out _, out BudgetRefusal refusal));
        Assert.Equal(0, refusal.Left);
        Assert.Equal(90, account.Snapshot().Used.ModelTokens);
    }

    [Fact]
    public void Disposing_gives_back_once_also_through_copies()
    {
        BudgetAccount account = Root(new BudgetLimits { BytesSent = 10 });
        Assert.True(account.TryReserve(new BudgetAmounts { BytesSent = 10 }, out BudgetReservation first, out _));
        BudgetReservation copy = first;
        first.Dispose();
        copy.Dispose();
        Assert.True(account.TryReserve(new BudgetAmounts { BytesSent = 10 }, out BudgetReservation second, out _));
        copy.Dispose();
        Assert.False(copy.Settle(default));
        Assert.True(second.IsHeld);
        Assert.Equal(10, account.Snapshot().Reserved.BytesSent);
    }

    [Fact]
    public void A_daily_budget_is_new_at_midnight_but_for_what_is_stored_and_reserved()
    {
        BudgetAccount account = Root(new BudgetLimits { Money = 100, BytesStored = 100, RenewsEvery = TimeSpan.FromDays(1) });
        Assert.True(account.TryReserve(new BudgetAmounts { Money = 70, BytesStored = 70 }, out BudgetReservation reservation, out _));
        Assert.True(reservation.Settle(new BudgetAmounts { Money = 70, BytesStored = 70 }));
        Assert.True(account.TryReserve(new BudgetAmounts { Money = 20 }, out reservation, out _));
        _host.Advance(TimeSpan.FromDays(1) - TimeSpan.FromTicks(1));
        Assert.False(account.TryReserve(new BudgetAmounts { Money = 11 }, out _, out _));
        _host.Advance(TimeSpan.FromTicks(1));
        Assert.True(account.TryReserve(new BudgetAmounts { Money = 80, BytesStored = 30 }, out _, out _));
        Assert.False(account.TryReserve(new BudgetAmounts { Money = 1 }, out _, out _));
        Assert.False(account.TryReserve(new BudgetAmounts { BytesStored = 1 }, out _, out _));
        Assert.True(reservation.Settle(new BudgetAmounts { Money = 20 }));
        Assert.Equal(20, account.Snapshot().Used.Money);
    }

    [Fact]
    public void What_is_no_longer_stored_is_given_back_here_and_above()
    {
        BudgetAccount session = Root(new BudgetLimits { BytesStored = 100 });
        BudgetAccount agent = session.CreateChild("agent", BudgetLimits.None);
        Assert.True(agent.TryReserve(new BudgetAmounts { BytesStored = 100 }, out BudgetReservation reservation, out _));
        reservation.Settle(new BudgetAmounts { BytesStored = 100 });
        agent.Close();
        agent.ReturnStored(40);
        Assert.Equal(60, session.Snapshot().Used.BytesStored);
        Assert.Throws<ArgumentOutOfRangeException>(() => agent.ReturnStored(61));
    }

    [Fact]
    public void People_are_warned_once_a_while_when_most_of_a_budget_is_gone()
    {
        BudgetAccount session = Root(new BudgetLimits { ModelTokens = 100 });
        BudgetAccount agent = session.CreateChild("agent", new BudgetLimits { ModelTokens = 1_000 });
        Spend(agent, 79);
        Assert.Empty(_warnings);
        Spend(agent, 1);
        Spend(agent, 5);
        Assert.Equal([new BudgetWarning("session", BudgetResource.ModelTokens, 80, 100)], _warnings);
        _host.Advance(TimeSpan.FromHours(1));
        Spend(agent, 1);
        Assert.Equal(new BudgetWarning("session", BudgetResource.ModelTokens, 86, 100), _warnings[^1]);
        Assert.Equal(2, _warnings.Count);
        session.ChangeLimits(new BudgetLimits { ModelTokens = 200 });
        Spend(agent, 74);
        Assert.Equal(new BudgetWarning("session", BudgetResource.ModelTokens, 160, 200), _warnings[^1]);
    }

    [Fact]
    public void Limits_can_be_raised_and_lowered_while_it_runs()
    {
        BudgetAccount account = Root(new BudgetLimits { HostCalls = 5 });
        Spend(account, hostCalls: 5);
        Assert.False(account.TryReserve(new BudgetAmounts { HostCalls = 1 }, out _, out _));
        account.ChangeLimits(new BudgetLimits { HostCalls = 6 });
        Spend(account, hostCalls: 1);
        account.ChangeLimits(new BudgetLimits { HostCalls = 2 });
        Assert.False(account.TryReserve(new BudgetAmounts { HostCalls = 1 }, out _, out BudgetRefusal refusal));
        Assert.Equal((2, 0), (refusal.Limit, refusal.Left));
    }

    [Fact]
    public void A_restored_account_goes_on_where_it_was_and_counts_calls_of_unknown_outcome_as_made()
    {
        var limits = new BudgetLimits { Money = 100, RenewsEvery = TimeSpan.FromDays(1) };
        BudgetAccount before = Root(limits);
        Spend(before, money: 30);
        Assert.True(before.TryReserve(new BudgetAmounts { Money = 50 }, out _, out _));
        BudgetSnapshot snapshot = before.Snapshot();

        BudgetAccount after = Root(limits);
        after.Restore(snapshot);
        Assert.Equal(80, after.Snapshot().Used.Money);
        Assert.False(after.TryReserve(new BudgetAmounts { Money = 21 }, out _, out _));

        BudgetAccount known = Root(limits);
        known.Restore(snapshot with { Reserved = default });
        Assert.Equal(30, known.Snapshot().Used.Money);

        _host.Advance(TimeSpan.FromDays(2));
        BudgetAccount later = Root(limits);
        later.Restore(snapshot);
        Assert.True(later.TryReserve(new BudgetAmounts { Money = 100 }, out _, out _));
        Assert.Throws<InvalidOperationException>(() => later.Restore(snapshot));
    }

    [Fact]
    public void Reserving_and_settling_through_four_levels_allocates_nothing()
    {
        BudgetAccount account = Root(Plenty() with { RenewsEvery = TimeSpan.FromDays(1) });
        for (int i = 1; i < 4; i++) account = account.CreateChild($"level {i}", Plenty());
        var amounts = new BudgetAmounts { Money = 3, ModelTokens = 2, HostCalls = 1 };
        Assert.Equal(0, Garbage.Of(() =>
        {
            for (int i = 0; i < 1_000; i++)
            {
                account.TryReserve(amounts, out BudgetReservation reservation, out _);
                if (i % 2 == 0) reservation.Settle(amounts);
                else reservation.Dispose();
            }
        }));
    }

    [Fact]
    public void Misuse_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => new BudgetAmounts { Money = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(static () => default(BudgetAmounts)[(BudgetResource)6]);
        Assert.Throws<ArgumentOutOfRangeException>(static () => new BudgetLimits { Money = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(static () => new BudgetLimits { RenewsEvery = TimeSpan.FromSeconds(59) });
        Assert.Throws<ArgumentException>(() => new BudgetAccount("x", BudgetLimits.None, new BudgetOptions { Currency = "euro" }, _host.Environment));
        Assert.Throws<ArgumentException>(() => new BudgetAccount("x", BudgetLimits.None, new BudgetOptions { WarnAtPercent = 0 }, _host.Environment));
        BudgetAccount account = Root(Plenty());
        for (int i = 1; i < BudgetAccount.DepthMax; i++) account = account.CreateChild("deeper", BudgetLimits.None);
        Assert.Throws<ArgumentException>(() => account.CreateChild("too deep", BudgetLimits.None));
    }

    private BudgetAccount Root(BudgetLimits limits) => new(
        "session", limits, new BudgetOptions { Currency = "EUR", OnWarning = _warnings.Add }, _host.Environment);

    private static BudgetLimits Plenty() => new() { Money = long.MaxValue, ModelTokens = long.MaxValue, HostCalls = long.MaxValue };

    private void Spend(BudgetAccount account, long tokens = 0, long money = 0, long hostCalls = 0)
    {
        var amounts = new BudgetAmounts { ModelTokens = tokens, Money = money, HostCalls = hostCalls };
        Assert.True(account.TryReserve(amounts, out BudgetReservation reservation, out BudgetRefusal refusal), refusal.ToString());
        Assert.True(reservation.Settle(amounts));
        _host.RunUntilIdle();
    }

    private static void InterlockedMax(ref long target, long value)
    {
        for (long seen = Volatile.Read(ref target); value > seen;)
        {
            long before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen) return;
            seen = before;
        }
    }
}
