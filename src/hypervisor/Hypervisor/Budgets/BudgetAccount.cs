using Sirsi.Core.Hosting;

namespace Sirsi.Hypervisor.Budgets;

/// <summary>
/// A budget that is kept before it is spent: reserve the most a call may use, make the call, settle what it used. Accounts nest (tenant → session → agent → child agent);
/// an amount is reserved at its account and every one above, at all or at none, so no interleaving exceeds a limit. What has no budget is refused.
/// Safe for any number of threads; all accounts of a tree share one lock.
/// </summary>
public sealed partial class BudgetAccount
{
    /// <summary>The most accounts one above the other.</summary>
    public const int DepthMax = 16;

    private readonly BudgetTree _tree;

    /// <summary>From the root down to this.</summary>
    private readonly BudgetAccount[] _path;

    private BudgetLimits _limits;
    private ResourceNumbers _used;
    private ResourceNumbers _reserved;
    private ResourceNumbers _overrun;
    private long _period;
    private long[]? _warnedTicks;
    private bool _isClosed;
    private bool _isRestored;

    /// <summary>An account without one above it.</summary>
    /// <param name="name">What people call it, for example the tenant's name.</param>
    /// <param name="limits">The most that may be spent.</param>
    /// <param name="options">What it and all below it have in common.</param>
    /// <param name="environment">The clock of periods and warnings; the executor on which warnings are told.</param>
    /// <exception cref="ArgumentException">The options break rules; the message names every one.</exception>
    public BudgetAccount(string name, BudgetLimits limits, BudgetOptions options, HostEnvironment environment)
        : this(name, limits, parent: null, new BudgetTree(Checked(options), Checked(environment)))
    {
        string problems = string.Join(' ', options.Problems());
        if (problems.Length > 0) throw new ArgumentException(problems, nameof(options));
    }

