using System.Globalization;
using Sirsi.Clouds;
using Sirsi.Clouds.Prices;
using YamlDotNet.RepresentationModel;

namespace Sirsi.PriceBook;

/// <summary>
/// Google Cloud prices: machines, disks, buckets and network, per region, all of one file. It prices every machine type in every
/// region that has the rates; where a type cannot be ordered is told by the file of types per region.
/// </summary>
internal sealed class GcpPrices(SourceFolder folder, CloudBook book)
{
    private static readonly (string Path, string Figure, string Key)[] Rates =
    [
        ("compute/network/ip/unused", "hour", "ip/unused/hour"), ("compute/network/ip/vm", "hour", "ip/hour"),
        ("compute/network/nat/gateway", "hour", "nat/hour"), ("compute/network/nat/data", "month", "nat/gib"),
        ("compute/network/vpn/tunnel", "hour", "vpn/hour"),
        ("compute/storage/hdd", "month", "disk/pd-standard/gib-month"), ("compute/storage/hdd", "month", "disk/hdd/gib-month"),
        ("compute/storage/balanced", "month", "disk/pd-balanced/gib-month"), ("compute/storage/balanced", "month", "disk/ssd-balanced/gib-month"),
        ("compute/storage/ssd", "month", "disk/pd-ssd/gib-month"), ("compute/storage/ssd", "month", "disk/ssd-fast/gib-month"),
        ("compute/storage/extreme", "month", "disk/pd-extreme/gib-month"), ("compute/storage/hyperdisk-extreme", "month", "disk/hyperdisk-extreme/gib-month"),
        ("compute/storage/hdd-replicated", "month", "disk/pd-standard-regional/gib-month"),
        ("compute/storage/balanced-replicated", "month", "disk/pd-balanced-regional/gib-month"),
        ("compute/storage/ssd-replicated", "month", "disk/pd-ssd-regional/gib-month"),
        ("compute/storage/local", "month", "disk/local-ssd/gib-month"), ("compute/storage/snapshot", "month", "disk/snapshot/gib-month"),
        ("storage/bucket/standard", "month", "bucket/standard/gib-month"), ("storage/bucket/nearline", "month", "bucket/infrequent/gib-month"),
        ("storage/bucket/coldline", "month", "bucket/cold/gib-month"), ("storage/bucket/archiv", "month", "bucket/archive/gib-month"),
        ("storage/retrieval/nearline", "month", "bucket/infrequent/retrieval-gib"), ("storage/retrieval/coldline", "month", "bucket/cold/retrieval-gib"),
        ("storage/retrieval/archiv", "month", "bucket/archive/retrieval-gib"),
    ];

    private static readonly (string Kind, string Key)[] Locations =
        [("standard", "bucket/standard/gib-month"), ("nearline", "bucket/infrequent/gib-month"), ("coldline", "bucket/cold/gib-month"), ("archiv", "bucket/archive/gib-month")];

    private static readonly (string Field, string Model)[] Accelerators =
    [
        ("a100", "NVIDIA A100"), ("a100-80gb", "NVIDIA A100 80GB"), ("h100-80gb", "NVIDIA H100"), ("h100-80gb-mega", "NVIDIA H100 Mega"),
        ("l4", "NVIDIA L4"), ("rtx6000", "NVIDIA RTX PRO 6000"),
    ];

    internal void Read()
    {
        YamlMappingNode file = Parse();
        Dictionary<string, (int VCpus, bool Shared, double Memory)> types = folder.Rows("gcp_machinetypes.csv", ';').ToDictionary(
            row => row["NAME"], row => ((int)row.Number("CPUS"), row["SHARED_CPU"] == "True", row.Number("MEMORY_GB")), StringComparer.Ordinal);
        HashSet<(string, string)> offered = [.. folder.Rows("gcp_machinetype_regions.csv.gz", ';').Select(row => (row["NAME"], row["ZONE"]))];
        YamlMappingNode licences = At(file, "compute/license");
        foreach ((YamlNode name, YamlNode node) in At(file, "compute/instance"))
        {
            string size = name.ToString();
            var machine = (YamlMappingNode)node;
            if (!size.StartsWith("custom-", StringComparison.Ordinal)) AddMachine(size, machine, types, offered, licences);
        }
        foreach ((string path, string figure, string key) in Rates) AddRates(At(file, path + "/cost"), figure, key);
        AddEgress(file);
        foreach ((string kind, string key) in Locations)
        {
            AddRates(At(file, $"storage/bucket/{kind}-dual/cost"), "month", key);
            AddRates(At(file, $"storage/bucket/{kind}-multi/cost"), "month", key);
        }
        AddCustomRates(At(file, "compute/instance/custom-2-10240-ext/cost"));
    }

