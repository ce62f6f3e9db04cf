using System.Collections.Immutable;
using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm;

/// <summary>Cuts a module into sections, from memory or as they arrive, and hands them to the decoder.</summary>
internal static class ModuleLoader
{
    private const int HeaderBytes = 8;
    private const int ChunkBytes = 1 << 16;

    internal static WasmModule Load(WasmEngine engine, ReadOnlyMemory<byte> bytes) => new(engine, Decode(engine, bytes, problems: null));

    internal static ImmutableArray<WasmProblem> Check(WasmEngine engine, ReadOnlyMemory<byte> bytes)
    {
        List<WasmProblem> problems = [];
        try
        {
            _ = Decode(engine, bytes, problems);
        }
        catch (WasmException last)
        {
            problems.Add(new WasmProblem(last.Kind, last.Message, last.Offset));
        }

        return [.. problems];
    }

    private static ModuleContent Decode(WasmEngine engine, ReadOnlyMemory<byte> bytes, List<WasmProblem>? problems)
    {
        if (bytes.Length > engine.Options.ModuleBytesMax) throw ModuleDecoder.Limit($"a module of {bytes.Length} bytes", 0);
        ReadOnlySpan<byte> module = bytes.Span;
        ModuleDecoder.CheckHeader(module);
        CheckFraming(module);
        var decoder = new ModuleDecoder(engine.Options, problems);
        int position = HeaderBytes;
        while (position < module.Length)
        {
            byte id = module[position++];
            uint size = Size(ref position, module);

            // Copied, because the decoder keeps code and data and the caller may change its bytes.
            decoder.Section(id, module.Slice(position, (int)size).ToArray(), position);
            position += (int)size;
        }

        return decoder.Finish(position);
    }

    internal static WasmModule Load(WasmEngine engine, Stream stream)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        ModuleDecoder.CheckHeader(header[..stream.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false)]);
        var decoder = new ModuleDecoder(engine.Options);
        long position = HeaderBytes;
        Span<byte> one = stackalloc byte[1];
        Span<byte> length = stackalloc byte[5];
        while (stream.Read(one) == 1)
        {
            byte id = one[0];
            int digits = 0;
            do
            {
                if (stream.Read(one) != 1) throw ByteReader.Malformed("unexpected end", position + 1 + digits);
                length[digits++] = one[0];
            }
            while ((one[0] & 0x80) != 0 && digits < length.Length);
            int read = 0;
            uint size = Size(ref read, length[..digits], position + 1);
            position += 1 + digits;
            if (position + size > engine.Options.ModuleBytesMax)
                throw ModuleDecoder.Limit($"a module of {position + size} bytes", position);
            decoder.Section(id, Content(stream, (int)size, position), position);
            position += size;
        }

        return new WasmModule(engine, decoder.Finish(position));
    }

    /// <summary>Sections out of order, or cut off, are found before any of them is decoded.</summary>
    private static void CheckFraming(ReadOnlySpan<byte> module)
    {
        int position = HeaderBytes;
        int rank = 0;
        while (position < module.Length)
        {
            long at = position;
            byte id = module[position++];
            uint size = Size(ref position, module);
            if (size > (uint)(module.Length - position)) throw ByteReader.Malformed("length out of bounds: unexpected end", at);
            if (id != 0) ModuleDecoder.CheckOrder(id, ref rank, at);
            position += (int)size;
        }
    }

    /// <summary>Reads in growing chunks, so that memory is spent on bytes that are really there.</summary>
    private static byte[] Content(Stream stream, int size, long position)
    {
        byte[] content = new byte[Math.Min(size, ChunkBytes)];
        int have = 0;
        while (true)
        {
            int read = stream.ReadAtLeast(content.AsSpan(have), content.Length - have, throwOnEndOfStream: false);
            have += read;
            if (have < content.Length) throw ByteReader.Malformed("unexpected end", position + have);
            if (have == size) return content;
            Array.Resize(ref content, (int)Math.Min(size, content.Length * 2L));
        }
    }

    private static uint Size(ref int position, ReadOnlySpan<byte> bytes, long origin = 0)
    {
        ulong size = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            if (position >= bytes.Length) throw ByteReader.Malformed("unexpected end", origin + position);
            byte part = bytes[position++];
            size |= (ulong)(part & 0x7F) << shift;
            if ((part & 0x80) == 0)
                return size <= uint.MaxValue ? (uint)size : throw ByteReader.Malformed("integer too large", origin + position);
        }

        throw ByteReader.Malformed("integer representation too long", origin + position);
    }
}