    private BudgetAccount(string name, BudgetLimits limits, BudgetAccount? parent, BudgetTree tree)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(limits);
        Name = name;
        _limits = limits;
        _tree = tree;
        _path = parent is null ? [this] : [.. parent._path, this];
        if (_path.Length > DepthMax) throw new ArgumentException($"Accounts nest at most {DepthMax} deep.", nameof(parent));
        if (limits.RenewsEvery is not null) _period = limits.PeriodAt(tree.Time.GetUtcNow());
    }

    /// <summary>What people call it.</summary>
    public string Name { get; }

    /// <summary>The limits that hold now.</summary>
    public BudgetLimits Limits => Volatile.Read(ref _limits);

    /// <summary>An account under this one.</summary>
    /// <exception cref="HypervisorException">3050: this account, or one above it, is closed.</exception>
    public BudgetAccount CreateChild(string name, BudgetLimits limits)
    {
        lock (_tree.Gate)
        {
            if (Closed() is { } closed) throw new HypervisorException(HypervisorErrors.BudgetClosed, $"The budget of '{closed.Name}' is closed.");
        }

        return new BudgetAccount(name, limits, this, _tree);
    }

    /// <summary>Sets the amounts aside here and in every account above, all of them or none.</summary>
    /// <param name="amounts">The most that the call may use.</param>
    /// <param name="reservation">To be settled or disposed of; the default one when this is refused.</param>
    /// <param name="refusal">Who refused what; the default value when nobody did.</param>
    public bool TryReserve(in BudgetAmounts amounts, out BudgetReservation reservation, out BudgetRefusal refusal)
    {
        List<BudgetWarning>? warnings;
        lock (_tree.Gate)
        {
            RollPeriods();
            if (TryFindObstacle(in amounts, out refusal))
            {
                reservation = default;
                return false;
            }

            reservation = SetAside(in amounts);
            warnings = _tree.TakeWarnings();
        }

        _tree.Post(warnings);
        return true;
    }

    /// <summary>Sets aside as much of one resource as there is, here and in every account above.</summary>
    /// <param name="resource">Of what.</param>
    /// <param name="least">Less than this is of no use.</param>
    /// <param name="most">No more than this.</param>
    /// <param name="reservation">As of <see cref="TryReserve"/>.</param>
    /// <param name="amount">How much is set aside; 0 when this is refused.</param>
    /// <param name="refusal">Who refused <paramref name="least"/>.</param>
    internal bool TryReserveUpTo(BudgetResource resource, long least, long most, out BudgetReservation reservation, out long amount, out BudgetRefusal refusal)
    {
        List<BudgetWarning>? warnings;
        lock (_tree.Gate)
        {
            RollPeriods();
            BudgetAmounts amounts = default;
            if (TryFindObstacle(amounts.With(resource, least), out refusal))
            {
                (reservation, amount) = (default, 0);
                return false;
            }

            amount = most;
            foreach (BudgetAccount account in _path) amount = Math.Min(amount, account.Left((int)resource));
            amounts = amounts.With(resource, amount);
            reservation = SetAside(in amounts);
            warnings = _tree.TakeWarnings();
        }

        _tree.Post(warnings);
        return true;
    }

    /// <summary>Gives back room of what was stored and is no more, here and in every account above.</summary>
    /// <param name="bytes">At most what this account has stored.</param>
    public void ReturnStored(long bytes)
    {
        const int stored = (int)BudgetResource.BytesStored;
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        lock (_tree.Gate)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _used[stored]);
            foreach (BudgetAccount account in _path) account._used[stored] = Math.Max(0, account._used[stored] - bytes);
        }
    }

    /// <summary>Sets aside again what was set aside before the host stopped, whatever the limits say.</summary>
    internal BudgetReservation ReserveAgain(in BudgetAmounts amounts)
    {
        lock (_tree.Gate)
        {
            foreach (BudgetAccount account in _path)
                for (int resource = 0; resource < BudgetResources.Count; resource++) account._reserved[resource] += amounts[(BudgetResource)resource];
            return new BudgetReservation(_tree.TakeSlot(this, in amounts));
        }
    }

    /// <summary>Counts what is stored already, whatever the limits say.</summary>
    internal void CountStored(long bytes)
    {
        lock (_tree.Gate)
        {
            foreach (BudgetAccount account in _path)
                account._used[(int)BudgetResource.BytesStored] = Sum(account._used[(int)BudgetResource.BytesStored], bytes);
        }
    }

    /// <summary>This account and those above it, the root first.</summary>
    internal ReadOnlySpan<BudgetAccount> Path => _path;

    /// <summary>Changes the limits. What is lowered below what was spent refuses until that is no longer so.</summary>
    public void ChangeLimits(BudgetLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        lock (_tree.Gate)
        {
            RollPeriods();
            _period = limits.PeriodAt(_tree.Time.GetUtcNow());
            _warnedTicks = null;
            Volatile.Write(ref _limits, limits);
        }
    }

    /// <summary>From now on nothing is reserved here and below. What is reserved may still be settled.</summary>
    public void Close()
    {
        lock (_tree.Gate) _isClosed = true;
    }

    /// <summary>How it stands.</summary>
    public BudgetSnapshot Snapshot()
    {
        lock (_tree.Gate)
        {
            RollPeriods();
            return new BudgetSnapshot(
                BudgetAmounts.Of(in _used), BudgetAmounts.Of(in _reserved), BudgetAmounts.Of(in _overrun), _limits.StartOf(_period));
        }
    }

    /// <summary>
    /// Takes up what an earlier account had spent; accounts are restored each for itself. What was reserved counts as used, since nobody knows whether those calls were made:
    /// who does know restores <c>snapshot with { Reserved = … }</c>.
    /// </summary>
    /// <exception cref="InvalidOperationException">Something was reserved, or restored, before.</exception>
    public void Restore(in BudgetSnapshot snapshot)
    {
        lock (_tree.Gate)
        {
            if (_isRestored || !_used.Equals(default) || !_reserved.Equals(default) || !_overrun.Equals(default))
                throw new InvalidOperationException("An account is restored once, before anything is reserved.");
            _isRestored = true;
            for (int resource = 0; resource < BudgetResources.Count; resource++)
            {
                var of = (BudgetResource)resource;
                _used[resource] = Sum(snapshot.Used[of], snapshot.Reserved[of]);
                _overrun[resource] = snapshot.Overrun[of];
            }

            if (snapshot.PeriodStart is { } start) _period = _limits.PeriodAt(start);
            RollPeriods();
        }
    }

    /// <summary>Ends a reservation made here; the lock is held.</summary>
    internal void Charge(in BudgetAmounts reserved, in BudgetAmounts actual)
    {
        RollPeriods();
        foreach (BudgetAccount account in _path)
        {
            for (int resource = 0; resource < BudgetResources.Count; resource++)
            {
                long held = reserved[(BudgetResource)resource], used = actual[(BudgetResource)resource];
                account._reserved[resource] -= held;
                account._used[resource] += Math.Min(held, used);
                if (used <= held) continue;
                account._overrun[resource] = Sum(account._overrun[resource], used - held);
                account.WarnIfDue(resource);
            }
        }
    }

    /// <summary>The lock is held, and nothing is in the way.</summary>
    private BudgetReservation SetAside(in BudgetAmounts amounts)
    {
        foreach (BudgetAccount account in _path)
        {
            for (int resource = 0; resource < BudgetResources.Count; resource++)
            {
                if (amounts[(BudgetResource)resource] is not (> 0 and var amount)) continue;
                account._reserved[resource] += amount;
                account.WarnIfDue(resource);
            }
        }

        return new BudgetReservation(_tree.TakeSlot(this, in amounts));
    }

    /// <summary>Begins new periods, here and above, where the clock says so. A clock set back begins none.</summary>
    private void RollPeriods()
    {
        DateTimeOffset? now = null;
        foreach (BudgetAccount account in _path)
        {
            if (account._limits.RenewsEvery is null) continue;
            long period = account._limits.PeriodAt(now ??= _tree.Time.GetUtcNow());
            if (period <= account._period) continue;
            account._period = period;
            account._warnedTicks = null;
            const int stored = (int)BudgetResource.BytesStored;
            (long used, long overrun) = (account._used[stored], account._overrun[stored]);
            account._used = account._overrun = default;
            account._used[stored] = used;
            account._overrun[stored] = overrun;
        }
    }

    private void WarnIfDue(int resource)
    {
        BudgetOptions options = _tree.Options;
        if (options.OnWarning is null || !_limits.Has(resource)) return;
        long limit = _limits.LimitOrMax(resource), spent = Sum(Sum(_used[resource], _reserved[resource]), _overrun[resource]);
        if (spent < limit * (options.WarnAtPercent / 100.0)) return;
        long now = _tree.Time.GetUtcNow().UtcTicks;
        long[] warned = _warnedTicks ??= new long[BudgetResources.Count];
        if (warned[resource] != 0 && now - warned[resource] < options.WarnAgainAfter.Ticks) return;
        warned[resource] = now;
        _tree.Warn(new BudgetWarning(Name, (BudgetResource)resource, spent, limit));
    }

    /// <summary>The sum of two numbers not below 0, or the greatest number.</summary>
    private static long Sum(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;

    private static T Checked<T>(T value, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(value))] string? name = null)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(value, name);
        return value;
    }
}
