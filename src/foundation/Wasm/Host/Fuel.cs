namespace Sirsi.Wasm.Host;

/// <summary>What bulk work costs, the same in every engine.</summary>
internal static class Fuel
{
    /// <summary>Moving, filling or copying bytes: a unit for each eight begun.</summary>
    internal static long OfBytes(ulong bytes) => (long)((bytes >> 3) + ((bytes & 7) != 0 ? 1UL : 0));

    /// <summary>Growing a memory: the kernel has to find and clear the pages.</summary>
    internal static long OfPages(ulong pages) => (long)Math.Min(pages, 1UL << 48) * 1_024;
}
