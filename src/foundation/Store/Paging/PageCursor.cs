using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Sirsi.Store;

/// <summary>
/// Cursors: the last key of a page and a mark of the listing it belongs to, in base 64 for URLs. The mark finds mistakes, not forgers: a cursor
/// says where to go on and gives no rights.
/// </summary>
public static class PageCursor
{
    private const int MarkBytes = 6;
    private const int CursorCharsMax = 4_096;

    /// <summary>The cursor that goes on after <paramref name="key"/> in <paramref name="listing"/>.</summary>
    public static string Encode(string listing, ReadOnlySpan<byte> key)
    {
        ArgumentNullException.ThrowIfNull(listing);
        return Base64Url.EncodeToString([.. Mark(listing), .. key]);
    }

    /// <summary>The key of a cursor; false for a text that <see cref="Encode"/> did not make for this listing.</summary>
    public static bool TryDecode(string cursor, string listing, [NotNullWhen(true)] out byte[]? key)
    {
        ArgumentNullException.ThrowIfNull(cursor);
        ArgumentNullException.ThrowIfNull(listing);
        key = null;
        if (cursor.Length is 0 or > CursorCharsMax || !Base64Url.IsValid(cursor)) return false;
        byte[] bytes = Base64Url.DecodeFromChars(cursor);
        if (bytes.Length < MarkBytes || !bytes.AsSpan(0, MarkBytes).SequenceEqual(Mark(listing))) return false;
        key = bytes[MarkBytes..];
        return true;
    }

    internal static byte[] Bytes(long number)
    {
        byte[] bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }

    internal static long Number(byte[] bytes) => bytes.Length == sizeof(long) ? BinaryPrimitives.ReadInt64BigEndian(bytes)
        : throw new ArgumentException("The cursor is not one that this listing gave.", nameof(bytes));

    private static ReadOnlySpan<byte> Mark(string listing) => SHA256.HashData(Encoding.UTF8.GetBytes(listing)).AsSpan(0, MarkBytes);
}
