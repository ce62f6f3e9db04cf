using System.Collections.Immutable;
using Sirsi.Clouds;
using Sirsi.Clouds.Prices;

namespace Sirsi.Migration.Designing;

/// <summary>The size chosen for a need, and what else was considered.</summary>
/// <param name="Size">The target's name of the size; null when none fits or no price is known.</param>
/// <param name="Reason">Why this one.</param>
internal sealed record SizeChoice(string? Size, string Reason)
{
    /// <summary>The runners-up.</summary>
    public ImmutableArray<Alternative> Alternatives { get; init; } = [];

    /// <summary>What is different from today's size.</summary>
    public ImmutableArray<string> Differences { get; init; } = [];

    /// <summary>What a person must decide.</summary>
    public ImmutableArray<string> Decisions { get; init; } = [];
}

/// <summary>
/// Chooses machine sizes: the cheapest of the target region that has at least the processors, memory (less 2 %), accelerators, local disk
/// and network class of today's size on the same processor architecture. Before price come three preferences: steady processors for what
/// is steady today, disks of any class (on Azure), and a generation the cloud still recommends. Each answer is kept, so that a large
/// estate costs no more than its distinct sizes. Not thread-safe.
/// </summary>
internal sealed class Machines(PriceCatalogue prices, Cloud target)
{
    private const double MemoryTolerance = 0.98;
    private const int RunnersUpMax = 3;

    private readonly Dictionary<(Cloud From, string Size, VmOs Os, string Region), SizeChoice> _known = [];

    /// <summary>The size for a machine that has <paramref name="size"/> today.</summary>
    public SizeChoice For(Cloud from, string size, VmOs os, string region)
    {
        if (!_known.TryGetValue((from, size, os, region), out SizeChoice? choice))
            _known[(from, size, os, region)] = choice = Choose(from, size, os, region);
        return choice;
    }

    private SizeChoice Choose(Cloud from, string size, VmOs os, string region)
    {
        if (!prices.TryGetVm(from, size, out VmSize? need))
            return new(null, "") { Decisions = [$"Choose a size: {size} is not in our tables, so what it has is not known."] };
        ReadOnlySpan<PricedVm> offered = prices.VmsByPrice(target, region, os);
        if (offered.IsEmpty)
            return new(null, "") { Decisions = [$"Choose a size like {Describe(need)}: no prices are known in {region}."] };

        foreach (Demand demand in Demand.FromStrictToLoose(need))
        {
            List<PricedVm> fitting = [];
            foreach (PricedVm candidate in offered)
                if (demand.IsMetBy(candidate.Vm, need))
                    fitting.Add(candidate);
            if (fitting.Count == 0) continue;
            PricedVm best = fitting.MinBy(candidate => Misfit(candidate.Vm, need));
            string steady = need.Burstable || best.Vm.Burstable ? "" : " steady";
            return new(best.Vm.Name, $"{best.Vm.Name} ({Describe(best.Vm)}) is the cheapest{steady} size in {region} that holds {size}.")
            {
                Alternatives = RunnersUp(fitting, best, need),
                Differences = Differences(best.Vm, need, demand),
            };
        }

        return new(null, "") { Decisions = [$"Choose a size: none in {region} holds {size} ({Describe(need)})."] };
    }

    /// <summary>How far a size is from the preferences; the list is sorted by price, so the first of the lowest is the cheapest.</summary>
    private int Misfit(VmSize vm, VmSize need) =>
        (vm.Burstable && !need.Burstable ? 4 : 0)
        + (target is Cloud.Azure && !TakesPremiumDisks(vm) ? 2 : 0)
        + (vm.CurrentGeneration ? 0 : 1);

    /// <summary>
    /// An Azure size takes premium disks when the letters after its number say so: <c>Standard_D2as_v5</c>, or the old <c>DS</c> and
    /// <c>GS</c> series.
    /// </summary>
    private static bool TakesPremiumDisks(VmSize vm)
    {
        int digit = vm.Name.AsSpan().IndexOfAnyInRange('0', '9');
        if (digit < 1) return false;
        ReadOnlySpan<char> letters = vm.Name.AsSpan(digit).TrimStart("0123456789-");
        int end = letters.IndexOf('_');
        return (end < 0 ? letters : letters[..end]).Contains('s') || vm.Name[digit - 1] == 'S';
    }

    private ImmutableArray<Alternative> RunnersUp(List<PricedVm> fitting, PricedVm best, VmSize need)
    {
        List<PricedVm> chosen = [];
        PricedVm[] ranked = [.. fitting.OrderBy(candidate => Misfit(candidate.Vm, need))];
        Add(ranked.Where(candidate => candidate.Vm.Family != best.Vm.Family));
        Processor maker = ProcessorOf(need);
        if (maker != ProcessorOf(best.Vm)) Add(ranked.Where(candidate => ProcessorOf(candidate.Vm) == maker));
        int newest = fitting.Max(static candidate => Generation(candidate.Vm));
        if (newest > Generation(best.Vm))
            Add(ranked.Where(candidate => Generation(candidate.Vm) == newest && Misfit(candidate.Vm, need) == 0));
        if (!best.Vm.Burstable) Add(fitting.Where(static candidate => candidate.Vm.Burstable));
        while (chosen.Count < RunnersUpMax && Add(ranked.Where(candidate => candidate.Vm.Family != best.Vm.Family)))
        {
        }

        return
        [
            .. chosen.OrderBy(candidate => Misfit(candidate.Vm, need)).ThenBy(static candidate => candidate.Price.Usd)
                .Select(candidate => new Alternative(candidate.Vm.Name, (decimal)candidate.Price.UsdPerMonth(), Compare(candidate, best))),
        ];

        bool Add(IEnumerable<PricedVm> candidates)
        {
            if (chosen.Count == RunnersUpMax) return false;
            foreach (PricedVm candidate in candidates)
            {
                if (candidate.Vm.Name == best.Vm.Name || chosen.Exists(other => other.Vm.Family == candidate.Vm.Family)) continue;
                chosen.Add(candidate);
                return true;
            }

            return false;
        }
    }

