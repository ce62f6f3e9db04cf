using System.Runtime.InteropServices;

namespace Sirsi.Wasm.Compiler;

/// <summary>How large a method is, by the measures RyuJIT has limits for.</summary>
/// <param name="Bytes">Bytes of IL.</param>
/// <param name="Instructions">Instructions of IL.</param>
/// <param name="Blocks">Basic blocks.</param>
/// <param name="Uses">Instructions that name a local or an argument.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct MethodSize(int Bytes, int Instructions, int Blocks, int Uses)
{
    /// <summary>A little less than RyuJIT's limits: 60,000, 20,000, 2,000 and 8,000.</summary>
    internal static MethodSize Most => new(59_500, 19_900, 1_980, 7_950);

    public static MethodSize operator +(MethodSize a, MethodSize b) =>
        new(a.Bytes + b.Bytes, a.Instructions + b.Instructions, a.Blocks + b.Blocks, a.Uses + b.Uses);

    public static MethodSize operator -(MethodSize a, MethodSize b) =>
        new(a.Bytes - b.Bytes, a.Instructions - b.Instructions, a.Blocks - b.Blocks, a.Uses - b.Uses);

    internal bool Fits(MethodSize room) =>
        Bytes <= room.Bytes && Instructions <= room.Instructions && Blocks <= room.Blocks && Uses <= room.Uses;

    /// <summary>The part of a room that it takes, by the measure of which it takes most.</summary>
    internal double ShareOf(MethodSize room) => Math.Max(
        Math.Max((double)Bytes / room.Bytes, (double)Instructions / room.Instructions),
        Math.Max((double)Blocks / room.Blocks, (double)Uses / room.Uses));

    /// <summary>So many hundredths of it.</summary>
    internal MethodSize Percent(int percent) =>
        new(Bytes / 100 * percent, Instructions / 100 * percent, Blocks / 100 * percent, Uses / 100 * percent);
}
