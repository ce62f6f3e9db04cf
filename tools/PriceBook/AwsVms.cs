using System.Globalization;
using Sirsi.Clouds.Prices;

namespace Sirsi.PriceBook;

/// <summary>
/// EC2 prices. The recent price of us-east-1 and the full price list of eu-west-1 can be trusted. The regional file cannot be
/// taken as it is: where it can be checked against the other two, three rows in ten are those of dedicated hosts and nine Windows
/// rows in ten lack the licence. Each of its Linux rows is therefore held against its series, and Windows is priced as Linux plus
/// the licence, which is the difference in eu-west-1 and does not depend on the region.
/// </summary>
internal sealed class AwsVms(SourceFolder folder, CloudBook book)
{
    private const string Virginia = "us-east-1";
    private const string Ireland = "eu-west-1";
    private const double SameRatio = 0.004;
    private const double LicencePerVcpu = 0.046;

    internal void Read()
    {
        foreach (Row row in folder.Rows("aws_ec2_ondemand_linux_us-east-1_2026-07.csv"))
        {
            string size = row["instance_type"];
            book.AddVm(row["region"], VmOs.Linux, size, row.Number("usd_per_hour"), PriceQuality.Exact, BookSources.AwsVirginia);
        }

        Dictionary<string, double> windows = ReadIreland();
        Row[] regional = [.. folder.Rows("aws_ec2_ondemand_regions_2023-08.csv.gz")];
        foreach (var region in regional.Where(row => row["os"] == "linux").GroupBy(row => row["region"], StringComparer.Ordinal))
            AddRegionalLinux(region.Key, [.. region.Select(row => (row["instance_type"], row.Number("usd_per_hour")))]);
        AddWindows(windows, regional.Where(row => row["os"] == "windows")
            .ToDictionary(row => (row["region"], row["instance_type"]), row => row.Number("usd_per_hour")));
    }

    private Dictionary<string, double> ReadIreland()
    {
        var windows = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (Row row in folder.Rows("aws_eu-west-1_ec2_2023-02.csv.gz"))
        {
            if (row["term"] != "OnDemand" || row["license"] != "No License required") continue;
            string size = row["instance_type"];
            double usd = row.Number("usd");
            if (row["os"] == "Windows") windows[size] = usd;
            if (row["os"] == "Linux") book.AddVm(Ireland, VmOs.Linux, size, usd, PriceQuality.OlderSource, BookSources.AwsIreland2023);
        }
        return windows;
    }

    // Sizes of one series keep one ratio between two regions. The smallest ratio that two sizes share is the shared-tenancy one.
    private void AddRegionalLinux(string region, (string Size, double Usd)[] rows)
    {
        foreach (IGrouping<string, (string Size, double Usd)> series in rows.GroupBy(row => SeriesOf(row.Size), StringComparer.Ordinal))
        {
            double[] ratios = [.. series.Select(row => row.Usd / (book.Linux(Virginia, row.Size) ?? double.PositiveInfinity))
                .Where(ratio => ratio > 0).Order()];
            double shared = ratios.FirstOrDefault(ratio => ratios.Count(other => Math.Abs((other / ratio) - 1) < SameRatio) >= 2);
            foreach ((string size, double usd) in series)
            {
                double excess = shared > 0 && book.Linux(Virginia, size) is { } virginia ? usd / virginia / shared : 1;
                if (region != Virginia && excess is > 1.04 and < 1.12)
                    book.AddVm(region, VmOs.Linux, size, Math.Round(usd / excess, 5), PriceQuality.Derived, BookSources.AwsTenancy);
                else
                    book.AddVm(region, VmOs.Linux, size, usd, PriceQuality.OlderSource, BookSources.AwsRegional2023);
            }
        }
    }

