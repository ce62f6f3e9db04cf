namespace Sirsi.Clouds.Prices;

/// <summary>The operating system whose licence a virtual machine's price includes.</summary>
public enum VmOs : byte
{
    /// <summary>Linux without a paid subscription.</summary>
    Linux,

    /// <summary>Windows Server with its licence.</summary>
    Windows,
}

/// <summary>The instruction set of a size.</summary>
public enum VmArchitecture : byte
{
    /// <summary>x86-64.</summary>
    X64,

    /// <summary>64-bit Arm.</summary>
    Arm64,
}

/// <summary>Network throughput in classes, for sizes whose cloud publishes words instead of numbers.</summary>
public enum NetworkClass : byte
{
    /// <summary>The sources say nothing.</summary>
    Unknown,

    /// <summary>Below 1 Gbit/s.</summary>
    Low,

    /// <summary>1 to 5 Gbit/s.</summary>
    Moderate,

    /// <summary>Above 5, up to 12.5 Gbit/s.</summary>
    High,

    /// <summary>Above 12.5, up to 50 Gbit/s.</summary>
    VeryHigh,

    /// <summary>Above 50 Gbit/s.</summary>
    Extreme,
}

/// <summary>What a size of virtual machine (or of a managed database or cache node) is made of.</summary>
public sealed record VmSize
{
    /// <summary>Whose size it is.</summary>
    public required Cloud Cloud { get; init; }

    /// <summary>The cloud's own name in its own spelling: <c>m5.large</c>, <c>Standard_D2s_v5</c>, <c>n2-standard-4</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The series the size belongs to: <c>m5</c>, <c>Dsv5</c>, <c>n2-standard</c>.</summary>
    public required string Family { get; init; }

    /// <summary>Virtual processors the guest sees, 1 or more.</summary>
    public required int VCpus { get; init; }

    /// <summary>Memory in GiB, above 0.</summary>
    public required double MemoryGiB { get; init; }

    /// <summary>The instruction set.</summary>
    public VmArchitecture Architecture { get; init; }

    /// <summary>Accelerators attached; 0 for none.</summary>
    public int Gpus { get; init; }

    /// <summary>The accelerator's name, null when there is none or the sources do not name it.</summary>
    public string? GpuModel { get; init; }

    /// <summary>
    /// Disk inside the host in GiB: 0 none, null when there is some of unknown size or nothing is known (see <see cref="HasLocalDisk"/>).
    /// </summary>
    public double? LocalDiskGiB { get; init; }

    /// <summary>
    /// Whether there is a disk inside the host; null when unknown. For Azure derived from the size's name, not published by the source.
    /// </summary>
    public bool? HasLocalDisk { get; init; }

    /// <summary>Network throughput in Gbit/s, the peak when <see cref="NetworkBursts"/>; null when unknown.</summary>
    public double? NetworkGbps { get; init; }

    /// <summary>Whether the throughput is an "up to".</summary>
    public bool NetworkBursts { get; init; }

    /// <summary>The throughput as a class.</summary>
    public NetworkClass Network { get; init; }

    /// <summary>Whether processors are shared and run on credits.</summary>
    public bool Burstable { get; init; }

    /// <summary>Whether the cloud still recommends the generation; true when its source does not say otherwise.</summary>
    public bool CurrentGeneration { get; init; } = true;

    /// <summary>Whether the guest gets the whole host.</summary>
    public bool BareMetal { get; init; }
}

/// <summary>A size and what it costs an hour in one region with one operating system.</summary>
/// <param name="Vm">The size.</param>
/// <param name="Price">Its price, unit <see cref="PriceUnit.Hour"/>.</param>
public readonly record struct PricedVm(VmSize Vm, Price Price);
