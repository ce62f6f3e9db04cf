using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Sirsi.Wasm.Wasi;

/// <summary>Fills a buffer with random bytes.</summary>
/// <param name="bytes">To be filled whole.</param>
public delegate void WasiRandomSource(Span<byte> bytes);

/// <summary>A folder of the host that a guest may use.</summary>
/// <param name="HostPath">The folder. It must exist when the <see cref="WasiHost"/> is made.</param>
/// <param name="GuestPath">The name the guest knows it by, as <c>/data</c> or <c>.</c>.</param>
/// <param name="IsWritable">Whether the guest may change what is in it. Default: it may not.</param>
public sealed record WasiFolder(string HostPath, string GuestPath, bool IsWritable = false);

/// <summary>
/// What a guest gets to see of the machine through WASI, and its limits. Nothing is open that is not opened here: the default gives no
/// argument, variable, input, folder, clock or randomness, and drops what the guest prints. Immutable.
/// </summary>
public sealed record WasiOptions
{
    /// <summary>The command line; the first is by custom the program's name. Default: none.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>The environment variables. Default: none.</summary>
    public ImmutableDictionary<string, string> Environment { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>What descriptor 0 reads; left open. Null, the default, is at its end at once.</summary>
    public Stream? StandardInput { get; init; }

    /// <summary>Where descriptor 1 writes to; left open, and should not block for long. Null, the default, drops it.</summary>
    public Stream? StandardOutput { get; init; }

    /// <summary>Where descriptor 2 writes to; left open, and should not block for long. Null, the default, drops it.</summary>
    public Stream? StandardError { get; init; }

    /// <summary>The folders granted, as descriptors 3 and up in this order. Linux only. Default: none.</summary>
    public ImmutableArray<WasiFolder> Folders { get; init; } = [];

    /// <summary>
    /// The clock. Null, the default: clock functions and waiting answer <c>notcapable</c>. See <see cref="FixedClock"/>.
    /// </summary>
    public TimeProvider? Clock { get; init; }

    /// <summary>The source of randomness. Null, the default: <c>random_get</c> answers <c>notcapable</c>.</summary>
    public WasiRandomSource? Random { get; init; }

    /// <summary>Most descriptors open at one time, the standard ones and granted folders included. 3 to 65,536; default 256.</summary>
    public int DescriptorsMax { get; init; } = 256;

    /// <summary>Most buffers in one call, and most subscriptions of a poll. 1 to 1,024; default 1,024.</summary>
    public int BuffersMax { get; init; } = 1_024;

    /// <summary>
    /// Most bytes one call reads or writes; a longer one is done in part, as the specification allows. 1 to 1 GiB; default 1 MiB.
    /// </summary>
    public int TransferBytesMax { get; init; } = 1 << 20;

    /// <summary>Longest path, in bytes of UTF-8. 1 to 4,095; default 4,095.</summary>
    public int PathBytesMax { get; init; } = 4_095;

    /// <summary>Most entries of all folders that are being listed; then <c>overflow</c>. Default 100,000.</summary>
    public int FolderEntriesMax { get; init; } = 100_000;

    /// <summary>Most bytes printed to standard output and error together; then <c>nospc</c>. Default 64 MiB.</summary>
    public long OutputBytesMax { get; init; } = 64L << 20;

    /// <summary>Largest file the guest can make, in bytes; then <c>fbig</c>. Default 1 GiB.</summary>
    public long FileBytesMax { get; init; } = 1L << 30;

    /// <summary>Most bytes written to files or reserved for them, in total; then <c>nospc</c>. Default 4 GiB.</summary>
    public long WrittenBytesMax { get; init; } = 4L << 30;

    /// <summary>A clock and randomness of the machine, and nothing else: what an ordinary program needs to run.</summary>
    /// <param name="clock">The clock.</param>
    public static WasiOptions Standard(TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        return new() { Clock = clock, Random = RandomNumberGenerator.Fill };
    }

    /// <summary>
    /// A clock that stands at <paramref name="start"/> and random bytes given by <paramref name="seed"/>: every run is the same.
    /// </summary>
    public static WasiOptions Deterministic(ulong seed, DateTimeOffset start) =>
        new() { Clock = FixedClock(start), Random = SeededRandom(seed) };

    /// <summary>
    /// A clock that stands still but for the guest's own waiting: that passes at once, and moves the clock by its length. Thread-safe.
    /// </summary>
    public static TimeProvider FixedClock(DateTimeOffset start) => new StandingClock(start);

    /// <summary>
    /// Reproducible random bytes, the same on every machine and version (SplitMix64; Steele, Lea and Flood, 2014). Not for secrets. Not
    /// thread-safe.
    /// </summary>
    public static WasiRandomSource SeededRandom(ulong seed)
    {
        ulong state = seed;
        return bytes =>
        {
            Span<byte> word = stackalloc byte[8];
            for (int i = 0; i < bytes.Length; i += 8)
            {
                state = unchecked(state + 0x9E3779B97F4A7C15);
                ulong mixed = unchecked((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9);
                mixed = unchecked((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB);
                BinaryPrimitives.WriteUInt64LittleEndian(word, mixed ^ (mixed >> 31));
                word[..Math.Min(8, bytes.Length - i)].CopyTo(bytes[i..]);
            }
        };
    }

    /// <summary>Every broken rule, not only the first.</summary>
    internal IEnumerable<string> Problems()
    {
        if (DescriptorsMax is < 3 or > 65_536) yield return $"DescriptorsMax is {DescriptorsMax}; it must be 3 to 65,536.";
        else if (Folders.Length > DescriptorsMax - 3)
            yield return $"{Folders.Length} folders need more than DescriptorsMax = {DescriptorsMax} descriptors.";
        if (BuffersMax is < 1 or > 1_024) yield return $"BuffersMax is {BuffersMax}; it must be 1 to 1,024.";
        if (TransferBytesMax is < 1 or > 1 << 30) yield return $"TransferBytesMax is {TransferBytesMax}; it must be 1 to 1,073,741,824.";
        if (PathBytesMax is < 1 or > 4_095) yield return $"PathBytesMax is {PathBytesMax}; it must be 1 to 4,095.";
        if (FolderEntriesMax < 0) yield return $"FolderEntriesMax is {FolderEntriesMax}; it must not be negative.";
        if (OutputBytesMax < 0 || FileBytesMax < 0 || WrittenBytesMax < 0)
            yield return "OutputBytesMax, FileBytesMax and WrittenBytesMax must not be negative.";
        if (Arguments.Any(static text => text.Contains('\0'))) yield return "An argument holds a NUL.";
        foreach ((string name, string value) in Environment)
        {
            if (name.Length == 0 || name.Contains('=') || name.Contains('\0') || value.Contains('\0'))
                yield return "A variable's name is empty or holds \"=\", or it holds a NUL.";
        }

        if (StandardInput is { CanRead: false }) yield return "StandardInput cannot be read.";
        if (StandardOutput is { CanWrite: false } || StandardError is { CanWrite: false })
            yield return "StandardOutput or StandardError cannot be written.";
        foreach (WasiFolder folder in Folders)
        {
            if (folder.GuestPath.Length == 0 || folder.GuestPath.Contains('\0') || Encoding.UTF8.GetByteCount(folder.GuestPath) > 4_095)
                yield return "A folder's guest path is empty, too long or holds a NUL.";
        }
    }
}
