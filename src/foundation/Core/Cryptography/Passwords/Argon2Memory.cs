using System.Runtime.InteropServices;
using Sirsi.Core.Errors;

namespace Sirsi.Core.Cryptography.Passwords;

/// <summary>The memory of one computation: lanes of blocks, filled in four slices a pass (RFC 9106, 3.2 to 3.4).</summary>
internal sealed unsafe class Argon2Memory : IDisposable
{
    private const int Slices = 4;
    private const int AddressesPerBlock = 128;

    private readonly Argon2Options _options;
    private readonly ulong* _blocks;
    private readonly int _segment;

    public Argon2Memory(Argon2Options options)
    {
        _options = options;
        _segment = options.MemoryKiB / (Slices * options.Lanes);
        Columns = _segment * Slices;
        try
        {
            _blocks = (ulong*)NativeMemory.AlignedAlloc(Size, 64);
        }
        catch (OutOfMemoryException cause)
        {
            throw new CoreException(CoreErrors.PasswordMemoryMissing, $"Argon2 cannot have {options.MemoryKiB} KiB of memory.", cause);
        }
    }

    public int Lanes => _options.Lanes;

    /// <summary>Blocks in a lane.</summary>
    public int Columns { get; }

    private nuint Size => (nuint)Lanes * (nuint)Columns * Argon2Block.Words * sizeof(ulong);

    public Span<ulong> Block(int lane, int column) => new(At(lane, column), Argon2Block.Words);

    public void Dispose()
    {
        NativeMemory.Clear(_blocks, Size);
        NativeMemory.AlignedFree(_blocks);
    }

    /// <summary>Fills everything after the first two blocks of each lane, as often as there are iterations.</summary>
    public void Run()
    {
        ulong* work = stackalloc ulong[Argon2Block.Words * 4];
        for (int pass = 0; pass < _options.Iterations; pass++)
            for (int slice = 0; slice < Slices; slice++)
                for (int lane = 0; lane < Lanes; lane++)
                    FillSegment(pass, slice, lane, work);
        new Span<ulong>(work, Argon2Block.Words * 4).Clear();
    }

    private ulong* At(int lane, int column) => _blocks + ((((nint)lane * Columns) + column) * Argon2Block.Words);

    private void FillSegment(int pass, int slice, int lane, ulong* work)
    {
        bool counted = _options.Variant is Argon2Variant.Argon2i
            || (_options.Variant is Argon2Variant.Argon2id && pass == 0 && slice < Slices / 2);
        ulong* addresses = work + Argon2Block.Words, input = addresses + Argon2Block.Words, zero = input + Argon2Block.Words;
        if (counted)
        {
            new Span<ulong>(input, 2 * Argon2Block.Words).Clear();
            (input[0], input[1], input[2]) = ((ulong)pass, (ulong)lane, (ulong)slice);
            (input[3], input[4], input[5]) = ((ulong)Lanes * (ulong)Columns, (ulong)_options.Iterations, (ulong)_options.Variant);
        }
        for (int index = 0; index < _segment; index++)
        {
            if (counted && index % AddressesPerBlock == 0)
            {
                input[6]++;
                Argon2Block.Fill(zero, input, addresses, work, addToNext: false);
                Argon2Block.Fill(zero, addresses, addresses, work, addToNext: false);
            }
            if (pass == 0 && slice == 0 && index < 2) continue;
            int column = (slice * _segment) + index;
            ulong* previous = At(lane, column == 0 ? Columns - 1 : column - 1);
            ulong pick = counted ? addresses[index % AddressesPerBlock] : previous[0];
            int otherLane = pass == 0 && slice == 0 ? lane : (int)((pick >> 32) % (uint)Lanes);
            int other = Reference(pass, slice, index, (uint)pick, otherLane == lane);
            Argon2Block.Fill(previous, At(otherLane, other), At(lane, column), work, addToNext: pass > 0);
        }
    }

    /// <summary>The column to mix in: recent blocks are likelier, by the square of a 32-bit number (RFC 9106, 3.4.2).</summary>
    private int Reference(int pass, int slice, int index, uint pick, bool sameLane)
    {
        int finished = pass == 0 ? slice * _segment : Columns - _segment;
        // The block before this one is never mixed in with itself; nor is, in another lane, the one not yet surely written.
        int area = sameLane ? finished + index - 1 : finished - (index == 0 ? 1 : 0);
        ulong x = (ulong)pick * pick >> 32;
        ulong y = (ulong)area * x >> 32;
        int start = pass == 0 ? 0 : (slice + 1) % Slices * _segment;
        return (int)(((ulong)start + (ulong)area - 1 - y) % (ulong)Columns);
    }
}
