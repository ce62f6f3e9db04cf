namespace Sirsi.Store;

/// <summary>The row a query stands at. Valid only inside the delegate it is given to; columns are counted from 0.</summary>
public abstract class DatabaseRow
{
    private protected DatabaseRow()
    {
    }

    /// <summary>Number of columns.</summary>
    public abstract int Count { get; }

    /// <summary>Whether the column is NULL.</summary>
    public abstract bool IsNull(int column);

    /// <summary>A whole number.</summary>
    public abstract long Integer(int column);

    /// <summary>A text.</summary>
    public abstract string Text(int column);

    /// <summary>A copy of the bytes.</summary>
    public abstract byte[] Bytes(int column);

    /// <summary>A UUID.</summary>
    public abstract Guid Uuid(int column);

    /// <summary>An instant, written as <see cref="DateTimeOffset"/>; to the microsecond, in UTC.</summary>
    public DateTimeOffset Instant(int column) => Instants.FromMicroseconds(Integer(column));

    internal abstract string NameOf(int column);

    /// <summary>The value as it is: null, long, double, string, byte[] or Guid.</summary>
    internal abstract object? Value(int column);
}
