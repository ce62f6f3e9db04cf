namespace Sirsi.Clouds.Prices;

/// <summary>What one unit of something costs, and where we know it from.</summary>
/// <param name="Usd">US dollars per <paramref name="Unit"/>; above 0.</param>
/// <param name="Unit">The unit, for example <c>hour</c> or <c>GiB-month</c>.</param>
public sealed record Price(decimal Usd, string Unit);
