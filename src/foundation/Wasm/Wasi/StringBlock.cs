using System.Text;

namespace Sirsi.Wasm.Wasi;

/// <summary>Texts as C programs want them: one block of bytes, each text ended by a zero, and where each begins.</summary>
internal sealed class StringBlock
{
    private StringBlock(byte[] bytes, int[] starts)
    {
        Bytes = bytes;
        Starts = starts;
    }

    internal byte[] Bytes { get; }

    internal int[] Starts { get; }

    internal static StringBlock Of(IEnumerable<string> texts)
    {
        var bytes = new List<byte>();
        var starts = new List<int>();
        foreach (string text in texts)
        {
            starts.Add(bytes.Count);
            bytes.AddRange(Encoding.UTF8.GetBytes(text));
            bytes.Add(0);
        }

        return new([.. bytes], [.. starts]);
    }

    /// <summary>Puts the pointers at one address and the block at another.</summary>
    internal Errno Put(in GuestFrame frame, uint pointers, uint block)
    {
        frame.ChargeBytes(Bytes.Length + (4L * Starts.Length));
        if (!frame.Has(pointers, 4L * Starts.Length)) return Errno.Fault;
        Errno error = frame.Put(block, Bytes);
        for (int i = 0; i < Starts.Length && error == Errno.Success; i++)
            error = frame.Put(pointers + (4 * (uint)i), block + (uint)Starts[i]);
        return error;
    }

    /// <summary>Puts how many there are, and how long the block is.</summary>
    internal Errno PutSizes(in GuestFrame frame, uint count, uint length)
    {
        Errno error = frame.Put(count, (uint)Starts.Length);
        return error == Errno.Success ? frame.Put(length, (uint)Bytes.Length) : error;
    }
}
