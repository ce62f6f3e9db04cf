namespace Sirsi.Clouds.Prices;

/// <summary>What one price buys one of.</summary>
public enum PriceUnit : byte
{
    /// <summary>One hour of one thing.</summary>
    Hour,

    /// <summary>One month of one thing.</summary>
    Month,

    /// <summary>One GiB moved or processed.</summary>
    Gib,

    /// <summary>One GiB kept for a month.</summary>
    GibMonth,

    /// <summary>One GiB of memory for an hour.</summary>
    GibHour,

    /// <summary>One GiB of memory for a second.</summary>
    GibSecond,

    /// <summary>One GHz of processor for a second.</summary>
    GhzSecond,

    /// <summary>One vCPU for an hour.</summary>
    VcpuHour,

    /// <summary>One request, message, operation or event (not a thousand, not a million).</summary>
    Request,

    /// <summary>One provisioned operation per second for a month.</summary>
    IopsMonth,

    /// <summary>One provisioned MiB per second for a month.</summary>
    MibpsMonth,

    /// <summary>One capacity unit of the service for an hour; the key says which.</summary>
    UnitHour,

    /// <summary>One capacity unit of the service for a month; the key says which.</summary>
    UnitMonth,
}

/// <summary>How directly a price was read. Ordered from best to worst, so the worst of several is their maximum.</summary>
public enum PriceQuality : byte
{
    /// <summary>Read as it stands from a current source, one of 2026.</summary>
    Exact,

    /// <summary>Read as it stands from a source of 2023 or before, or one that carries no date.</summary>
    OlderSource,

    /// <summary>Computed from other prices of the same region; the source's note says how.</summary>
    Derived,

    /// <summary>No price for this region: the price of <see cref="Price.Region"/> stands in.</summary>
    OtherRegion,
}

/// <summary>Where prices were read.</summary>
/// <param name="Name">The published file or programming interface, for people.</param>
/// <param name="AsOf">The day or month the source states, <c>2026-07-20</c> or <c>2023-02</c>; <c>undated</c> when it states none.</param>
/// <param name="Note">What was done to get the price; empty when it stands in the source as it is.</param>
public sealed record PriceSource(string Name, string AsOf, string Note);

/// <summary>
/// A public on-demand list price in United States dollars, without tax, discount, commitment or free allowance. Never zero:
/// a price that is not known is no <see cref="Price"/> at all.
/// </summary>
/// <param name="Usd">Dollars for one <paramref name="Unit"/>, above 0.</param>
/// <param name="Unit">What the dollars buy.</param>
/// <param name="Quality">How directly the price was read.</param>
/// <param name="Region">
/// The region the price belongs to; another than the one asked for when the quality is <see cref="PriceQuality.OtherRegion"/>.
/// </param>
/// <param name="Source">Where it was read.</param>
public readonly record struct Price(double Usd, PriceUnit Unit, PriceQuality Quality, string Region, PriceSource Source)
{
    /// <summary>Hours in the month all monthly amounts are reckoned with.</summary>
    public const double HoursPerMonth = 730;

    /// <summary>Seconds in that month.</summary>
    public const double SecondsPerMonth = HoursPerMonth * 3600;

    /// <summary>
    /// Dollars a month for <paramref name="quantity"/> of what the unit counts, used all month: an hourly price runs 730
    /// hours, a price per request or per GiB moved is taken as that many a month.
    /// </summary>
    public double UsdPerMonth(double quantity = 1) => Usd * quantity * Unit switch
    {
        PriceUnit.Hour or PriceUnit.GibHour or PriceUnit.VcpuHour or PriceUnit.UnitHour => HoursPerMonth,
        PriceUnit.GibSecond or PriceUnit.GhzSecond => SecondsPerMonth,
        _ => 1,
    };

    /// <summary>One line for an estimate's basis: source, date, region when it stands in for another, and what was done.</summary>
    public string Basis()
    {
        string line = $"{Source.Name}, {Source.AsOf}";
        if (Quality is PriceQuality.OtherRegion) line += $", price of {Region}";
        return Source.Note.Length == 0 ? line : $"{line} ({Source.Note})";
    }
}
