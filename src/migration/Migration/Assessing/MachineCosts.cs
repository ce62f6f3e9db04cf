using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Prices;

namespace Sirsi.Migration.Assessing;

/// <summary>Prices machines by their size and operating system.</summary>
internal static class MachineCosts
{
    /// <summary>Adds machines of <c>size</c> or <c>nodeSize</c>; a system that is not stated is taken for Linux, and told so.</summary>
    public static void AddMachine(Bill bill, AttributeMap facts, double count)
    {
        if ((facts["size"].AsText ?? facts["nodeSize"].AsText) is not { } size)
        {
            bill.AddMissing("machine: its size is not stated");
            return;
        }

        string? system = facts["os"].AsText;
        VmOs os = system == "windows" ? VmOs.Windows : VmOs.Linux;
        string what = $"{size}, {os}{(system is null ? " assumed" : "")}";
        if (!bill.TryGetRegion(what, out string? region)) return;
        if (bill.Prices.TryGetVmPrice(bill.Cloud, region, size, os, out Price price)) bill.Add(what, count, price);
        else bill.AddMissing($"{what}: no price known in {region}");
    }
}
