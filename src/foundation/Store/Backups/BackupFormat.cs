using System.Text;

namespace Sirsi.Store;

/// <summary>
/// The file format of backups, the same for every kind of database: a first line, a JSON header, then tables with their rows, a count, and
/// the SHA-256 of all that. Numbers are little-endian; texts and bytes have their length before them.
/// </summary>
internal static class BackupFormat
{
    public const string FirstLine = "sirsi.store-backup/1\n";
    public const string Schema = "sirsi.store-backup/1";
    public const int DigestBytes = 32;
    public const int LengthMax = 64 << 20;

    public const byte EndMark = 0;
    public const byte TableMark = 1;
    public const byte RowMark = 2;

    private const byte NullTag = 0;
    private const byte IntegerTag = 1;
    private const byte TextTag = 2;
    private const byte BytesTag = 3;
    private const byte UuidTag = 4;
    private const byte RealTag = 5;
    private const int UuidBytes = 16;

    public static void Write(BinaryWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.Write(NullTag);
                break;
            case long number:
                writer.Write(IntegerTag);
                writer.Write(number);
                break;
            case string text:
                writer.Write(TextTag);
                WriteBytes(writer, Encoding.UTF8.GetBytes(text));
                break;
            case byte[] bytes:
                writer.Write(BytesTag);
                WriteBytes(writer, bytes);
                break;
            case Guid uuid:
                writer.Write(UuidTag);
                writer.Write(uuid.ToByteArray(bigEndian: true));
                break;
            case double number:
                writer.Write(RealTag);
                writer.Write(number);
                break;
            default:
                throw new StoreException(StoreErrors.StatementFailed, $"A column holds a {value.GetType().Name}, which backups have no form for.");
        }
    }

    public static object? Read(BinaryReader reader) => reader.ReadByte() switch
    {
        NullTag => null,
        IntegerTag => reader.ReadInt64(),
        TextTag => ReadText(reader),
        BytesTag => ReadBytes(reader),
        UuidTag => new Guid(Exactly(reader, UuidBytes), bigEndian: true),
        RealTag => reader.ReadDouble(),
        var tag => throw Invalid($"value of unknown kind {tag}"),
    };

    public static void WriteText(BinaryWriter writer, string text) => WriteBytes(writer, Encoding.UTF8.GetBytes(text));

    public static string ReadText(BinaryReader reader) => Encoding.UTF8.GetString(ReadBytes(reader));

    public static StoreException Invalid(string why) => new(StoreErrors.BackupInvalid, $"The backup is damaged or none: {why}.");

    private static void WriteBytes(BinaryWriter writer, byte[] bytes)
    {
        writer.Write(bytes.Length);
        writer.Write(bytes);
    }

    private static byte[] ReadBytes(BinaryReader reader)
    {
        int length = reader.ReadInt32();
        if (length is < 0 or > LengthMax) throw Invalid($"a length of {length}");
        return Exactly(reader, length);
    }

    private static byte[] Exactly(BinaryReader reader, int length)
    {
        byte[] bytes = reader.ReadBytes(length);
        return bytes.Length == length ? bytes : throw Invalid("cut off");
    }
}
