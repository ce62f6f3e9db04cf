using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Prices;

namespace Sirsi.Migration.Assessing;

/// <summary>Collects the parts of one estimate. Not thread-safe.</summary>
internal sealed class Bill(PriceCatalogue prices, Cloud cloud, string? region, AttributeMap facts)
{
    private const int UsdDecimals = 6;
    private const decimal HoursPerMonth = 730;

    /// <summary>Above this a quantity is a mistake of its source, and a decimal would not hold the product.</summary>
    private const double QuantityMax = 1e12;

    private readonly ImmutableArray<CostLine>.Builder _lines = ImmutableArray.CreateBuilder<CostLine>();
    private readonly ImmutableArray<string>.Builder _missing = ImmutableArray.CreateBuilder<string>();
    private readonly ImmutableArray<UsageCharge>.Builder _usage = ImmutableArray.CreateBuilder<UsageCharge>();

    public PriceCatalogue Prices => prices;

    public Cloud Cloud => cloud;

    public AttributeMap Facts => facts;

    /// <summary>The region; false, and the part told missing, when it is not known.</summary>
    public bool TryGetRegion(string what, [NotNullWhen(true)] out string? known)
    {
        known = region;
        if (region is null) AddMissing($"{what}: the region is not known");
        return region is not null;
    }

    /// <summary>Adds so many of a thing at a price for the whole month.</summary>
    public void Add(string what, double count, Price price)
    {
        if (!(count >= 0 && count <= QuantityMax))
        {
            AddMissing($"{what}: {count} is no quantity");
            return;
        }

        decimal quantity = (decimal)count * (IsHourly(price.Unit) ? HoursPerMonth : 1);
        _lines.Add(new CostLine(what, quantity, price, Math.Round(quantity * (decimal)price.Usd, UsdDecimals)));
    }

    /// <summary>Adds a service by its key in the price book.</summary>
    public void AddService(string what, double count, string key)
    {
        if (!TryGetRegion(what, out string? place)) return;
        if (prices.TryGetServicePrice(cloud, place, key, out Price price)) Add(what, count, price);
        else AddMissing($"{what}: no price known");
    }

    /// <summary>Tells a part that costs something nobody can tell.</summary>
    public void AddMissing(string what) => _missing.Add(what);

    /// <summary>Tells a part that is charged by use, with its unit price where there is one.</summary>
    public void AddUsage(string what, string? key)
    {
        bool isPriced = key is { Length: > 1 } && region is not null;
        Price? known = isPriced && prices.TryGetServicePrice(cloud, region!, key!, out Price price) ? price : null;
        _usage.Add(new UsageCharge(what, known));
    }

    public CostEstimate ToEstimate()
    {
        CostStatus status = (_lines.Count, _missing.Count, _usage.Count) switch
        {
            ( > 0, 0, _) => CostStatus.Known,
            ( > 0, _, _) => CostStatus.Partial,
            (_, > 0, _) => CostStatus.Unknown,
            (_, _, > 0) => CostStatus.Usage,
            _ => CostStatus.Free,
        };
        return new CostEstimate(status, _lines.ToImmutable(), _missing.ToImmutable()) { Usage = _usage.ToImmutable() };
    }

    private static bool IsHourly(PriceUnit unit) =>
        unit is PriceUnit.Hour or PriceUnit.GibHour or PriceUnit.VcpuHour or PriceUnit.UnitHour;
}
