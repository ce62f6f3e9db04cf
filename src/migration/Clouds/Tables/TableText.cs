using System.Reflection;
using Sirsi.Core.Errors;

namespace Sirsi.Clouds.Tables;

/// <summary>
/// The text of a table: one row a line, cells divided by tabs, lines that are empty or start with <c>#</c> left out. Cells missing at
/// the end of a row are empty.
/// </summary>
internal sealed class TableText(string name, string text)
{
    public string Name => name;

    /// <summary>A table that comes with the program.</summary>
    public static TableText BuiltIn(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new CloudsException(CloudsErrors.TableBroken, $"The table {name} is missing from the program.");
        using var reader = new StreamReader(stream);
        return new TableText(name, reader.ReadToEnd());
    }

    /// <summary>The rows from top to bottom.</summary>
    public RowEnumerator GetEnumerator() => new(name, text);

    /// <summary>Walks the rows without copying them.</summary>
    public ref struct RowEnumerator(string name, ReadOnlySpan<char> text)
    {
        private ReadOnlySpan<char> _rest = text;
        private int _line;

        public TableRow Current { get; private set; }

        public bool MoveNext()
        {
            while (!_rest.IsEmpty)
            {
                int end = _rest.IndexOf('\n');
                ReadOnlySpan<char> line = (end < 0 ? _rest : _rest[..end]).TrimEnd('\r');
                _rest = end < 0 ? [] : _rest[(end + 1)..];
                _line++;
                if (line.IsEmpty || line[0] == '#') continue;
                Current = new TableRow(name, _line, line);
                return true;
            }

            return false;
        }
    }
}

/// <summary>One row of a table.</summary>
internal readonly ref struct TableRow(string table, int line, ReadOnlySpan<char> text)
{
    private readonly ReadOnlySpan<char> _text = text;

    public int Line => line;

    /// <summary>The cell of a 0-based column, empty where the row is shorter.</summary>
    public ReadOnlySpan<char> this[int column]
    {
        get
        {
            ReadOnlySpan<char> rest = _text;
            for (; column > 0; column--)
            {
                int tab = rest.IndexOf('\t');
                if (tab < 0) return [];
                rest = rest[(tab + 1)..];
            }

            return rest.IndexOf('\t') is var end and >= 0 ? rest[..end] : rest;
        }
    }

    /// <summary>Where the row starts.</summary>
    public SourcePosition Position => new(table, line, 1);

    /// <summary>The failure to report when this row cannot be used.</summary>
    public CloudsException Broken(string problem) => new(CloudsErrors.TableBroken, $"{Position}: {problem}");
}
