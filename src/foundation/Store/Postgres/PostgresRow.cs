using System.Data.Common;

namespace Sirsi.Store.Postgres;

internal sealed class PostgresRow(DbDataReader reader) : DatabaseRow
{
    public override int Count => reader.FieldCount;

    public override bool IsNull(int column) => reader.IsDBNull(column);

    public override long Integer(int column) => reader.GetInt64(column);

    public override string Text(int column) => reader.GetString(column);

    public override byte[] Bytes(int column) => reader.GetFieldValue<byte[]>(column);

    public override Guid Uuid(int column) => reader.GetGuid(column);

    internal override string NameOf(int column) => reader.GetName(column);

    internal override object? Value(int column) => reader.GetValue(column) switch
    {
        DBNull => null,
        int number => (long)number,
        short number => (long)number,
        bool flag => flag ? 1L : 0L,
        float number => (double)number,
        var value => value,
    };
}
