using System.Buffers.Binary;

namespace Sirsi.Clouds.Prices;

/// <summary>One cloud's part of a price book: its sizes, its regions and where their prices lie.</summary>
internal sealed class CloudPrices
{
    private readonly Dictionary<string, int> _sizeIndex;
    private readonly Dictionary<string, RegionPrices> _regionIndex;

    internal CloudPrices(ref PriceBookReader reader, ReadOnlyMemory<byte> book, PriceSource[] sources,
        (PriceQuality Quality, byte Source)[] grades, PriceUnit[] keyUnits)
    {
        Cloud = (Cloud)reader.Byte();
        var references = new string[reader.Byte()];
        for (int i = 0; i < references.Length; i++) references[i] = reader.Text();

        SizeNames = new string[reader.UInt16()];
        Sizes = new VmSize?[SizeNames.Length];
        _sizeIndex = new(SizeNames.Length, StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < Sizes.Length; i++)
        {
            SizeNames[i] = reader.Text();
            Sizes[i] = ReadSpec(ref reader, Cloud, SizeNames[i]);
            _sizeIndex.Add(SizeNames[i], i);
        }

        Amounts = new double[reader.UInt16()];
        for (int i = 0; i < Amounts.Length; i++) Amounts[i] = reader.Double();

        Sources = sources;
        Grades = grades;
        KeyUnits = keyUnits;
        Regions = new RegionPrices[reader.UInt16()];
        _regionIndex = new(Regions.Length, StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < Regions.Length; i++)
        {
            string name = reader.Text();
            PriceBlock linux = ReadBlock(ref reader, book);
            PriceBlock windows = ReadBlock(ref reader, book);
            Regions[i] = new RegionPrices(this, name, linux, windows, ReadBlock(ref reader, book));
            _regionIndex.Add(name, Regions[i]);
        }
        References = new RegionPrices[references.Length];
        for (int i = 0; i < references.Length; i++)
            References[i] = Find(references[i]) ?? throw PriceBookReader.Damaged($"the reference region {references[i]} is not in it");
    }

    internal Cloud Cloud { get; }

    internal string[] SizeNames { get; }

    internal VmSize?[] Sizes { get; }

    internal double[] Amounts { get; }

    internal PriceSource[] Sources { get; }

    internal (PriceQuality Quality, byte Source)[] Grades { get; }

    internal PriceUnit[] KeyUnits { get; }

    internal RegionPrices[] Regions { get; }

    /// <summary>The regions whose service prices stand in for those of a region that lacks them, in order.</summary>
    internal RegionPrices[] References { get; }

    internal RegionPrices? Find(string region) => _regionIndex.GetValueOrDefault(region);

    internal bool TryFindSize(string name, out int index) => _sizeIndex.TryGetValue(name, out index);

    internal bool TryFindSize(ReadOnlySpan<char> name, out int index) =>
        _sizeIndex.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out index);

    /// <summary>Turns an entry of a block into the row it is about and its price.</summary>
    internal (int Row, Price Price) Decode(ReadOnlySpan<byte> entry, string region, PriceUnit? unit)
    {
        int row = BinaryPrimitives.ReadUInt16LittleEndian(entry);
        (PriceQuality quality, byte source) = Grades[entry[4]];
        double amount = Amounts[BinaryPrimitives.ReadUInt16LittleEndian(entry[2..])];
        return (row, new Price(amount, unit ?? KeyUnits[row], quality, region, Sources[source]));
    }

    private static PriceBlock ReadBlock(ref PriceBookReader reader, ReadOnlyMemory<byte> book)
    {
        int offerable = reader.UInt16();
        int bytes = reader.UInt16() * PriceBookLayout.EntryBytes;
        reader.Take(bytes);
        return new PriceBlock(book.Slice(reader.Position - bytes, bytes), offerable);
    }

    private static VmSize? ReadSpec(ref PriceBookReader reader, Cloud cloud, string name)
    {
        var flags = (SizeFlags)reader.UInt16();
        if (!flags.HasFlag(SizeFlags.SpecKnown)) return null;
        string family = reader.Text();
        int vcpus = reader.UInt16();
        double memory = reader.Double();
        int gpus = reader.Byte();
        string gpuModel = reader.Text();
        return new VmSize
        {
            Cloud = cloud,
            Name = name,
            Family = family,
            VCpus = vcpus,
            MemoryGiB = memory,
            Gpus = gpus,
            GpuModel = gpuModel.Length == 0 ? null : gpuModel,
            LocalDiskGiB = reader.KnownDouble(),
            NetworkGbps = reader.KnownDouble(),
            Network = (NetworkClass)reader.Byte(),
            Architecture = flags.HasFlag(SizeFlags.Arm64) ? VmArchitecture.Arm64 : VmArchitecture.X64,
            Burstable = flags.HasFlag(SizeFlags.Burstable),
            CurrentGeneration = !flags.HasFlag(SizeFlags.PreviousGeneration),
            BareMetal = flags.HasFlag(SizeFlags.BareMetal),
            NetworkBursts = flags.HasFlag(SizeFlags.NetworkBursts),
            HasLocalDisk = flags.HasFlag(SizeFlags.LocalDiskUnknown) ? null : flags.HasFlag(SizeFlags.LocalDisk),
        };
    }
}

/// <summary>The undecoded entries of one block of a price book.</summary>
internal readonly record struct PriceBlock(ReadOnlyMemory<byte> Entries, int Offerable)
{
    internal int Count => Entries.Length / PriceBookLayout.EntryBytes;

    internal ReadOnlySpan<byte> this[int index] => Entries.Span.Slice(index * PriceBookLayout.EntryBytes, PriceBookLayout.EntryBytes);
}
