namespace Sirsi.Clouds.Prices;

/// <summary>
/// The prices of one region. A block is decoded when first asked for and then kept; two threads that race decode it twice
/// and keep one, so readers never wait.
/// </summary>
internal sealed class RegionPrices(CloudPrices cloud, string name, PriceBlock linux, PriceBlock windows, PriceBlock services)
{
    private VmTable? _linux;
    private VmTable? _windows;
    private ServiceTable? _services;

    internal string Name => name;

    internal bool HasVms => linux.Count > 0;

    internal int OfferedSizes => linux.Offerable;

    internal VmTable Vms(VmOs os) => os is VmOs.Windows
        ? _windows ?? Keep(ref _windows, DecodeVms(windows))
        : _linux ?? Keep(ref _linux, DecodeVms(linux));

    internal ServiceTable Services() => _services ?? Keep(ref _services, DecodeServices());

    private static T Keep<T>(ref T? field, T decoded)
        where T : class => Interlocked.CompareExchange(ref field, decoded, null) ?? decoded;

    private VmTable DecodeVms(PriceBlock block)
    {
        var prices = new Price[block.Count];
        var slots = new ushort[cloud.Sizes.Length];
        var offered = new PricedVm[block.Offerable];
        for (int i = 0; i < prices.Length; i++)
        {
            (int size, prices[i]) = cloud.Decode(block[i], name, PriceUnit.Hour);
            slots[size] = (ushort)(i + 1);
            if (i >= offered.Length) continue;
            VmSize vm = cloud.Sizes[size] ?? throw PriceBookReader.Damaged("an offered size has no specification");
            offered[i] = new PricedVm(vm, prices[i]);
        }
        return new VmTable(offered, prices, slots);
    }

    private ServiceTable DecodeServices()
    {
        var keys = new ushort[services.Count];
        var prices = new Price[services.Count];
        for (int i = 0; i < keys.Length; i++)
        {
            (int key, prices[i]) = cloud.Decode(services[i], name, unit: null);
            keys[i] = (ushort)key;
        }
        return new ServiceTable(keys, prices);
    }
}

/// <summary>The virtual machine prices of one region and operating system.</summary>
internal sealed class VmTable(PricedVm[] offered, Price[] prices, ushort[] slots)
{
    /// <summary>What can be ordered there, cheapest first.</summary>
    internal ReadOnlySpan<PricedVm> Offered => offered;

    internal bool TryGet(int size, out Price price)
    {
        int slot = slots[size];
        price = slot == 0 ? default : prices[slot - 1];
        return slot != 0;
    }
}

/// <summary>The service prices of one region, by number of the key.</summary>
internal sealed class ServiceTable(ushort[] keys, Price[] prices)
{
    internal bool TryGet(int key, out Price price)
    {
        int found = keys.AsSpan().BinarySearch((ushort)key);
        price = found < 0 ? default : prices[found];
        return found >= 0;
    }

    internal ReadOnlySpan<ushort> Keys => keys;
}
