using System.Runtime.InteropServices;

namespace Sirsi.Wasm.Tests.Instances;

/// <summary>What the process has of what could leak, after all that is dead is collected.</summary>
/// <param name="Managed">Bytes of the garbage-collected heap.</param>
/// <param name="Resident">Bytes in memory.</param>
/// <param name="Handles">Open files.</param>
/// <param name="Mappings">Mappings of address space.</param>
/// <param name="Images">Of those, mapped snapshots.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ProcessUse(long Managed, long Resident, int Handles, int Mappings, int Images)
{
    internal static ProcessUse Measure()
    {
        for (int i = 0; i < 3; i++)
        {
            // Aggressive: what the collector keeps for itself is no concern of these tests.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        string[] maps = OperatingSystem.IsLinux() ? File.ReadAllLines("/proc/self/maps") : [];
        int handles = OperatingSystem.IsLinux() ? Directory.GetFileSystemEntries("/proc/self/fd").Length : 0;
        int images = maps.Count(static map => map.Contains("memfd:wasm-image", StringComparison.Ordinal));
        return new(GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet, handles, maps.Length, images);
    }

    /// <summary>Fails when more than a little was added since an earlier measurement.</summary>
    internal void AssertFlatSince(ProcessUse before)
    {
        Assert.InRange(Managed - before.Managed, long.MinValue, 8 << 20);
        Assert.InRange(Resident - before.Resident, long.MinValue, 64 << 20);
        Assert.InRange(Handles - before.Handles, int.MinValue, 8);
        Assert.InRange(Mappings - before.Mappings, int.MinValue, 128);
        Assert.InRange(Images - before.Images, int.MinValue, 0);
    }
}

/// <summary>Tests that look at the whole process run alone.</summary>
[CollectionDefinition("process", DisableParallelization = true)]
public sealed class WholeProcess;
