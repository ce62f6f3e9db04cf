using System.Collections.Immutable;
using Sirsi.Clouds.Prices;

namespace Sirsi.Migration.Assessing;

/// <summary>Whether a cost is known.</summary>
public enum CostStatus
{
    /// <summary>All that is charged by time or size has a price.</summary>
    Known,

    /// <summary>Some lines have a price, others are listed as missing.</summary>
    Partial,

    /// <summary>Charged by use (requests, traffic) that a configuration does not tell; unit prices are listed where known.</summary>
    Usage,

    /// <summary>The provider charges nothing for it by itself.</summary>
    Free,

    /// <summary>It costs something, and no price is known.</summary>
    Unknown,
}

/// <summary>A monthly cost (730 hours) and what it rests on.</summary>
/// <param name="Status">Whether it is known.</param>
/// <param name="Lines">The parts that are charged by time or size and have a price.</param>
/// <param name="Missing">In words: the parts that are charged by time or size and have none, and why.</param>
public sealed record CostEstimate(CostStatus Status, ImmutableArray<CostLine> Lines, ImmutableArray<string> Missing)
{
    /// <summary>The parts that are charged by use, which a configuration does not tell; they are in no sum.</summary>
    public ImmutableArray<UsageCharge> Usage { get; init; } = [];

    /// <summary>Whether every part charged by time or size has a price, or there is none.</summary>
    public bool IsWhole => Status is CostStatus.Known or CostStatus.Free;

    /// <summary>A resource that costs nothing by itself.</summary>
    public static CostEstimate Free { get; } = new(CostStatus.Free, [], []);

    /// <summary>The sum of the lines; null (never 0) when nothing is known.</summary>
    public decimal? MonthlyUsd { get; } =
        Status is CostStatus.Known or CostStatus.Partial ? Lines.Sum(static line => line.MonthlyUsd) : Status is CostStatus.Free ? 0 : null;
}

/// <summary>One priced part of an estimate: quantity × price.</summary>
/// <param name="What">In words: <c>m5.large, Linux</c>, <c>root disk gp3</c>.</param>
/// <param name="Quantity">How many of the price's unit a month: 730 hours, 100 GiB-months.</param>
/// <param name="Price">The unit price with its source and date.</param>
/// <param name="MonthlyUsd">US dollars a month, above 0 unless the quantity is 0.</param>
public sealed record CostLine(string What, decimal Quantity, Price Price, decimal MonthlyUsd);

/// <summary>A part that is charged by use.</summary>
/// <param name="What">In words: <c>requests</c>, <c>traffic to the internet</c>.</param>
/// <param name="Price">The price of one unit; null when it is not known.</param>
public sealed record UsageCharge(string What, Price? Price);
