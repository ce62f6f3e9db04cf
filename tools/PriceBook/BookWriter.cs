using System.Security.Cryptography;
using System.Text;
using Sirsi.Clouds.Prices;

namespace Sirsi.PriceBook;

/// <summary>Writes the layout described at <see cref="PriceBookLayout"/>. The same prices give the same bytes.</summary>
internal sealed class BookWriter : IDisposable
{
    private readonly BinaryWriter _out;
    private readonly List<PriceSource> _sources;
    private readonly List<(PriceQuality Quality, byte Source)> _grades = [];
    private readonly List<string> _keys;

    private BookWriter(Stream stream, IReadOnlyList<CloudBook> clouds)
    {
        _out = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        Amount[] all = [.. clouds.SelectMany(cloud => cloud.Vms.Values.Concat(cloud.Services.Values))];
        _sources = [.. all.Select(amount => amount.Source).Distinct().OrderBy(s => s.Name, StringComparer.Ordinal)
            .ThenBy(s => s.AsOf, StringComparer.Ordinal).ThenBy(s => s.Note, StringComparer.Ordinal)];
        _grades = [.. all.Select(amount => (amount.Quality, (byte)_sources.IndexOf(amount.Source))).Distinct().Order()];
        _keys = Sorted(clouds.SelectMany(cloud => cloud.Services.Keys).Select(service => service.Key));
    }

    internal static byte[] Write(IReadOnlyList<CloudBook> clouds)
    {
        using var book = new MemoryStream();
        using (var writer = new BookWriter(book, clouds))
        {
            writer.WriteHead();
            foreach (CloudBook cloud in clouds) writer.WriteCloud(cloud);
        }
        byte[] content = book.ToArray();
        return [.. content, .. SHA256.HashData(content)];
    }

    public void Dispose() => _out.Dispose();

    private void WriteHead()
    {
        _out.Write(PriceBookLayout.Magic);
        _out.Write(checked((byte)_sources.Count));
        foreach (PriceSource source in _sources)
        {
            Text(source.Name);
            Text(source.AsOf);
            Text(source.Note);
        }
        _out.Write(checked((byte)_grades.Count));
        foreach ((PriceQuality quality, byte source) in _grades)
        {
            _out.Write((byte)quality);
            _out.Write(source);
        }
        _out.Write(checked((ushort)_keys.Count));
        foreach (string key in _keys)
        {
            Text(key);
            _out.Write((byte)ServiceKeys.UnitOf(key));
        }
    }

    private void WriteCloud(CloudBook cloud)
    {
        _out.Write((byte)cloud.Cloud);
        _out.Write(checked((byte)cloud.References.Length));
        foreach (string reference in cloud.References) Text(reference);

        string[] sizes = [.. cloud.Vms.Keys.Select(vm => vm.Size).Concat(cloud.Specs.Keys)
            .Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase)];
        Dictionary<string, int> sizeIndex = Index(sizes, StringComparer.OrdinalIgnoreCase);
        _out.Write(checked((ushort)sizes.Length));
        foreach (string size in sizes) WriteSize(size, cloud.Specs.GetValueOrDefault(size));

        double[] amounts = [.. cloud.Vms.Values.Concat(cloud.Services.Values).Select(amount => amount.Usd).Distinct().Order()];
        _out.Write(checked((ushort)amounts.Length));
        foreach (double amount in amounts) _out.Write(amount);

        var vms = cloud.Vms.ToLookup(vm => vm.Key.Region, StringComparer.Ordinal);
        var services = cloud.Services.ToLookup(service => service.Key.Region, StringComparer.Ordinal);
        List<string> regions = Sorted(vms.Select(vm => vm.Key).Concat(services.Select(service => service.Key)));
        _out.Write(checked((ushort)regions.Count));
        foreach (string region in regions)
        {
            Text(region);
            foreach (VmOs os in Enum.GetValues<VmOs>())
            {
                (int Size, Amount Amount, bool Offered)[] entries = [.. vms[region].Where(vm => vm.Key.Os == os)
                    .Select(vm => (sizeIndex[vm.Key.Size], vm.Value, IsOffered(cloud, region, vm.Key.Size)))];
                _out.Write(checked((ushort)entries.Count(entry => entry.Offered)));
                WriteEntries(entries.OrderBy(entry => !entry.Offered).ThenBy(entry => entry.Amount.Usd).ThenBy(entry => entry.Size)
                    .Select(entry => (entry.Size, entry.Amount)), amounts);
            }
            _out.Write((ushort)0);
            var priced = services[region].Select(service => (Row: KeyNumber(service.Key.Key), service.Value));
            WriteEntries(priced.OrderBy(service => service.Row), amounts);
        }
    }

    private int KeyNumber(string key) => _keys.BinarySearch(key, StringComparer.Ordinal);

    private static bool IsOffered(CloudBook cloud, string region, string size) =>
        cloud.Specs.ContainsKey(size) && !cloud.NotOffered.Contains((region, size));

    private static List<string> Sorted(IEnumerable<string> names) =>
        [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private void WriteEntries(IEnumerable<(int Row, Amount Amount)> ordered, double[] amounts)
    {
        (int Row, Amount Amount)[] entries = [.. ordered];
        _out.Write(checked((ushort)entries.Length));
        foreach ((int row, Amount amount) in entries)
        {
            _out.Write(checked((ushort)row));
            _out.Write((ushort)Array.BinarySearch(amounts, amount.Usd));
            _out.Write((byte)_grades.IndexOf((amount.Quality, (byte)_sources.IndexOf(amount.Source))));
        }
    }

    private void WriteSize(string name, Spec? spec)
    {
        Text(name);
        _out.Write((ushort)(spec is null ? SizeFlags.None : spec.Flags | SizeFlags.SpecKnown));
        if (spec is null) return;
        Text(spec.Family);
        _out.Write(checked((ushort)spec.VCpus));
        _out.Write(spec.MemoryGiB);
        _out.Write(checked((byte)spec.Gpus));
        Text(spec.GpuModel);
        _out.Write(spec.LocalDiskGiB);
        _out.Write(spec.NetworkGbps);
        _out.Write((byte)spec.Network);
    }

    private void Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        _out.Write(checked((ushort)bytes.Length));
        _out.Write(bytes);
    }

    private static Dictionary<string, int> Index(string[] names, StringComparer comparer) =>
        names.Select((name, index) => (name, index)).ToDictionary(n => n.name, n => n.index, comparer);
}
