using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sirsi.Clouds.Prices;

namespace Sirsi.PriceBook;

/// <summary>
/// Azure VM prices: Linux from the recent file, Windows from francecentral's retail prices and the older regional file. In the
/// recent file some rows of the D and E series v5 with AMD processors carry the Windows licence: their vCPU rate exceeds that of
/// their series by the licence to the dollar. Those are told apart and used for what they are.
/// </summary>
internal sealed partial class AzureVms(SourceFolder folder, CloudBook book)
{
    private const double LicencePerVcpu = 0.046;
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Region, string Size), double> _linux2023 = [];

    internal void Read()
    {
        ReadLinux();
        foreach (string size in book.Specs.Keys) _names.TryAdd(Squeezed(size), size);
        Dictionary<string, double> french = ReadFrance();
        ReadOlder();
        AddLicences(french);
    }

    private void ReadLinux()
    {
        var rows = new List<(string Region, string Size, double Usd)>();
        foreach (Row row in folder.Rows("azure_vm_ondemand_2026-06.csv.gz"))
            if (IsVmSize(row["vm_size"]) && row.Number("usd_per_hour") is > 0 and var usd)
                rows.Add((row["region"], row["vm_size"], usd));
        foreach ((_, string size, _) in rows) _names[Squeezed(size)] = size;

        Dictionary<(string, string), double> rates = rows.GroupBy(row => (row.Region, SeriesOf(row.Size)))
            .ToDictionary(series => series.Key, series => series.Min(row => row.Usd / HostVcpus(row.Size)));
        foreach ((string region, string size, double usd) in rows)
        {
            double rate = AmdV5().IsMatch(size) ? WithoutLicence(rates, region, SeriesOf(size)) : double.NaN;
            if (!(Math.Abs((usd / HostVcpus(size)) - rate - LicencePerVcpu) < 0.0006))
            {
                book.AddVm(region, VmOs.Linux, size, usd, PriceQuality.Exact, BookSources.Azure2026);
                continue;
            }
            double linux = Math.Round(rate * HostVcpus(size), 4);
            book.AddVm(region, VmOs.Linux, size, linux, PriceQuality.Derived, BookSources.AzureWindowsInLinux);
            book.AddVm(region, VmOs.Windows, size, usd, PriceQuality.Derived, BookSources.AzureWindowsRow);
        }
    }

    // Where every size of an AMD series carries the licence, the series is dearer than its Intel sibling, which it never is.
    private static double WithoutLicence(Dictionary<(string, string), double> rates, string region, string series)
    {
        double rate = rates[(region, series)];
        string intel = series.Replace("a", "", StringComparison.Ordinal);
        return rates.TryGetValue((region, intel), out double intelRate) && rate > 1.3 * intelRate ? rate - LicencePerVcpu : rate;
    }

    private Dictionary<string, double> ReadFrance()
    {
        using Stream stream = folder.Open("azure_retail_francecentral.json.gz");
        using var json = JsonDocument.Parse(stream);
        var linux = new Dictionary<string, double>(StringComparer.OrdinalIgnoreCase);
        var windows = new Dictionary<string, double>(StringComparer.OrdinalIgnoreCase);
        foreach (JsonElement item in json.RootElement.GetProperty("items").EnumerateArray())
        {
            if (!IsOnDemand(item) || !_names.TryGetValue(Squeezed(Text(item, "armSkuName")), out string? size)) continue;
            bool paysLicence = Text(item, "productName").EndsWith("Windows", StringComparison.Ordinal);
            (paysLicence ? windows : linux)[size] = item.GetProperty("retailPrice").GetDouble();
        }
        var licences = new Dictionary<string, double>(StringComparer.OrdinalIgnoreCase);
        foreach ((string size, double usd) in windows)
        {
            if (!linux.TryGetValue(size, out double without) || usd <= without) continue;
            licences[size] = usd - without;
            book.AddVm("francecentral", VmOs.Windows, size, usd, PriceQuality.OlderSource, BookSources.AzureRetailFrance);
        }
        return licences;
    }

    // A price of 0 is the free allowance's.
    private static bool IsOnDemand(JsonElement item) =>
        Text(item, "type") == "Consumption" && Text(item, "unitOfMeasure") == "1 Hour" && item.GetProperty("retailPrice").GetDouble() > 0
        && !Text(item, "skuName").Contains("Spot", StringComparison.Ordinal)
        && !Text(item, "skuName").Contains("Low Priority", StringComparison.Ordinal);

    private void ReadOlder()
    {
        Row[] rows = [.. folder.Rows("azure_vm_os_prices_2023-08.csv.gz")
            .Where(row => row["region"] is not ("germanycentral" or "germanynortheast"))]; // closed
        foreach (Row row in rows.Where(row => row["os"] == "linux"))
        {
            if (!_names.TryGetValue(row["vm_size_key"], out string? size)) continue;
            _linux2023[(row["region"], size)] = row.Number("usd_per_hour");
            book.AddVm(row["region"], VmOs.Linux, size, row.Number("usd_per_hour"), PriceQuality.OlderSource, BookSources.Azure2023);
        }
        foreach (Row row in rows.Where(row => row["os"] == "windows"))
        {
            if (!_names.TryGetValue(row["vm_size_key"], out string? size)) continue;
            double usd = row.Number("usd_per_hour");
            // A licence costs something, and never ten cents a vCPU: other rows are of another size or lack the licence.
            if (_linux2023.TryGetValue((row["region"], size), out double older) && usd > older && usd - older < 0.1 * HostVcpus(size)
                && usd > (book.Linux(row["region"], size) ?? 0))
                book.AddVm(row["region"], VmOs.Windows, size, usd, PriceQuality.OlderSource, BookSources.Azure2023);
        }
    }

    private void AddLicences(Dictionary<string, double> french)
    {
        Dictionary<string, double> usual = UsualLicences();
        foreach (((string region, VmOs _, string size), Amount linux) in book.Vms.Where(vm => vm.Key.Os is VmOs.Linux).ToArray())
        {
            if (french.TryGetValue(size, out double licence))
                book.AddVm(region, VmOs.Windows, size, linux.Usd + licence, PriceQuality.Derived, BookSources.AzureWindows);
            else if (usual.TryGetValue(size, out licence) && licence > 0)
                book.AddVm(region, VmOs.Windows, size, linux.Usd + licence, PriceQuality.Derived, BookSources.AzureWindowsOlder);
        }
    }

    // The difference of Windows and Linux that most regions of the older source share.
    private Dictionary<string, double> UsualLicences() => book.Vms
        .Where(vm => vm.Key.Os is VmOs.Windows && _linux2023.ContainsKey((vm.Key.Region, vm.Key.Size)))
        .GroupBy(vm => vm.Key.Size, vm => Math.Round(vm.Value.Usd - _linux2023[(vm.Key.Region, vm.Key.Size)], 4), StringComparer.Ordinal)
        .ToDictionary(
            size => size.Key,
            size => size.GroupBy(licence => licence).OrderByDescending(same => same.Count()).ThenBy(same => same.Key).First().Key,
            StringComparer.Ordinal);

    /// <summary>Reads specifications; must come before the prices.</summary>
    internal void ReadSpecs()
    {
        foreach (Row row in folder.Rows("azure_vm_sizes.csv"))
        {
            string name = row["vm_size"];
            int gpus = (int)row.Number("gpus");
            book.Specs[name] = new Spec(SeriesOf(name), ConstrainedVcpus(name) ?? (int)row.Number("vcpus"), row.Number("memory_mb") / 1024)
            {
                Flags = (row["architecture"] == "arm64" ? SizeFlags.Arm64 : SizeFlags.None) | FlagsOf(name),
                Gpus = gpus,
                GpuModel = gpus > 0 ? GpuModelOf(name) : "",
                LocalDiskGiB = FlagsOf(name).HasFlag(SizeFlags.LocalDisk) ? PriceBookLayout.Unknown : 0,
            };
        }
    }

    /// <summary>
    /// What the name tells. Since the fourth generation (B and M sizes: since the second) a size has a local disk when its
    /// features hold a d; before, nearly all have one, and so do the AMD sizes of the fourth. The L series is made of local disks.
    /// </summary>
    internal static SizeFlags FlagsOf(string name)
    {
        Match parts = NameParts().Match(name);
        string letters = parts.Groups["series"].Value;
        string features = parts.Groups["features"].Value;
        int version = parts.Groups["version"].Success ? int.Parse(parts.Groups["version"].Value, CultureInfo.InvariantCulture) : 1;
        bool namesItsDisk = version > 4
            || (version == 4 && !features.Contains('a', StringComparison.Ordinal))
            || (version >= 2 && letters is "B" or "M")
            || (version == 3 && letters is "DC");
        bool localDisk = letters[0] == 'L' || !namesItsDisk || features.Contains('d', StringComparison.Ordinal);
        bool previous = name.StartsWith("Basic_", StringComparison.Ordinal)
            || (version == 1 && letters is "A" or "D" or "DS" or "F" or "FS" or "G" or "GS" or "H" or "L" or "LS" or "NC" or "NV" or "ND")
            || (version == 2 && letters is "A" or "D" or "DS");
        return (localDisk ? SizeFlags.LocalDisk : SizeFlags.None)
            | (letters == "B" ? SizeFlags.Burstable : SizeFlags.None)
            | (previous ? SizeFlags.PreviousGeneration : SizeFlags.None);
    }

    private static string GpuModelOf(string name) => name switch
    {
        _ when name.Contains("_T4_", StringComparison.Ordinal) => "NVIDIA T4",
        _ when name.Contains("_A10_", StringComparison.Ordinal) => "NVIDIA A10",
        _ when name.Contains("_H100_", StringComparison.Ordinal) => "NVIDIA H100",
        _ when name.Contains("_H200_", StringComparison.Ordinal) => "NVIDIA H200",
        _ when name.Contains("_A100_", StringComparison.Ordinal) || name == "Standard_ND96asr_v4" => "NVIDIA A100",
        _ when name.Contains("_MI300X_", StringComparison.Ordinal) => "AMD Instinct MI300X",
        _ when name.StartsWith("Standard_NP", StringComparison.Ordinal) => "AMD Alveo U250 FPGA",
        _ when name.StartsWith("Standard_NC", StringComparison.Ordinal) || name == "Standard_ND40rs_v2" => "NVIDIA V100",
        _ when name.EndsWith("as_v4", StringComparison.Ordinal) => "AMD Radeon Instinct MI25",
        _ when name.StartsWith("Standard_NV", StringComparison.Ordinal) => "NVIDIA M60",
        _ => "",
    };

    /// <summary><c>Standard_E16-4as_v5</c> is billed as 16 vCPUs and shows 4.</summary>
    private static int? ConstrainedVcpus(string name) => NumberIn(name, "constrained");

    private int HostVcpus(string size) =>
        NumberIn(size, "vcpus") is > 0 and int vcpus ? vcpus : book.Specs.TryGetValue(size, out Spec? spec) ? spec.VCpus : 1;

    private static int? NumberIn(string name, string part) =>
        NameParts().Match(name).Groups[part] is { Success: true } group ? int.Parse(group.Value, CultureInfo.InvariantCulture) : null;

    internal static string SeriesOf(string name)
    {
        GroupCollection parts = NameParts().Match(name).Groups;
        string kind = name.StartsWith("Basic_", StringComparison.Ordinal) ? "Basic_" : "";
        string accelerator = parts["accelerator"].Value.Replace("_", "", StringComparison.Ordinal);
        string version = parts["version"].Success ? "v" + parts["version"].Value : "";
        return kind + parts["series"].Value + parts["features"].Value + accelerator + version;
    }

    private static string Text(JsonElement item, string name) => item.GetProperty(name).GetString() ?? "";

    private static string Squeezed(string size) => string.Concat(size.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();

    /// <summary>Leaves out dedicated hosts (<c>…_Type1</c>), promotions, special offers, and names that are no size's.</summary>
    private static bool IsVmSize(string name) =>
        (name.StartsWith("Standard_", StringComparison.Ordinal) || name.StartsWith("Basic_", StringComparison.Ordinal))
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')
        && !name.Contains("Type", StringComparison.Ordinal)
        && !name.EndsWith("_Promo", StringComparison.Ordinal)
        && !name.EndsWith("_SPECIAL", StringComparison.Ordinal);

    [GeneratedRegex(
        @"^(Standard|Basic)_(?<series>[A-Z]+)(?<vcpus>\d+)(-(?<constrained>\d+))?(?<features>[a-z]*)"
        + @"(?<accelerator>(_(?!v\d)[A-Za-z0-9]+)*)(_v(?<version>\d+))?",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NameParts();

    [GeneratedRegex(@"^Standard_[DE]\d+(-\d+)?ad?s_v5$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AmdV5();
}
