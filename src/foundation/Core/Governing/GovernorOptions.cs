using System.Runtime.InteropServices;

namespace Sirsi.Core.Governing;

/// <summary>What a share of processor time is a share of.</summary>
public enum CpuShareOf
{
    /// <summary>One core: 100 % is one core's whole time.</summary>
    OneCore,

    /// <summary>All cores the process may use: 100 % is the time of all of them.</summary>
    AllCores,
}

/// <summary>The most processor time that may be used, averaged over about a second.</summary>
/// <param name="Percent">0 to 100; 0 lets nothing run.</param>
/// <param name="Of">What it is a share of.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct CpuCap(double Percent, CpuShareOf Of);

/// <summary>Where the use of memory is taken from.</summary>
public enum MemoryAccount
{
    /// <summary>What has been reserved.</summary>
    Reservations,

    /// <summary>What has been reserved or the measured size of the process's managed heap, whichever is more. Only for a governor without parent.</summary>
    ManagedHeap,
}

/// <summary>
/// The limits one governor keeps. Immutable: derive a variant with <c>with</c>. Checked as a whole when a governor is made.
/// </summary>
public sealed record GovernorOptions
{
    /// <summary>The most permits, queue places or I/O operations per second an option may name.</summary>
    public const int CountMax = 1_000_000_000;

    /// <summary>No limit but the default number of waiting operations.</summary>
    public static GovernorOptions Unlimited { get; } = new();

    /// <summary>For tests: sandboxed, deterministic from seed 1, 4 permits, 1,000 I/O operations per second, 256 MiB.</summary>
    public static GovernorOptions Testing { get; } = new()
    {
        PermitsMax = 4,
        WaitingMax = 1_000,
        IoOperationsPerSecondMax = 1_000,
        MemoryBytesMax = 256L << 20,
        DeterministicSeed = 1,
        Sandbox = true,
    };

    /// <summary>For a server process: 80 % of all cores, 256 permits, 10,000 I/O operations per second, 4 GiB.</summary>
    public static GovernorOptions Production { get; } = new()
    {
        CpuCap = new CpuCap(80, CpuShareOf.AllCores),
        PermitsMax = 256,
        IoOperationsPerSecondMax = 10_000,
        MemoryBytesMax = 4L << 30,
        MemoryAccount = MemoryAccount.ManagedHeap,
    };

    /// <summary>The most processor time; default null, no cap and no measuring. Excludes <see cref="DeterministicSeed"/>.</summary>
    public CpuCap? CpuCap { get; init; }

    /// <summary>Operations that may run at once: 1 to <see cref="CountMax"/>, which is the default.</summary>
    public int PermitsMax { get; init; } = CountMax;

    /// <summary>Operations that may wait at once, those of descendants included: 0 to <see cref="CountMax"/>. Default 10,000.</summary>
    public int WaitingMax { get; init; } = 10_000;

    /// <summary>I/O operations admitted per second on average: 1 to <see cref="CountMax"/>; default null, no limit.</summary>
    public int? IoOperationsPerSecondMax { get; init; }

    /// <summary>
    /// I/O operations admitted at once after a quiet time: 1 to <see cref="CountMax"/>. Default null: a tenth of a second's worth, at
    /// least 1. In any span of T seconds at most rate × T + burst are admitted.
    /// </summary>
    public int? IoOperationsBurstMax { get; init; }

    /// <summary>Bytes of memory that may be reserved at once: at least 1; default null, no limit.</summary>
    public long? MemoryBytesMax { get; init; }

    /// <summary>Where the use of memory is taken from; default <see cref="MemoryAccount.Reservations"/>.</summary>
    public MemoryAccount MemoryAccount { get; init; }

    /// <summary>
    /// Deterministic mode, if not null: admission is a function of the order of calls, the clock given and this seed, which draws
    /// whose turn it is among waiting siblings. Nothing measured decides, so CPU caps and measured memory are refused. Holds for
    /// a whole tree: set it where there is no parent.
    /// </summary>
    public int? DeterministicSeed { get; init; }

    /// <summary>Sandbox mode: operations that touch the system are refused, here and in all descendants. Default false.</summary>
    public bool Sandbox { get; init; }

    /// <summary>Every broken rule, in words for the one who wrote the options; empty when they are valid.</summary>
    public IEnumerable<string> Problems()
    {
        if (CpuCap is { } cap && !(cap.Percent is >= 0 and <= 100)) yield return $"CpuCap is {cap.Percent} %; it must be 0 to 100 %.";
        if (CpuCap is { } named && !Enum.IsDefined(named.Of)) yield return "CpuCap must be of one core or of all cores.";
        if (PermitsMax is < 1 or > CountMax) yield return $"PermitsMax is {PermitsMax}; it must be 1 to {CountMax}.";
        if (WaitingMax is < 0 or > CountMax) yield return $"WaitingMax is {WaitingMax}; it must be 0 to {CountMax}.";
        if (IoOperationsPerSecondMax is < 1 or > CountMax)
            yield return $"IoOperationsPerSecondMax is {IoOperationsPerSecondMax}; it must be 1 to {CountMax}.";
        if (IoOperationsBurstMax is < 1 or > CountMax)
            yield return $"IoOperationsBurstMax is {IoOperationsBurstMax}; it must be 1 to {CountMax}.";
        if (IoOperationsBurstMax is not null && IoOperationsPerSecondMax is null)
            yield return "IoOperationsBurstMax means nothing without IoOperationsPerSecondMax.";
        if (MemoryBytesMax is < 1) yield return $"MemoryBytesMax is {MemoryBytesMax}; it must be above 0 bytes.";
        if (!Enum.IsDefined(MemoryAccount)) yield return "MemoryAccount must be reservations or the managed heap.";
        if (DeterministicSeed is not null && CpuCap is not null)
            yield return "CpuCap and DeterministicSeed exclude each other: measured processor time differs from run to run.";
        if (DeterministicSeed is not null && MemoryAccount is MemoryAccount.ManagedHeap)
            yield return "A measured MemoryAccount and DeterministicSeed exclude each other: the heap differs from run to run.";
    }

    /// <summary>The rules these break as options of a child in a tree that is deterministic or not.</summary>
    internal IEnumerable<string> ProblemsAsChild(bool deterministicTree)
    {
        foreach (string problem in Problems()) yield return problem;
        if (DeterministicSeed is not null) yield return "DeterministicSeed is set on a child; it holds for a whole tree and is set where there is no parent.";
        if (MemoryAccount is MemoryAccount.ManagedHeap) yield return "MemoryAccount of a child must be reservations: the heap is the process's.";
        if (deterministicTree && CpuCap is not null)
            yield return "CpuCap is set in a deterministic tree: measured processor time differs from run to run.";
    }
}
