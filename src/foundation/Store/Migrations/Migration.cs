using System.Security.Cryptography;
using System.Text;

namespace Sirsi.Store;

/// <summary>
/// One step of a schema, forward only. Once released it never changes: its checksum is kept in every database it was applied to.
/// Written so that it may be begun twice (<c>CREATE TABLE IF NOT EXISTS</c>), because CockroachDB may commit schema changes one by one.
/// </summary>
public sealed class Migration
{
    private readonly Func<SqlDialect, string> _sql;

    /// <summary>A migration.</summary>
    /// <param name="number">1 for the first of its series, then one more each.</param>
    /// <param name="name">What it does, in a few words; shown to operators.</param>
    /// <param name="sql">Its statements, separated by semicolons, in a dialect. Always the same text for the same dialect.</param>
    public Migration(int number, string name, Func<SqlDialect, string> sql)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(number);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(sql);
        Number = number;
        Name = name;
        _sql = sql;
    }

    /// <summary>Its place in the series.</summary>
    public int Number { get; }

    /// <summary>What it does.</summary>
    public string Name { get; }

    internal string Sql(SqlDialect dialect) => _sql(dialect).ReplaceLineEndings("\n");

    internal string Checksum(SqlDialect dialect) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql(dialect))));
}
