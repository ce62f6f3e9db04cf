using System.Globalization;

namespace Sirsi.Clouds.Prices;

/// <summary>
/// A Compute Engine custom machine type read from its name: <c>custom-4-8192</c> (of the N1 series), <c>e2-custom-4-8192</c>,
/// <c>n2-custom-8-65536-ext</c>: series, vCPUs and MiB of memory. See "Custom machine types" in the Compute Engine documentation.
/// </summary>
internal readonly record struct GcpCustomSize(string Series, int VCpus, int MemoryMib)
{
    internal static readonly string[] AllSeries = ["e2", "n1", "n2", "n2d", "n4", "n4d"];

    internal double MemoryGib => MemoryMib / 1024.0;

    internal static bool TryParse(ReadOnlySpan<char> name, out GcpCustomSize size)
    {
        size = default;
        int at = name.IndexOf("custom-", StringComparison.Ordinal);
        if (at < 0) return false;
        string? series = at == 0 ? "n1" : name[at - 1] == '-' ? SeriesOf(name[..(at - 1)]) : null;
        ReadOnlySpan<char> figures = name[(at + "custom-".Length)..];
        if (figures.EndsWith("-ext", StringComparison.Ordinal)) figures = figures[..^"-ext".Length];
        int dash = figures.IndexOf('-');
        if (series is null || dash < 0) return false;
        if (!int.TryParse(figures[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out int vcpus)
            || !int.TryParse(figures[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int memory)
            || vcpus is < 1 or > 224 || memory is < 256 or > 4_194_304)
            return false;
        size = new GcpCustomSize(series, vcpus, memory);
        return true;
    }

    private static string? SeriesOf(ReadOnlySpan<char> text)
    {
        foreach (string series in AllSeries)
            if (text.SequenceEqual(series))
                return series;
        return null;
    }
}
