namespace Sirsi.Hypervisor.Durability;

/// <summary>Facts that need not be stored together, in records of bounded size. Not thread-safe.</summary>
internal sealed class FactRecords
{
    /// <summary>A record that has so many bytes takes no more facts.</summary>
    public const int BytesAbout = 128 << 10;

    private readonly List<FactWriter> _records = [];

    public IReadOnlyList<FactWriter> All => _records;

    /// <summary>Where the next fact goes.</summary>
    public FactWriter Next()
    {
        if (_records.Count == 0 || _records[^1].Length >= BytesAbout) _records.Add(new FactWriter());
        return _records[^1];
    }
}