    private void AddWindows(Dictionary<string, double> ireland, Dictionary<(string Region, string Size), double> regional)
    {
        foreach ((string size, double usd) in ireland)
            book.AddVm(Ireland, VmOs.Windows, size, usd, PriceQuality.OlderSource, BookSources.AwsIreland2023);
        foreach (((string region, VmOs _, string size), Amount linux) in book.Vms.Where(vm => vm.Key.Os is VmOs.Linux).ToArray())
        {
            double? licence = book.Linux(Ireland, size) is { } irish && ireland.GetValueOrDefault(size) - irish is > 0 and var difference
                ? difference
                : null;
            double usual = book.Specs.TryGetValue(size, out Spec? spec) ? spec.VCpus * LicencePerVcpu : double.NaN;
            double expected = linux.Usd + (licence ?? usual);
            double row = regional.GetValueOrDefault((region, size));
            if (Math.Abs((row / expected) - 1) < 0.002)
                book.AddVm(region, VmOs.Windows, size, row, PriceQuality.OlderSource, BookSources.AwsRegional2023);
            else if (licence is not null)
                book.AddVm(region, VmOs.Windows, size, expected, PriceQuality.Derived, BookSources.AwsWindows);
        }
    }

    internal static string SeriesOf(string size) => size[..size.IndexOf('.', StringComparison.Ordinal)];

    /// <summary>Reads specifications; must come before the prices.</summary>
    internal void ReadSpecs()
    {
        foreach (Row row in folder.Rows("aws_instance_types.csv"))
        {
            string name = row["instance_type"];
            if (row["architectures"].EndsWith("_mac", StringComparison.Ordinal)) continue; // no host of Linux or Windows machines
            (double network, bool bursts, NetworkClass grade) = Network(row["network"]);
            SizeFlags flags = (row["architectures"].StartsWith("arm64", StringComparison.Ordinal) ? SizeFlags.Arm64 : SizeFlags.None)
                | (row["burstable"] == "True" ? SizeFlags.Burstable : SizeFlags.None)
                | (row["current_generation"] == "True" ? SizeFlags.None : SizeFlags.PreviousGeneration)
                | (row["bare_metal"] == "True" ? SizeFlags.BareMetal : SizeFlags.None)
                | (bursts ? SizeFlags.NetworkBursts : SizeFlags.None)
                | (row["local_storage_gb"].Length > 0 ? SizeFlags.LocalDisk : SizeFlags.None);
            book.Specs[name] = new Spec(SeriesOf(name), (int)row.Number("vcpus"), row.Number("memory_mib") / 1024)
            {
                Flags = flags,
                Gpus = row["gpus"].Length == 0 ? 0 : (int)row.Number("gpus"),
                GpuModel = row["gpu_models"],
                LocalDiskGiB = row["local_storage_gb"].Length == 0 ? 0 : Math.Round(row.Number("local_storage_gb") * 1e9 / (1L << 30), 1),
                NetworkGbps = network,
                Network = grade,
            };
        }
    }

    private static (double Gbps, bool Bursts, NetworkClass Grade) Network(string text)
    {
        bool bursts = text.StartsWith("Up to ", StringComparison.Ordinal);
        string[] words = (bursts ? text[6..] : text).Split(' ');
        if (words[^1] != "Gigabit")
        {
            NetworkClass grade = text switch
            {
                "Very Low" or "Low" => NetworkClass.Low,
                "Low to Moderate" or "Moderate" => NetworkClass.Moderate,
                "High" => NetworkClass.High,
                _ => NetworkClass.Unknown,
            };
            return (PriceBookLayout.Unknown, bursts, grade);
        }
        double gbps = double.Parse(words[^2], CultureInfo.InvariantCulture);
        if (words.Length == 3) gbps *= int.Parse(words[0].TrimEnd('x'), CultureInfo.InvariantCulture); // "4x 100 Gigabit"
        return (gbps, bursts, gbps switch
        {
            < 1 => NetworkClass.Low,
            <= 5 => NetworkClass.Moderate,
            <= 12.5 => NetworkClass.High,
            <= 50 => NetworkClass.VeryHigh,
            _ => NetworkClass.Extreme,
        });
    }
}
