namespace Sirsi.Core.Cryptography.Passwords;

/// <summary>How Argon2 picks the blocks it mixes in.</summary>
public enum Argon2Variant
{
    /// <summary>By the data: strongest against search by many machines, open to timing on a shared one.</summary>
    Argon2d = 0,

    /// <summary>By a counter: no timing, weaker against search.</summary>
    Argon2i = 1,

    /// <summary>By a counter for half of the first pass, then by the data. The one for passwords.</summary>
    Argon2id = 2,
}

/// <summary>The cost of one Argon2 computation. The defaults are the second recommendation of RFC 9106, section 4.</summary>
public sealed record Argon2Options
{
    /// <summary>Which variant. Default Argon2id.</summary>
    public Argon2Variant Variant { get; init; } = Argon2Variant.Argon2id;

    /// <summary>Memory in KiB: at least 8 for each lane. Default 65,536 = 64 MiB.</summary>
    public int MemoryKiB { get; init; } = 65_536;

    /// <summary>Passes over the memory: 1 and up. Default 3.</summary>
    public int Iterations { get; init; } = 3;

    /// <summary>
    /// Lanes, 1 to 255: part of the result's definition. They are computed one after another here; a defender's server has its cores
    /// busy with other log-ins. Default 4.
    /// </summary>
    public int Lanes { get; init; } = 4;

    /// <summary>Bytes of the result: 4 to 1,024. Default 32.</summary>
    public int TagSize { get; init; } = 32;

    /// <summary>Every broken rule, not only the first.</summary>
    internal IEnumerable<string> Problems()
    {
        if (Variant is not (Argon2Variant.Argon2d or Argon2Variant.Argon2i or Argon2Variant.Argon2id)) yield return $"there is no variant {Variant}.";
        if (Lanes is < 1 or > 255) yield return $"Lanes is {Lanes}; it must be 1 to 255.";
        if (Iterations < 1) yield return $"Iterations is {Iterations}; it must be 1 or more.";
        if (MemoryKiB < 8 * (long)Lanes) yield return $"MemoryKiB is {MemoryKiB}; it must be 8 or more for each of {Lanes} lanes.";
        if (TagSize is < 4 or > 1_024) yield return $"TagSize is {TagSize}; it must be 4 to 1,024 bytes.";
    }
}

/// <summary>The most that a stored password hash may ask of us. A hash beyond them is refused before memory is spent.</summary>
public sealed record Argon2Limits
{
    /// <summary>Most memory in KiB. Default 262,144 = 256 MiB.</summary>
    public int MemoryKiBMax { get; init; } = 262_144;

    /// <summary>Most passes times KiB, which is what the time depends on. Default 1,048,576: about a second.</summary>
    public long WorkMax { get; init; } = 1_048_576;

    internal bool Allow(Argon2Options options) =>
        options.MemoryKiB <= MemoryKiBMax && (long)options.MemoryKiB * options.Iterations <= WorkMax;
}