    private static ImmutableArray<string> Differences(VmSize vm, VmSize need, Demand demand)
    {
        var differences = ImmutableArray.CreateBuilder<string>();
        if (vm.VCpus != need.VCpus || Math.Abs(vm.MemoryGiB - need.MemoryGiB) > need.MemoryGiB * (1 - MemoryTolerance))
            differences.Add($"{vm.VCpus} vCPU and {vm.MemoryGiB:0.##} GiB instead of {need.VCpus} vCPU and {need.MemoryGiB:0.##} GiB.");
        if (vm.Architecture != need.Architecture)
            differences.Add($"The processor is {Words(ProcessorOf(vm))}: software and images are built anew.");
        else if (ProcessorOf(vm) != ProcessorOf(need))
            differences.Add($"The processor is {Words(ProcessorOf(vm))} instead of {Words(ProcessorOf(need))}.");
        if (vm.Burstable && !need.Burstable) differences.Add("Processors run on credits.");
        if (!demand.LocalDisk && need.HasLocalDisk is true)
            differences.Add("There is no disk inside the host; what lies on it must go elsewhere.");
        if (!demand.Network) differences.Add("The network may be slower than today.");
        return differences.ToImmutable();
    }

    private static string Compare(PricedVm candidate, PricedVm best)
    {
        double change = (candidate.Price.Usd / best.Price.Usd) - 1;
        string price = Math.Abs(change) < 0.005 ? "same price" : $"{Math.Abs(change) * 100:0} % {(change > 0 ? "dearer" : "cheaper")}";
        string burst = candidate.Vm.Burstable && !best.Vm.Burstable ? ", on credits: for processors that mostly wait" : "";
        string old = candidate.Vm.CurrentGeneration ? "" : ", older generation";
        return $"{Words(ProcessorOf(candidate.Vm))}, {Describe(candidate.Vm)}, {price}{burst}{old}";
    }

    private static string Describe(VmSize vm) =>
        $"{vm.VCpus} vCPU, {vm.MemoryGiB:0.##} GiB{(vm.Gpus > 0 ? $", {vm.Gpus} {vm.GpuModel ?? "accelerator"}" : "")}";

    /// <summary>The number in a family's name: 5 of <c>m5</c>, <c>Dsv5</c>; 2 of <c>n2-standard</c>.</summary>
    private static int Generation(VmSize vm)
    {
        ReadOnlySpan<char> family = vm.Family;
        int at = vm.Cloud is Cloud.Azure ? family.LastIndexOf('v') + 1 : family.IndexOfAnyInRange('0', '9');
        return at > 0 && at < family.Length && char.IsAsciiDigit(family[at]) ? family[at] - '0' : 0;
    }

    private static Processor ProcessorOf(VmSize vm)
    {
        if (vm.Architecture is VmArchitecture.Arm64) return Processor.Arm;
        ReadOnlySpan<char> family = vm.Family;
        int digit = family.IndexOfAnyInRange('0', '9');
        return vm.Cloud switch
        {
            Cloud.Aws => digit >= 0 && family[digit..].Contains('a') ? Processor.Amd : Processor.Intel,
            Cloud.Gcp when family.StartsWith("e2") => Processor.Any,
            Cloud.Gcp => digit >= 0 && digit + 1 < family.Length && family[digit + 1] == 'd' ? Processor.Amd : Processor.Intel,
            Cloud.Azure => family.Length > 1 && family[1..].Contains('a') ? Processor.Amd : Processor.Intel,
            _ => Processor.Any,
        };
    }

    private static string Words(Processor processor) => processor switch
    {
        Processor.Arm => "Arm",
        Processor.Amd => "AMD",
        Processor.Intel => "Intel",
        _ => "Intel or AMD",
    };

    private enum Processor
    {
        Any,
        Intel,
        Amd,
        Arm,
    }

    /// <summary>What must hold besides processors, memory and accelerators.</summary>
    private sealed record Demand(bool Network, bool LocalDisk, bool Architecture)
    {
        /// <summary>First all, then without the network class, the local disk, the architecture.</summary>
        public static IEnumerable<Demand> FromStrictToLoose(VmSize need)
        {
            bool disk = UsesLocalDisk(need);
            yield return new(true, disk, true);
            yield return new(false, disk, true);
            if (disk) yield return new(false, false, true);
            if (need.Architecture is VmArchitecture.Arm64) yield return new(false, false, false);
        }

        public bool IsMetBy(VmSize vm, VmSize need) =>
            vm.VCpus >= need.VCpus
            && vm.MemoryGiB >= need.MemoryGiB * MemoryTolerance
            && vm.Gpus >= need.Gpus && (need.Gpus > 0 || vm.Gpus == 0)
            && vm.BareMetal == need.BareMetal
            && (!Architecture || vm.Architecture == need.Architecture)
            && (!LocalDisk || vm.HasLocalDisk is true)
            && (!Network || vm.Network is NetworkClass.Unknown || need.Network is NetworkClass.Unknown || vm.Network >= need.Network);

        /// <summary>
        /// A local disk is paid for on AWS and Google and so taken as used; on Azure nearly every older size has a small one for paging,
        /// and only the storage series (L) is bought for it.
        /// </summary>
        private static bool UsesLocalDisk(VmSize need) =>
            need.HasLocalDisk is true && (need.Cloud is not Cloud.Azure || need.Family.StartsWith('L'));
    }
}