    private void AddMachine(string size, YamlMappingNode machine, Dictionary<string, (int VCpus, bool Shared, double Memory)> types,
        HashSet<(string, string)> offered, YamlMappingNode licences)
    {
        (int VCpus, bool Shared, double Memory) type = types.TryGetValue(size, out var listed) ? listed : ((int)Figure(machine, "cpu"), false, Figure(machine, "ram"));
        string series = size[..size.IndexOf('-', StringComparison.Ordinal)];
        bool arm = series is "t2a" or "c4a" or "n4a";
        (string Field, string Model) accelerator = Accelerators.FirstOrDefault(a => machine.Children.ContainsKey(a.Field));
        double localDisk = Figure(machine, "local-ssd");
        book.Specs[size] = new Spec(size[..(size.LastIndexOf('-') is var dash && dash > series.Length ? dash : series.Length)], type.VCpus, type.Memory)
        {
            Flags = (arm ? SizeFlags.Arm64 : SizeFlags.None) | (type.Shared ? SizeFlags.Burstable : SizeFlags.None) | (size.EndsWith("-metal", StringComparison.Ordinal) ? SizeFlags.BareMetal : SizeFlags.None)
                | (series is "f1" or "g1" or "n1" or "m1" ? SizeFlags.PreviousGeneration : SizeFlags.None) | (localDisk > 0 ? SizeFlags.LocalDisk : SizeFlags.None),
            Gpus = accelerator.Field is null ? 0 : (int)Figure(machine, accelerator.Field),
            GpuModel = accelerator.Model ?? "",
            LocalDiskGiB = localDisk,
        };
        double licence = licences.Children.TryGetValue(size, out YamlNode? priced) && At((YamlMappingNode)priced, "cost") is var products
            && products.Children.TryGetValue("windows", out YamlNode? windows) ? Figure((YamlMappingNode)windows, "hour") : 0;
        foreach ((YamlNode region, YamlNode cost) in At(machine, "cost"))
        {
            double hour = Figure((YamlMappingNode)cost, "hour");
            if (hour <= 0) continue;
            book.AddVm(region.ToString(), VmOs.Linux, size, hour, PriceQuality.Exact, BookSources.Gcp2026);
            if (licence > 0 && !arm) book.AddVm(region.ToString(), VmOs.Windows, size, hour + licence, PriceQuality.Exact, BookSources.GcpWindows);
            if (!offered.Contains((size, region.ToString()))) book.NotOffered.Add((region.ToString(), size));
        }
    }

    // Two predefined types of a series that differ in memory alone give the rates of the series. The custom types of the N series
    // cost a little more; how much shows where N1 has both.
    private void AddCustomRates(YamlMappingNode n1Custom)
    {
        foreach (string region in book.Vms.Keys.Select(vm => vm.Region).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            (double Vcpu, double Gib)? n1 = SeriesRates(region, "n1");
            double custom = n1Custom.Children.TryGetValue(region, out YamlNode? cost) ? Figure((YamlMappingNode)cost, "hour") : 0;
            double surcharge = n1 is { } rates && custom > 0 ? custom / ((2 * rates.Vcpu) + (10 * rates.Gib)) : 0;
            book.AddService(region, "vm/licence/windows/vcpu-hour", 0.046, PriceQuality.Exact, BookSources.Gcp2026);
            foreach (string series in GcpCustomSize.AllSeries)
            {
                if (SeriesRates(region, series) is not { } rate || surcharge <= 1) continue;
                double factor = series == "e2" ? 1 : surcharge;
                book.AddService(region, $"vm/{series}-custom/vcpu-hour", rate.Vcpu * factor, PriceQuality.Derived, BookSources.GcpCustom);
                book.AddService(region, $"vm/{series}-custom/gib-hour", rate.Gib * factor, PriceQuality.Derived, BookSources.GcpCustom);
            }
        }
    }

    private (double Vcpu, double Gib)? SeriesRates(string region, string series)
    {
        string small = series + "-standard-4";
        string large = series + "-highmem-4";
        if (book.Linux(region, small) is not { } less || book.Linux(region, large) is not { } more) return null;
        double gib = (more - less) / (book.Specs[large].MemoryGiB - book.Specs[small].MemoryGiB);
        return (less - (gib * book.Specs[small].MemoryGiB)) / 4 is var vcpu && gib > 0 && vcpu > 0 ? (vcpu, gib) : null;
    }

    private void AddEgress(YamlMappingNode file)
    {
        var tiers = At(file, "compute/network/traffic/egress/internet");
        YamlMappingNode worldwide = tiers.Children.ContainsKey("cost") ? At(tiers, "cost") : At(tiers, "worldwide/cost");
        foreach ((string tier, string key) in new[] { ("0-1", "egress/internet/gib"), ("1-10", "egress/internet/1tib/gib"), ("10n", "egress/internet/10tib/gib") })
            if (worldwide.Children.TryGetValue(tier, out YamlNode? rates))
                AddRates((YamlMappingNode)rates, "month", key);
    }

    private void AddRates(YamlMappingNode cost, string figure, string key)
    {
        foreach ((YamlNode place, YamlNode rate) in cost)
        {
            string region = place.ToString() switch { "us-multi" => "us", "europe-multi" => "eu", "asia-multi" => "asia", var other => other };
            if (rate is YamlMappingNode figures) book.AddService(region, key, Figure(figures, figure), PriceQuality.Exact, BookSources.Gcp2026);
        }
    }

    private YamlMappingNode Parse()
    {
        using var reader = new StreamReader(folder.Open("gcp_pricing_2026-07-16.yml.gz"));
        var yaml = new YamlStream();
        yaml.Load(reader);
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }

    private static YamlMappingNode At(YamlMappingNode node, string path)
    {
        foreach (string part in path.Split('/'))
            node = node.Children.TryGetValue(part, out YamlNode? child) && child is YamlMappingNode below
                ? below
                : throw new CloudsException(CloudsErrors.PriceSourceUnreadable, $"The Google Cloud prices have no {path}.");
        return node;
    }

    private static double Figure(YamlMappingNode node, string name) => node.Children.TryGetValue(name, out YamlNode? value)
        && double.TryParse(value.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out double figure) ? figure : 0;
}
