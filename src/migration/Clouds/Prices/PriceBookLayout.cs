using System.Runtime.CompilerServices;

// The tool that builds the price book writes the layout that this library reads.
[assembly: InternalsVisibleTo("Sirsi.PriceBook")]

namespace Sirsi.Clouds.Prices;

/// <summary>
/// The layout of <c>prices.bin</c>, little-endian, uncompressed so that opening it is one pass over the tables and price blocks
/// are decoded when first asked for. A string is a length byte pair and UTF-8.
/// <code>
/// magic            8 bytes
/// sources          u8 count; name, as-of, note
/// grades           u8 count; quality u8, source u8            how a price was got: referred to by each price
/// service keys     u16 count; key, unit u8                    ordinal order
/// cloud × 3        cloud u8
///   references     u8 count; region                           tried in this order when a region has no service price
///   sizes          u16 count; name, flags u16; with SpecKnown: family, vcpus u16, memory f64, gpus u8, gpu model,
///                  local disk f64, network f64, network class u8                        names in ordinal order, ignoring case
///   amounts        u16 count; f64                             ascending, distinct
///   regions        u16 count; name; three blocks, each u16 offerable, u16 count and 5 bytes an entry:
///                  Linux VMs, Windows VMs                     size u16, amount u16, grade u8: the offerable first, by price
///                  services                                   key u16, amount u16, grade u8: by key
/// checksum         32 bytes, SHA-256 of all before
/// </code>
/// </summary>
internal static class PriceBookLayout
{
    internal static ReadOnlySpan<byte> Magic => "SIRSIPB1"u8;

    internal const int EntryBytes = 5;

    internal const int ChecksumBytes = 32;

    /// <summary>In place of a disk or network figure that is not known.</summary>
    internal const double Unknown = -1;
}

/// <summary>The yes-or-no facts of a size, in a price book.</summary>
[Flags]
internal enum SizeFlags
{
    None = 0,
    SpecKnown = 1,
    Arm64 = 2,
    Burstable = 4,
    PreviousGeneration = 8,
    BareMetal = 16,
    NetworkBursts = 32,
    LocalDisk = 64,
    LocalDiskUnknown = 128,
}
