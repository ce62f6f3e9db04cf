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
    private static readonly (string Field, string Model)[] Accelerators =
    [
        ("a100", "NVIDIA A100"),
        ("a100-80gb", "NVIDIA A100 80GB"),
        ("h100-80gb", "NVIDIA H100"),
        ("h100-80gb-mega", "NVIDIA H100 Mega"),
        ("l4", "NVIDIA L4"),
        ("rtx6000", "NVIDIA RTX PRO 6000"),
    ];

    private static readonly (string Tier, string Key)[] EgressTiers =
        [("0-1", "egress/internet/gib"), ("1-10", "egress/internet/1tib/gib"), ("10n", "egress/internet/10tib/gib")];

    private readonly Dictionary<string, MachineType> _types = folder.Rows("gcp_machinetypes.csv", ';').ToDictionary(
        row => row["NAME"],
        row => new MachineType((int)row.Number("CPUS"), row["SHARED_CPU"] == "True", row.Number("MEMORY_GB")),
        StringComparer.Ordinal);

    private readonly HashSet<(string Size, string Region)> _offered =
        [.. folder.Rows("gcp_machinetype_regions.csv.gz", ';').Select(row => (row["NAME"], row["ZONE"]))];

    internal void Read()
    {
        YamlMappingNode file = Parse();
        YamlMappingNode licences = At(file, "compute/license");
        foreach ((YamlNode name, YamlNode node) in At(file, "compute/instance"))
        {
            string size = name.ToString();
            var machine = (YamlMappingNode)node;
            if (size.StartsWith("custom-", StringComparison.Ordinal)) continue; // examples of custom types
            book.Specs[size] = SpecOf(size, machine);
            AddMachine(size, machine, WindowsLicence(licences, size));
        }
        foreach (string[] row in SourceFolder.OwnTable("gcp-rates.tsv")) AddRates(At(file, row[1] + "/cost"), row[2], row[0]);
        AddEgress(file);
        AddCustomRates(At(file, "compute/instance/custom-2-10240-ext/cost"));
    }

    private Spec SpecOf(string size, YamlMappingNode machine)
    {
        MachineType type = _types.GetValueOrDefault(size) ?? new MachineType((int)Figure(machine, "cpu"), false, Figure(machine, "ram"));
        string series = SeriesOf(size);
        int lastDash = size.LastIndexOf('-');
        (string Field, string Model) accelerator = Accelerators.FirstOrDefault(a => machine.Children.ContainsKey(a.Field));
        double localDisk = Figure(machine, "local-ssd");
        return new Spec(lastDash > series.Length ? size[..lastDash] : series, type.VCpus, type.MemoryGiB)
        {
            Flags = (IsArm(size) ? SizeFlags.Arm64 : SizeFlags.None)
                | (type.Shared ? SizeFlags.Burstable : SizeFlags.None)
                | (size.EndsWith("-metal", StringComparison.Ordinal) ? SizeFlags.BareMetal : SizeFlags.None)
                | (series is "f1" or "g1" or "n1" or "m1" ? SizeFlags.PreviousGeneration : SizeFlags.None)
                | (localDisk > 0 ? SizeFlags.LocalDisk : SizeFlags.None),
            Gpus = accelerator.Field is null ? 0 : (int)Figure(machine, accelerator.Field),
            GpuModel = accelerator.Model ?? "",
            LocalDiskGiB = localDisk,
        };
    }

    private void AddMachine(string size, YamlMappingNode machine, double licence)
    {
        foreach ((YamlNode place, YamlNode cost) in At(machine, "cost"))
        {
            string region = place.ToString();
            double hour = Figure((YamlMappingNode)cost, "hour");
            if (hour <= 0) continue; // only a spot price is known
            book.AddVm(region, VmOs.Linux, size, hour, PriceQuality.Exact, BookSources.Gcp2026);
            if (licence > 0 && !IsArm(size)) // there is no Windows for Arm
                book.AddVm(region, VmOs.Windows, size, hour + licence, PriceQuality.Exact, BookSources.GcpWindows);
            if (!_offered.Contains((size, region))) book.NotOffered.Add((region, size));
        }
    }

    private static double WindowsLicence(YamlMappingNode licences, string size) =>
        licences.Children.TryGetValue(size, out YamlNode? products)
        && At((YamlMappingNode)products, "cost").Children.TryGetValue("windows", out YamlNode? windows)
            ? Figure((YamlMappingNode)windows, "hour")
            : 0;

    private static string SeriesOf(string size) => size[..size.IndexOf('-', StringComparison.Ordinal)];

    private static bool IsArm(string size) => SeriesOf(size) is "t2a" or "c4a" or "n4a";

    // Two predefined types of a series that differ in memory alone give the rates of the series. The custom types of the N series
    // cost a little more; how much shows where N1 has both.
    private void AddCustomRates(YamlMappingNode n1Custom)
    {
        string[] regions = [.. book.Vms.Keys.Select(vm => vm.Region).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        foreach (string region in regions)
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
        YamlMappingNode tiers = At(file, "compute/network/traffic/egress/internet/cost");
        foreach ((string tier, string key) in EgressTiers) AddRates(At(tiers, tier), "month", key);
    }

    private void AddRates(YamlMappingNode cost, string figure, string key)
    {
        foreach ((YamlNode place, YamlNode rate) in cost)
        {
            string region = place.ToString() switch
            {
                "us-multi" => "us",
                "europe-multi" => "eu",
                "asia-multi" => "asia",
                var other => other,
            };
            if (rate is YamlMappingNode figures)
                book.AddService(region, key, Figure(figures, figure), PriceQuality.Exact, BookSources.Gcp2026);
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

    private sealed record MachineType(int VCpus, bool Shared, double MemoryGiB);
}
