using Sirsi.Store.Tests.Engines;

namespace Sirsi.Store.Tests.Contracts;

public abstract class LeaseContract : Contract
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task One_holder_at_a_time_and_the_next_after_expiry_with_a_greater_token()
    {
        Lease first = (await AcquireAsync("a"))!;
        Assert.Null(await AcquireAsync("b"));
        Assert.Null(await AcquireAsync("a"));
        Engine.Time.Advance(Minute + TimeSpan.FromSeconds(1));
        Lease second = (await AcquireAsync("b"))!;
        Assert.True(second.Token > first.Token);
        Assert.Equal("b", (await Database.ReadAsync(session => Leases.GetAsync(session, Scope, "agent"), Cancellation))!.Holder);
    }

    [Fact]
    public async Task Of_many_who_reach_for_a_lease_one_gets_it()
    {
        Lease?[] leases = await Task.WhenAll(Enumerable.Range(0, 30).Select(number => AcquireAsync($"node {number}")));
        Assert.Single(leases, static lease => lease is not null);
    }

    [Fact]
    public async Task A_lease_is_prolonged_only_while_it_holds()
    {
        Lease lease = (await AcquireAsync("a"))!;
        Engine.Time.Advance(Minute / 2);
        Lease renewed = (await Database.RunAsync(unit => Leases.TryRenewAsync(unit, lease, Minute), Cancellation))!;
        Assert.True(renewed.ExpiresAt > lease.ExpiresAt);
        Assert.Equal(lease.Token, renewed.Token);
        Engine.Time.Advance(Minute + TimeSpan.FromSeconds(1));
        Assert.Null(await Database.RunAsync(unit => Leases.TryRenewAsync(unit, renewed, Minute), Cancellation));
    }

    [Fact]
    public async Task One_that_has_expired_is_prolonged_on_request_until_somebody_has_taken_it()
    {
        Lease lease = (await AcquireAsync("a"))!;
        Task<Lease?> RenewAsync() => Database.RunAsync(unit => Leases.TryRenewAsync(unit, lease, Minute, evenExpired: true), Cancellation);
        Engine.Time.Advance(Minute * 2);
        Assert.Equal(lease.Token, (await RenewAsync())!.Token);
        Assert.Null(await AcquireAsync("b"));
        Engine.Time.Advance(Minute * 2);
        Assert.NotNull(await AcquireAsync("b"));
        Assert.Null(await RenewAsync());
    }

    [Fact]
    public async Task A_released_lease_is_free_at_once_and_its_token_is_stale()
    {
        Lease first = (await AcquireAsync("a"))!;
        Assert.True(await Database.RunAsync(unit => Leases.ReleaseAsync(unit, first), Cancellation));
        Assert.False(await IsCurrentAsync(first));
        Lease second = (await AcquireAsync("b"))!;
        Assert.True(second.Token > first.Token);
        Assert.False(await Database.RunAsync(unit => Leases.ReleaseAsync(unit, first), Cancellation));
        Assert.True(await IsCurrentAsync(second));
    }

    [Fact]
    public async Task A_holder_that_was_succeeded_is_fenced_off_though_it_never_noticed()
    {
        Lease first = (await AcquireAsync("a"))!;
        Assert.True(await IsCurrentAsync(first));
        Engine.Time.Advance(Minute * 2);
        Assert.True(await IsCurrentAsync(first)); // Nobody has taken over yet.
        await AcquireAsync("b");
        Assert.False(await IsCurrentAsync(first));
    }

    [Fact]
    public async Task Guarded_writes_of_two_holders_never_mix()
    {
        // A register that only ever takes writes of tokens in order.
        var space = new KeySpace(Scope, "register");
        Lease?[] held = [await AcquireAsync("first"), null];
        Engine.Time.Advance(Minute * 2);
        Task<bool>[] writes = [.. Enumerable.Range(0, 20).Select(number => GuardedWriteAsync(held[0]!, space))];
        Lease second = (await AcquireAsync("second"))!;
        Assert.True(await GuardedWriteAsync(second, space));
        await Task.WhenAll(writes);
        Assert.False(await GuardedWriteAsync(held[0]!, space));
        Page<KeyChange> history = await Database.ReadAsync(session => KeyValues.HistoryAsync(session, space, "token", new PageRequest()), Cancellation);
        long[] tokens = [.. history.Items.Reverse().Select(static change => BitConverter.ToInt64(change.Value!.Value.Span))];
        Assert.Equal(tokens.Order(), tokens);
        Assert.Equal(second.Token, tokens[^1]);
    }

    [Fact]
    public async Task Another_project_has_leases_of_its_own()
    {
        Assert.NotNull(await AcquireAsync("a"));
        Assert.NotNull(await Database.RunAsync(unit => Leases.TryAcquireAsync(unit, Engine.NewScope(), "agent", "b", Minute), Cancellation));
    }

    private Task<bool> GuardedWriteAsync(Lease lease, KeySpace space) => Database.RunAsync(async unit =>
    {
        if (!await Leases.IsCurrentAsync(unit, lease)) return false;
        await KeyValues.PutAsync(unit, space, "token", BitConverter.GetBytes(lease.Token));
        return true;
    }, Cancellation);

    private Task<Lease?> AcquireAsync(string holder) =>
        Database.RunAsync(unit => Leases.TryAcquireAsync(unit, Scope, "agent", holder, Minute), Cancellation);

    private Task<bool> IsCurrentAsync(Lease lease) => Database.RunAsync(unit => Leases.IsCurrentAsync(unit, lease), Cancellation);
}

public sealed class SqliteLeaseTests : LeaseContract
{
    protected override ValueTask<Engine> CreateEngineAsync() => ValueTask.FromResult<Engine>(new SqliteEngine());
}

[Trait("Suite", "slow")]
public sealed class PostgresLeaseTests : LeaseContract
{
    protected override async ValueTask<Engine> CreateEngineAsync() => await PostgresEngine.CreateAsync();
}
