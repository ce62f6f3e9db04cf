using Google.Protobuf.Reflection;

namespace Sirsi.Bus.Schemas.Evolution;

/// <summary>The numbers and names that a message or an enumeration has set aside for ever.</summary>
internal sealed class Reservations
{
    // Sorted, without overlap, ends included.
    private readonly List<(int First, int Last)> _ranges = [];
    private readonly HashSet<string> _names;

    private Reservations(IEnumerable<(int First, int Last)> ranges, IEnumerable<string> names)
    {
        _names = new(names, StringComparer.Ordinal);
        foreach ((int first, int last) in ranges.Where(static range => range.First <= range.Last).OrderBy(static range => range.First))
        {
            if (_ranges.Count > 0 && first <= (long)_ranges[^1].Last + 1) _ranges[^1] = (_ranges[^1].First, Math.Max(_ranges[^1].Last, last));
            else _ranges.Add((first, last));
        }
    }

    public static Reservations Of(DescriptorProto message) => new(
        message.ReservedRange.Select(static range => (range.Start, range.End - 1))
            .Concat(message.ExtensionRange.Select(static range => (range.Start, range.End - 1))),
        message.ReservedName);

    public static Reservations Of(EnumDescriptorProto enumeration) =>
        new(enumeration.ReservedRange.Select(static range => (range.Start, range.End)), enumeration.ReservedName);

    public bool Has(int number) => Covers(number, number);

    public bool Has(string name) => _names.Contains(name);

    /// <summary>Says what <paramref name="newer"/> no longer sets aside: a later version could use it and nobody would notice.</summary>
    public void ReportDropped(Reservations newer, string path, SchemaComparison comparison)
    {
        foreach ((int first, int last) in _ranges.Where(range => !newer.Covers(range.First, range.Last)))
            comparison.Breaking(path, $"numbers {first} to {last} are no longer all reserved; keep the reservation");
        foreach (string name in _names.Where(name => !newer.Has(name)).Order(StringComparer.Ordinal))
            comparison.Breaking(path, $"the name '{name}' is no longer reserved; keep the reservation");
    }

    private bool Covers(int first, int last)
    {
        int low = 0, high = _ranges.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (_ranges[middle].Last < first) low = middle + 1;
            else if (_ranges[middle].First > first) high = middle - 1;
            else return _ranges[middle].Last >= last;
        }

        return false;
    }
}
