using System.Runtime.InteropServices;

namespace Sirsi.Store;

/// <summary>The present value of a key.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">Its value.</param>
/// <param name="Version">The number of the change that made it, in its space: greater than that of any earlier change, and never used again.</param>
/// <param name="ChangedAt">When that was.</param>
public sealed record KeyValue(string Key, ReadOnlyMemory<byte> Value, long Version, DateTimeOffset ChangedAt);

/// <summary>One change of a key.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">Its value from then on; null where it was removed.</param>
/// <param name="Version">The number of the change in its space. Numbers are in the order of the commits and without gaps.</param>
/// <param name="ChangedAt">When that was.</param>
public sealed record KeyChange(string Key, ReadOnlyMemory<byte>? Value, long Version, DateTimeOffset ChangedAt);

/// <summary>What came of a write.</summary>
/// <param name="IsDone">Whether the key had the expected version and was written.</param>
/// <param name="Version">The version it has now; 0 where it is absent.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct KeyWrite(bool IsDone, long Version);
