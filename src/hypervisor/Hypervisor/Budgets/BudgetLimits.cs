namespace Sirsi.Hypervisor.Budgets;

/// <summary>
/// The most an account may spend. A resource without a limit here is limited by the accounts above alone; one that no account has a limit for is refused, so
/// whoever wants no limit says so with <see cref="long.MaxValue"/>. Negative limits throw <see cref="ArgumentOutOfRangeException"/>.
/// </summary>
public sealed record BudgetLimits
{
    private const long NoLimit = -1;

    private static readonly TimeSpan RenewsEveryMin = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RenewsEveryMax = TimeSpan.FromDays(3_660);

    private ResourceNumbers _limits = NoLimits();
    private readonly TimeSpan? _renewsEvery;

    /// <summary>No limits but those above.</summary>
    public static BudgetLimits None { get; } = new();

    /// <summary>Millionths of the tree's currency.</summary>
    public long? Money { get => this[BudgetResource.Money]; init => Set(BudgetResource.Money, value); }

    /// <summary>Tokens of language models.</summary>
    public long? ModelTokens { get => this[BudgetResource.ModelTokens]; init => Set(BudgetResource.ModelTokens, value); }

    /// <summary>Calls to the host.</summary>
    public long? HostCalls { get => this[BudgetResource.HostCalls]; init => Set(BudgetResource.HostCalls, value); }

    /// <summary>Nanoseconds of processor time.</summary>
    public long? CpuTime { get => this[BudgetResource.CpuTime]; init => Set(BudgetResource.CpuTime, value); }

    /// <summary>Bytes stored.</summary>
    public long? BytesStored { get => this[BudgetResource.BytesStored]; init => Set(BudgetResource.BytesStored, value); }

    /// <summary>Bytes sent.</summary>
    public long? BytesSent { get => this[BudgetResource.BytesSent]; init => Set(BudgetResource.BytesSent, value); }

    /// <summary>
    /// How long a period is, a minute to ten years: at its end all but what is stored or reserved may be spent anew. Null for a budget that is never renewed.
    /// </summary>
    public TimeSpan? RenewsEvery
    {
        get => _renewsEvery;
        init => _renewsEvery = value is { } every && (every < RenewsEveryMin || every > RenewsEveryMax)
            ? throw new ArgumentOutOfRangeException(nameof(value), every, "A period is one minute to ten years long.")
            : value;
    }

    /// <summary>An instant at which a period begins. Default 1970-01-01 00:00 UTC, so that days begin at midnight UTC.</summary>
    public DateTimeOffset RenewsFrom { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>The limit of one resource.</summary>
    public long? this[BudgetResource resource] => _limits[ResourceNumbers.Index(resource)] is var limit and not NoLimit ? limit : null;

    /// <summary>The same limits but for one resource.</summary>
    public BudgetLimits With(BudgetResource resource, long? limit)
    {
        BudgetLimits changed = this with { };
        changed.Set(resource, limit);
        return changed;
    }

    /// <summary>The limit, or the greatest number where there is none: sums of what was spent stay below it all the same.</summary>
    internal long LimitOrMax(int resource) => _limits[resource] is var limit and not NoLimit ? limit : long.MaxValue;

    internal bool Has(int resource) => _limits[resource] != NoLimit;

    /// <summary>The number of the period an instant lies in; 0 for a budget without periods.</summary>
    internal long PeriodAt(DateTimeOffset instant)
    {
        if (RenewsEvery is not { } every) return 0;
        (long periods, long rest) = Math.DivRem(instant.UtcTicks - RenewsFrom.UtcTicks, every.Ticks);
        return rest < 0 ? periods - 1 : periods;
    }

    internal DateTimeOffset? StartOf(long period) =>
        RenewsEvery is { } every ? new DateTimeOffset(Math.Max(0, RenewsFrom.UtcTicks + (period * every.Ticks)), TimeSpan.Zero) : null;

    private void Set(BudgetResource resource, long? limit)
    {
        if (limit is { } given) ArgumentOutOfRangeException.ThrowIfNegative(given, nameof(limit));
        _limits[ResourceNumbers.Index(resource)] = limit ?? NoLimit;
    }

    private static ResourceNumbers NoLimits()
    {
        ResourceNumbers limits = default;
        ((Span<long>)limits).Fill(NoLimit);
        return limits;
    }
}
