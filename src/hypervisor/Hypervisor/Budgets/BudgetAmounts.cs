using System.Runtime.CompilerServices;

namespace Sirsi.Hypervisor.Budgets;

/// <summary>An amount of each resource, 0 or more; 0 where none is named. Setting a negative one throws <see cref="ArgumentOutOfRangeException"/>.</summary>
public readonly struct BudgetAmounts : IEquatable<BudgetAmounts>
{
    private readonly ResourceNumbers _amounts;

    private BudgetAmounts(in ResourceNumbers amounts) => _amounts = amounts;

    /// <summary>Millionths of the tree's currency.</summary>
    public long Money { get => this[BudgetResource.Money]; init => _amounts[(int)BudgetResource.Money] = Checked(value); }

    /// <summary>Tokens of language models.</summary>
    public long ModelTokens { get => this[BudgetResource.ModelTokens]; init => _amounts[(int)BudgetResource.ModelTokens] = Checked(value); }

    /// <summary>Calls to the host.</summary>
    public long HostCalls { get => this[BudgetResource.HostCalls]; init => _amounts[(int)BudgetResource.HostCalls] = Checked(value); }

    /// <summary>Nanoseconds of processor time.</summary>
    public long CpuTime { get => this[BudgetResource.CpuTime]; init => _amounts[(int)BudgetResource.CpuTime] = Checked(value); }

    /// <summary>Bytes stored.</summary>
    public long BytesStored { get => this[BudgetResource.BytesStored]; init => _amounts[(int)BudgetResource.BytesStored] = Checked(value); }

    /// <summary>Bytes sent.</summary>
    public long BytesSent { get => this[BudgetResource.BytesSent]; init => _amounts[(int)BudgetResource.BytesSent] = Checked(value); }

    /// <summary>The amount of one resource.</summary>
    public long this[BudgetResource resource] => _amounts[ResourceNumbers.Index(resource)];

    /// <summary>The same amounts but for one resource.</summary>
    public BudgetAmounts With(BudgetResource resource, long amount)
    {
        ResourceNumbers amounts = _amounts;
        amounts[ResourceNumbers.Index(resource)] = Checked(amount);
        return new BudgetAmounts(in amounts);
    }

    /// <inheritdoc/>
    public bool Equals(BudgetAmounts other) => _amounts.Equals(other._amounts);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BudgetAmounts other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _amounts.GetHashCode();

    /// <summary>Whether all amounts are the same.</summary>
    public static bool operator ==(BudgetAmounts left, BudgetAmounts right) => left.Equals(right);

    /// <summary>Whether an amount differs.</summary>
    public static bool operator !=(BudgetAmounts left, BudgetAmounts right) => !left.Equals(right);

    /// <summary>The amounts that are not 0, with their names.</summary>
    public override string ToString()
    {
        BudgetAmounts self = this;
        return string.Join(", ", Enum.GetValues<BudgetResource>().Where(resource => self[resource] > 0).Select(resource => $"{resource}={self[resource]}"));
    }

    internal static BudgetAmounts Of(in ResourceNumbers numbers) => new(in numbers);

    private static long Checked(long amount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        return amount;
    }
}

/// <summary>A number for each resource.</summary>
[InlineArray(BudgetResources.Count)]
internal struct ResourceNumbers : IEquatable<ResourceNumbers>
{
    private long _first;

    public static int Index(BudgetResource resource)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)resource, (uint)BudgetResources.Count, nameof(resource));
        return (int)resource;
    }

    public readonly bool Equals(ResourceNumbers other) => ((ReadOnlySpan<long>)this).SequenceEqual(other);

    public override readonly bool Equals(object? obj) => obj is ResourceNumbers other && Equals(other);

    public override readonly int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (long number in this) hash.Add(number);
        return hash.ToHashCode();
    }
}
