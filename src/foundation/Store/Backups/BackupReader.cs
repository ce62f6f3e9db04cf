using System.Collections.Immutable;
using System.Text;

namespace Sirsi.Store;

/// <summary>Reads a backup from its begin to its end: <see cref="NextTable"/>, then <see cref="NextRow"/> until null, and so on.</summary>
internal sealed class BackupReader : IDisposable
{
    private const int ColumnsMax = 2_000;

    private readonly BinaryReader _reader;
    private byte _mark;

    public BackupReader(Stream backup)
    {
        _reader = new BinaryReader(backup, Encoding.UTF8, leaveOpen: true);
        if (Encoding.ASCII.GetString(_reader.ReadBytes(BackupFormat.FirstLine.Length)) != BackupFormat.FirstLine)
            throw BackupFormat.Invalid($"it does not begin with '{BackupFormat.FirstLine.TrimEnd()}'");
        (Dialect, TakenAt, Migrations) = DatabaseBackup.ParseHeader(Guarded(BackupFormat.ReadText));
        _mark = Guarded(static reader => reader.ReadByte());
    }

    public string Dialect { get; }

    public DateTimeOffset TakenAt { get; }

    public ImmutableArray<AppliedMigration> Migrations { get; }

    public string Table { get; private set; } = "";

    public ImmutableArray<string> Columns { get; private set; } = [];

    /// <summary>Goes to the next table; false at the end.</summary>
    public bool NextTable()
    {
        if (_mark == BackupFormat.EndMark) return false;
        if (_mark != BackupFormat.TableMark) throw BackupFormat.Invalid($"mark {_mark} where a table or the end should be");
        Table = Guarded(BackupFormat.ReadText);
        int count = Guarded(static reader => reader.ReadInt32());
        if (count is < 1 or > ColumnsMax) throw BackupFormat.Invalid($"a table of {count} columns");
        var columns = ImmutableArray.CreateBuilder<string>(count);
        for (int column = 0; column < count; column++) columns.Add(Guarded(BackupFormat.ReadText));
        Columns = columns.MoveToImmutable();
        _mark = Guarded(static reader => reader.ReadByte());
        return true;
    }

    /// <summary>The next row of the table; null after its last.</summary>
    public object?[]? NextRow()
    {
        if (_mark != BackupFormat.RowMark) return null;
        var values = new object?[Columns.Length];
        for (int column = 0; column < values.Length; column++) values[column] = Guarded(BackupFormat.Read);
        _mark = Guarded(static reader => reader.ReadByte());
        return values;
    }

    public void Dispose() => _reader.Dispose();

    private T Guarded<T>(Func<BinaryReader, T> read)
    {
        try
        {
            return read(_reader);
        }
        catch (EndOfStreamException)
        {
            throw BackupFormat.Invalid("cut off");
        }
    }
}
