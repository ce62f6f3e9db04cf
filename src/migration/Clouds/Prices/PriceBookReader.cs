using System.Buffers.Binary;
using System.Text;

namespace Sirsi.Clouds.Prices;

/// <summary>Reads the values of a price book in order; anything that does not fit is one documented failure.</summary>
internal ref struct PriceBookReader(ReadOnlySpan<byte> book)
{
    private readonly ReadOnlySpan<byte> _book = book;

    internal int Position { get; private set; }

    internal byte Byte() => Take(1)[0];

    internal ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    internal double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    internal double? KnownDouble() => Double() is var value && value >= 0 ? value : null;

    internal string Text() => Encoding.UTF8.GetString(Take(UInt16()));

    internal ReadOnlySpan<byte> Take(int count)
    {
        if (count > _book.Length - Position) throw Damaged("it is cut short");
        ReadOnlySpan<byte> taken = _book.Slice(Position, count);
        Position += count;
        return taken;
    }

    internal static CloudsException Damaged(string how) => new(CloudsErrors.PriceBookUnreadable, $"The price book cannot be read: {how}.");
}
