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
        (string Region, string Size, double Usd)[] rows = [.. folder.Rows("azure_vm_ondemand_2026-06.csv.gz")
            .Where(row => SizeName().IsMatch(row["vm_size"])).Select(row => (row["region"], row["vm_size"], row.Number("usd_per_hour"))).Where(row => row.Item3 > 0)];
        foreach (string size in rows.Select(row => row.Size)) _names[Squeezed(size)] = size;
        foreach (IGrouping<(string Region, string), (string Region, string Size, double Usd)> series in rows.GroupBy(row => (row.Region, SeriesOf(row.Size))))
        {
            double rate = series.Min(row => row.Usd / HostVcpus(row.Size));
            foreach ((string region, string size, double usd) in series)
            {
                bool windows = AmdV5().IsMatch(size) && Math.Abs((usd / HostVcpus(size)) - rate - LicencePerVcpu) < 0.0006;
                if (!windows)
                {
                    book.AddVm(region, VmOs.Linux, size, usd, PriceQuality.Exact, BookSources.Azure2026);
                    continue;
                }
                book.AddVm(region, VmOs.Linux, size, Math.Round(rate * HostVcpus(size), 4), PriceQuality.Derived, BookSources.AzureWindowsInLinux);
                book.AddVm(region, VmOs.Windows, size, usd, PriceQuality.Derived, BookSources.AzureWindowsRow);
            }
        }
    }

    private Dictionary<string, double> ReadFrance()
    {
        using Stream stream = folder.Open("azure_retail_francecentral.json.gz");
        using var json = JsonDocument.Parse(stream);
        var linux = new Dictionary<string, double>(StringComparer.OrdinalIgnoreCase);
        var windows = new Dictionary<string, double>(StringComparer.OrdinalIgnoreCase);
        foreach (JsonElement item in json.RootElement.GetProperty("items").EnumerateArray())
        {
            string sku = item.GetProperty("skuName").GetString()!;
            double usd = item.GetProperty("retailPrice").GetDouble();
            if (item.GetProperty("type").GetString() != "Consumption" || usd <= 0 || item.GetProperty("unitOfMeasure").GetString() != "1 Hour"
                || sku.Contains("Spot", StringComparison.Ordinal) || sku.Contains("Low Priority", StringComparison.Ordinal)
                || !_names.TryGetValue(Squeezed(item.GetProperty("armSkuName").GetString()!), out string? size))
                continue;
            bool paysLicence = item.GetProperty("productName").GetString()!.EndsWith("Windows", StringComparison.Ordinal);
            (paysLicence ? windows : linux)[size] = usd;
        }
        foreach ((string size, double usd) in windows)
            if (linux.TryGetValue(size, out double without) && usd > without)
                book.AddVm("francecentral", VmOs.Windows, size, usd, PriceQuality.OlderSource, BookSources.AzureRetailFrance);
        return windows.Where(w => linux.TryGetValue(w.Key, out double without) && w.Value > without)
            .ToDictionary(w => w.Key, w => w.Value - linux[w.Key], StringComparer.OrdinalIgnoreCase);
    }

    private void ReadOlder()
    {
        Row[] rows = [.. folder.Rows("azure_vm_os_prices_2023-08.csv.gz").Where(row => !row["region"].StartsWith("germany", StringComparison.Ordinal)
            || row["region"] is "germanynorth" or "germanywestcentral")]; // the two regions of the closed German cloud are gone
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
        Dictionary<string, double> usual = book.Vms.Where(vm => vm.Key.Os is VmOs.Windows && _linux2023.ContainsKey((vm.Key.Region, vm.Key.Size)))
            .GroupBy(vm => vm.Key.Size, vm => Math.Round(vm.Value.Usd - _linux2023[(vm.Key.Region, vm.Key.Size)], 4), StringComparer.Ordinal)
            .ToDictionary(size => size.Key, size => size.GroupBy(difference => difference).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).First().Key, StringComparer.Ordinal);
        foreach (((string region, VmOs _, string size), Amount linux) in book.Vms.Where(vm => vm.Key.Os is VmOs.Linux).ToArray())
        {
            if (french.TryGetValue(size, out double licence))
                book.AddVm(region, VmOs.Windows, size, linux.Usd + licence, PriceQuality.Derived, BookSources.AzureWindows);
            else if (usual.TryGetValue(size, out licence) && licence > 0)
                book.AddVm(region, VmOs.Windows, size, linux.Usd + licence, PriceQuality.Derived, BookSources.AzureWindowsOlder);
        }
    }

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
    /// What the name tells. Since the fourth generation a size has a local disk when its features hold a d; before, nearly all have
    /// one. The L series is made of local disks; B sizes of the second version and Dasv4-like ones follow their own rules.
    /// </summary>
    internal static SizeFlags FlagsOf(string name)
    {
        Match parts = NameParts().Match(name);
        string letters = parts.Groups["series"].Value;
        string features = parts.Groups["features"].Value;
        int version = parts.Groups["version"].Success ? int.Parse(parts.Groups["version"].Value, CultureInfo.InvariantCulture) : 1;
        bool newNaming = version >= 4 || (letters == "B" && version >= 2);
        bool amdV4 = version == 4 && features.Contains('a', StringComparison.Ordinal) && letters is "D" or "E"; // Dav4, Dasv4, Eav4, Easv4 kept theirs
        bool localDisk = letters[0] == 'L' || !newNaming || features.Contains('d', StringComparison.Ordinal) || (amdV4 && version == 4);
        bool old = name.StartsWith("Basic_", StringComparison.Ordinal) || (version == 1 && letters is "A" or "D" or "DS" or "F" or "G" or "GS" or "H" or "L" or "NC" or "NV" or "ND")
            || (version == 2 && letters is "D" or "DS" or "A");
        return (localDisk ? SizeFlags.LocalDisk : SizeFlags.None) | (letters == "B" ? SizeFlags.Burstable : SizeFlags.None) | (old ? SizeFlags.PreviousGeneration : SizeFlags.None);
    }

    private static string GpuModelOf(string name) => name switch
    {
        _ when name.Contains("_T4_", StringComparison.Ordinal) => "NVIDIA T4",
        _ when name.Contains("_A10_", StringComparison.Ordinal) => "NVIDIA A10",
        _ when name.Contains("_H100_", StringComparison.Ordinal) => "NVIDIA H100",
        _ when name.Contains("_H200_", StringComparison.Ordinal) => "NVIDIA H200",
        _ when name.Contains("_A100_", StringComparison.Ordinal) || name.StartsWith("Standard_ND96asr_v4", StringComparison.Ordinal) => "NVIDIA A100",
        _ when name.Contains("_MI300X_", StringComparison.Ordinal) => "AMD Instinct MI300X",
        _ when name.StartsWith("Standard_NP", StringComparison.Ordinal) => "AMD Alveo U250 FPGA",
        _ when name.StartsWith("Standard_NC", StringComparison.Ordinal) || name.StartsWith("Standard_ND40", StringComparison.Ordinal) => "NVIDIA V100",
        _ when name.EndsWith("as_v4", StringComparison.Ordinal) => "AMD Radeon Instinct MI25",
        _ when name.StartsWith("Standard_NV", StringComparison.Ordinal) => "NVIDIA M60",
        _ => "",
    };

    /// <summary><c>Standard_E16-4as_v5</c> is billed as 16 vCPUs and shows 4.</summary>
    private static int? ConstrainedVcpus(string name) =>
        NameParts().Match(name).Groups["constrained"] is { Success: true } group ? int.Parse(group.Value, CultureInfo.InvariantCulture) : null;

    private int HostVcpus(string size) => NameParts().Match(size).Groups["vcpus"] is { Success: true, Value: not "0" } group
        ? int.Parse(group.Value, CultureInfo.InvariantCulture)
        : book.Specs.TryGetValue(size, out Spec? spec) ? spec.VCpus : 1;

    internal static string SeriesOf(string name)
    {
        Match parts = NameParts().Match(name);
        string kind = name.StartsWith("Basic_", StringComparison.Ordinal) ? "Basic_" : "";
        string version = parts.Groups["version"].Success ? "v" + parts.Groups["version"].Value : "";
        return kind + parts.Groups["series"].Value + parts.Groups["features"].Value + parts.Groups["accelerator"].Value.Replace("_", "", StringComparison.Ordinal) + version;
    }

    private static string Squeezed(string size) => string.Concat(size.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();

    // Leaves out dedicated hosts (…_Type1), promotions, low-priority rows and names with blanks.
    [GeneratedRegex(@"^(Standard|Basic)_[A-Z]+\d+(-\d+)?[a-z]*(_[A-Z]+\d*[A-Z]*|_\d+)*(_v\d+)?$(?<!Promo)(?<!Type\d)(?<!SPECIAL)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SizeName();

    [GeneratedRegex(@"^(Standard|Basic)_(?<series>[A-Z]+)(?<vcpus>\d+)(-(?<constrained>\d+))?(?<features>[a-z]*)(?<accelerator>(_[A-Z]+\d*[A-Z]*|_\d+)*)(_v(?<version>\d+))?", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NameParts();

    [GeneratedRegex(@"^Standard_[DE]\d+(-\d+)?ad?s_v5$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AmdV5();
}
