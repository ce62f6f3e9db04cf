using System.Security.Cryptography;

namespace Sirsi.Core.Hosting;

/// <summary>Where randomness comes from.</summary>
public abstract class RandomSource
{
    /// <summary>For jitter, sampling and shuffles; never for secrets. In production safe for any number of threads.</summary>
    public abstract Random Ordinary { get; }

    /// <summary>
    /// Fills <paramref name="bytes"/> with what keys, tokens and salts are made of: in production from the operating system's
    /// cryptographic generator, on a deterministic host from its seed.
    /// </summary>
    public abstract void FillSecret(Span<byte> bytes);
}

/// <summary>The machine's own randomness.</summary>
internal sealed class MachineRandomSource : RandomSource
{
#pragma warning disable RS0030 // The production source that others are told to use instead.
    public override Random Ordinary => Random.Shared;
#pragma warning restore RS0030

    public override void FillSecret(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
}

/// <summary>Two independent streams from one seed, so that drawing a secret does not move the ordinary numbers. For one thread.</summary>
internal sealed class SeededRandomSource(int seed) : RandomSource
{
    private readonly Random _secrets = new(SeedOf(seed, stream: 1));

    public override Random Ordinary { get; } = new(SeedOf(seed, stream: 2));

    public override void FillSecret(Span<byte> bytes) => _secrets.NextBytes(bytes);

    /// <summary>Spreads a seed into unrelated ones (the finisher of MurmurHash3, public domain by Austin Appleby).</summary>
    public static int SeedOf(int seed, int stream)
    {
        uint mixed = unchecked((uint)seed + (0x9E37_79B9u * (uint)(stream + 1)));
        mixed = unchecked((mixed ^ (mixed >> 16)) * 0x85EB_CA6Bu);
        mixed = unchecked((mixed ^ (mixed >> 13)) * 0xC2B2_AE35u);
        return unchecked((int)(mixed ^ (mixed >> 16)));
    }
}
