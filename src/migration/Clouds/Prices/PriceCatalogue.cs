using System.Security.Cryptography;

namespace Sirsi.Clouds.Prices;

/// <summary>
/// On-demand list prices and virtual machine specifications of AWS, Azure and Google Cloud. Immutable and safe to read from
/// any number of threads. A look-up takes well under a microsecond and allocates nothing once its region has been asked for
/// before. Names of sizes and regions are matched ignoring case; a Google or AWS zone is not a region
/// (<see cref="Regions.RegionMap"/> turns one into the other).
/// </summary>
/// <remarks>
/// What is in the book, where it was read and what its service keys mean is told in <c>docs/prices.md</c>. A price that is not
/// known makes a method answer false; no method ever answers with a price of 0.
/// </remarks>
public sealed partial class PriceCatalogue
{
    private static readonly Lazy<PriceCatalogue> EmbeddedBook = new(OpenEmbedded);

    private readonly CloudPrices[] _clouds;
    private readonly string[] _keys;
    private readonly Dictionary<string, int> _keyIndex;

    private PriceCatalogue(ReadOnlyMemory<byte> book)
    {
        if (!book.Span.StartsWith(PriceBookLayout.Magic)) throw PriceBookReader.Damaged("it is none, or of another version");
        ReadOnlyMemory<byte> content = book[..^Math.Min(book.Length, PriceBookLayout.ChecksumBytes)];
        if (!SHA256.HashData(content.Span).AsSpan().SequenceEqual(book.Span[content.Length..]))
            throw PriceBookReader.Damaged("its checksum does not match");
        var reader = new PriceBookReader(content.Span);
        reader.Take(PriceBookLayout.Magic.Length);

        var sources = new PriceSource[reader.Byte()];
        for (int i = 0; i < sources.Length; i++) sources[i] = new PriceSource(reader.Text(), reader.Text(), reader.Text());
        var grades = new (PriceQuality, byte)[reader.Byte()];
        for (int i = 0; i < grades.Length; i++) grades[i] = ((PriceQuality)reader.Byte(), reader.Byte());

        _keys = new string[reader.UInt16()];
        _keyIndex = new(_keys.Length, StringComparer.Ordinal);
        var units = new PriceUnit[_keys.Length];
        for (int i = 0; i < _keys.Length; i++)
        {
            _keys[i] = reader.Text();
            units[i] = (PriceUnit)reader.Byte();
            _keyIndex.Add(_keys[i], i);
        }
        _clouds = new CloudPrices[3];
        for (int i = 0; i < _clouds.Length; i++) _clouds[i] = new CloudPrices(ref reader, book, sources, grades, units);
        Sources = [.. sources];
        BookBytes = book.Length;
    }

    /// <summary>The catalogue shipped inside this library, opened on first use.</summary>
    /// <exception cref="CloudsException">The embedded book is damaged.</exception>
    public static PriceCatalogue Embedded => EmbeddedBook.Value;

    /// <summary>Everything prices were read from.</summary>
    public IReadOnlyList<PriceSource> Sources { get; }

    /// <summary>The size of the book in bytes.</summary>
    public int BookBytes { get; }

    /// <summary>Every service key the book has a price for in some region of some cloud, in ordinal order.</summary>
    public IReadOnlyList<string> ServiceKeys => _keys;

    /// <summary>Opens a book that the price book tool wrote.</summary>
    /// <exception cref="CloudsException">The bytes are no price book of this version.</exception>
    public static PriceCatalogue Open(ReadOnlyMemory<byte> book) => new(book);

    /// <summary>The regions of a cloud that have any price, in ordinal order; empty for <see cref="Cloud.Other"/>.</summary>
    public IEnumerable<string> RegionsOf(Cloud cloud) =>
        Of(cloud) is { } prices ? prices.Regions.Select(region => region.Name) : [];

    /// <summary>Whether virtual machines have prices in a region.</summary>
    public bool HasVmPrices(Cloud cloud, string region)
    {
        ArgumentNullException.ThrowIfNull(region);
        return Of(cloud)?.Find(region) is { HasVms: true };
    }

