using Sirsi.Core.Errors;

namespace Sirsi.Clouds;

/// <summary>The documented failures of this library.</summary>
public static partial class CloudsErrors
{
    /// <summary>The committed price table is damaged or of another version.</summary>
    public static readonly ErrorCode PriceBookUnreadable = new(
        4100, "The price book cannot be read", "Reinstall the product, or rebuild the price book with tools/PriceBook.");

    /// <summary>A source file of the price book is missing or not what it should be.</summary>
    public static readonly ErrorCode PriceSourceUnreadable = new(
        4102, "A price source cannot be read", "Check the folder given to the price book tool against docs/prices.md.");
}
