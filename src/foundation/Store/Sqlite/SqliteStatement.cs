using System.Globalization;
using SQLitePCL;

namespace Sirsi.Store.Sqlite;

/// <summary>A prepared statement and which value goes where: SQLite numbers <c>$3</c> by where it first stands, not by its digit.</summary>
internal sealed class SqliteStatement
{
    public SqliteStatement(sqlite3_stmt handle)
    {
        Handle = handle;
        ValueOf = new int[raw.sqlite3_bind_parameter_count(handle)];
        for (int place = 0; place < ValueOf.Length; place++)
        {
            string name = raw.sqlite3_bind_parameter_name(handle, place + 1).utf8_to_string() ?? "";
            if (!name.StartsWith('$') || !int.TryParse(name.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < 1)
                throw new ArgumentException($"Placeholders are $1, $2 …, not '{name}'.");
            ValueOf[place] = number - 1;
            Values = Math.Max(Values, number);
        }
    }

    public sqlite3_stmt Handle { get; }

    /// <summary>For each of SQLite's parameters the index of its value.</summary>
    public int[] ValueOf { get; }

    /// <summary>How many values there have to be.</summary>
    public int Values { get; }
}