    /// <summary>How many sizes of virtual machines can be ordered in a region, as far as is known.</summary>
    internal int OfferedSizes(Cloud cloud, string region) => Of(cloud)?.Find(region)?.OfferedSizes ?? 0;

    /// <summary>
    /// What an hour of a virtual machine costs in a region. Google's custom machine types (<c>e2-custom-4-8192</c>) are priced by
    /// their vCPUs and memory. False when the price is not known, which is never the same as free.
    /// </summary>
    public bool TryGetVmPrice(Cloud cloud, string region, string size, VmOs os, out Price price)
    {
        ArgumentNullException.ThrowIfNull(region);
        ArgumentNullException.ThrowIfNull(size);
        price = default;
        if (Of(cloud) is not { } prices || prices.Find(region) is not { } place) return false;
        if (prices.TryFindSize(size, out int index)) return place.Vms(os).TryGet(index, out price);
        return cloud is Cloud.Gcp && GcpCustomSize.TryParse(size, out GcpCustomSize custom)
            && TryGetCustomPrice(place, custom, os, out price);
    }

    /// <summary>
    /// What a size is made of. Knows virtual machine sizes, RDS instance classes (<c>db.m5.large</c>), ElastiCache node types
    /// (<c>cache.m5.large</c>) and Google's custom machine types; false for a name it does not know. Allocates only for the latter.
    /// </summary>
    public bool TryGetVm(Cloud cloud, string size, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out VmSize? vm)
    {
        ArgumentNullException.ThrowIfNull(size);
        vm = null;
        if (Of(cloud) is not { } prices) return false;
        if (prices.TryFindSize(size, out int index)) vm = prices.Sizes[index];
        else if (cloud is Cloud.Gcp && GcpCustomSize.TryParse(size, out GcpCustomSize custom)) vm = SpecOf(custom, size);
        return vm is not null;
    }

    /// <summary>
    /// The sizes that can be ordered in a region, cheapest first, equal prices by name; a size is in it when both its price
    /// and its specification are known. Empty for an unknown region. The span stays valid and unchanged for ever.
    /// </summary>
    public ReadOnlySpan<PricedVm> VmsByPrice(Cloud cloud, string region, VmOs os)
    {
        ArgumentNullException.ThrowIfNull(region);
        return Of(cloud)?.Find(region) is { } place ? place.Vms(os).Offered : [];
    }

    /// <summary>Every size of a cloud whose specification is known, in ordinal order ignoring case.</summary>
    public IEnumerable<VmSize> VmsOf(Cloud cloud) => Of(cloud)?.Sizes.OfType<VmSize>() ?? [];

    /// <summary>
    /// What one unit of a service costs in a region; the keys are listed in <c>docs/prices.md</c>. When the region has no price
    /// for the key, the cloud's reference regions are tried in turn and the answer's quality is <see cref="PriceQuality.OtherRegion"/>.
    /// </summary>
    public bool TryGetServicePrice(Cloud cloud, string region, string key, out Price price)
    {
        ArgumentNullException.ThrowIfNull(region);
        ArgumentNullException.ThrowIfNull(key);
        price = default;
        return _keyIndex.TryGetValue(key, out int index) && TryGetServicePrice(cloud, region, index, out price);
    }

    private bool TryGetServicePrice(Cloud cloud, string region, int key, out Price price)
    {
        price = default;
        if (Of(cloud) is not { } prices) return false;
        if (prices.Find(region)?.Services().TryGet(key, out price) is true) return true;
        foreach (RegionPrices reference in prices.References)
        {
            if (!reference.Services().TryGet(key, out price)) continue;
            price = price with { Quality = PriceQuality.OtherRegion };
            return true;
        }
        return false;
    }

    private CloudPrices? Of(Cloud cloud)
    {
        foreach (CloudPrices prices in _clouds)
            if (prices.Cloud == cloud)
                return prices;
        return null;
    }

    private static PriceCatalogue OpenEmbedded()
    {
        using Stream? stream = typeof(PriceCatalogue).Assembly.GetManifestResourceStream("prices.bin");
        if (stream is null) throw PriceBookReader.Damaged("it is missing");
        var book = new byte[stream.Length];
        stream.ReadExactly(book);
        return new PriceCatalogue(book);
    }
}
