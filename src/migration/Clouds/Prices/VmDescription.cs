using System.Collections.Immutable;
using Sirsi.Clouds.Regions;

namespace Sirsi.Clouds.Prices;

/// <summary>The price of a size with one operating system; null when it is not known.</summary>
public readonly record struct OsPrice(VmOs Os, Price? Price);

/// <summary>A size in a region with its prices.</summary>
/// <param name="Vm">The size.</param>
/// <param name="Region">The region the prices are asked for.</param>
/// <param name="Prices">One entry for each operating system, in the order of <see cref="VmOs"/>.</param>
public sealed record VmOffer(VmSize Vm, Region Region, ImmutableArray<OsPrice> Prices);

/// <summary>What the catalogue can tell of a size.</summary>
/// <param name="Offer">The size where it was asked for.</param>
/// <param name="Equivalents">
/// On each of the other clouds that has one: the cheapest size that does as much, in the nearest region. Empty for database and
/// cache nodes.
/// </param>
public sealed record VmDescription(VmOffer Offer, ImmutableArray<VmOffer> Equivalents);

public sealed partial class PriceCatalogue
{
    private static readonly Cloud[] Clouds = [Cloud.Aws, Cloud.Azure, Cloud.Gcp];

    /// <summary>
    /// Tells what a size is, what it costs and what comes nearest on the other clouds. Which cloud the size is of follows from its name.
    /// </summary>
    /// <param name="size">A size's name, case ignored.</param>
    /// <param name="place">A region or zone of that cloud, or null for the cloud's reference region.</param>
    /// <returns>Null when no cloud has such a size or the size's cloud has no such region.</returns>
    public VmDescription? Describe(string size, string? place = null)
    {
        ArgumentNullException.ThrowIfNull(size);
        foreach (Cloud cloud in Clouds)
        {
            if (!TryGetVm(cloud, size, out VmSize? vm)) continue;
            if (!RegionMap.TryGet(cloud, place ?? Of(cloud)!.References[0].Name, out Region? region)) return null;
            var equivalents = ImmutableArray.CreateBuilder<VmOffer>();
            bool isMachine = !vm.Name.StartsWith("db.", StringComparison.Ordinal)
                && !vm.Name.StartsWith("cache.", StringComparison.Ordinal);
            foreach (Cloud other in Clouds)
                if (isMachine && other != cloud && RegionMap.Nearest(cloud, region.Id, other, this) is { } nearest
                    && TryFindCheapest(vm, other, nearest.Id, VmOs.Linux, out PricedVm found))
                    equivalents.Add(OfferOf(found.Vm, nearest));
            return new VmDescription(OfferOf(vm, region), equivalents.ToImmutable());
        }
        return null;
    }

    /// <summary>
    /// Finds the cheapest size of a region that does as much as another one: at least its vCPUs, memory and accelerators, the same
    /// instruction set, a local disk as large if it has one and no accelerator, its own processors unless it is burstable, a current
    /// generation. Allocates nothing.
    /// </summary>
    public bool TryFindCheapest(VmSize like, Cloud cloud, string region, VmOs os, out PricedVm cheapest)
    {
        ArgumentNullException.ThrowIfNull(like);
        foreach (ref readonly PricedVm candidate in VmsByPrice(cloud, region, os))
        {
            if (!Suffices(candidate.Vm, like)) continue;
            cheapest = candidate;
            return true;
        }
        cheapest = default;
        return false;
    }

    private static bool Suffices(VmSize vm, VmSize like) =>
        vm.VCpus >= like.VCpus && vm.MemoryGiB >= like.MemoryGiB && vm.Architecture == like.Architecture
        && vm.Gpus >= like.Gpus && (vm.Gpus == 0) == (like.Gpus == 0)
        && (!vm.Burstable || like.Burstable) && (!vm.BareMetal || like.BareMetal) && vm.CurrentGeneration
        && (like.HasLocalDisk is not true || like.Gpus > 0 || (vm.HasLocalDisk is true && !(vm.LocalDiskGiB < like.LocalDiskGiB)));

    private VmOffer OfferOf(VmSize vm, Region region) => new(vm, region,
        [.. Enum.GetValues<VmOs>().Select(os =>
            new OsPrice(os, TryGetVmPrice(vm.Cloud, region.Id, vm.Name, os, out Price price) ? price : null))]);
}
