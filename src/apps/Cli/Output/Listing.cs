using Spectre.Console;

namespace Sirsi.Cli.Output;

/// <summary>An aligned table with a header, two spaces between columns, and no lines drawn.</summary>
internal sealed class Listing
{
    private readonly Table _table = new Table().Border(TableBorder.None).Collapse();

    /// <summary>A table of the given columns; a title that begins with <c>&gt;</c> is aligned to the right; without any title there is no header.</summary>
    public Listing(params ReadOnlySpan<string> columns)
    {
        if (columns.IndexOfAnyExcept("") < 0) _table.HideHeaders();
        for (int index = 0; index < columns.Length; index++)
        {
            bool right = columns[index].StartsWith('>');
            var column = new TableColumn($"[bold]{Markup.Escape(columns[index].TrimStart('>'))}[/]")
            {
                Alignment = right ? Justify.Right : Justify.Left,
                NoWrap = index < columns.Length - 1,
                Padding = new Padding(0, 0, index == columns.Length - 1 ? 0 : 2, 0),
            };
            _table.AddColumn(column);
        }
    }

    /// <summary>Adds a row of plain texts.</summary>
    public Listing Row(params string[] cells)
    {
        _table.AddRow([.. cells.Select(Markup.Escape)]);
        return this;
    }

    /// <summary>Adds a row of texts with markup; the caller has escaped what is data.</summary>
    public Listing MarkedRow(params string[] cells)
    {
        _table.AddRow(cells);
        return this;
    }

    /// <summary>Writes the table.</summary>
    public void WriteTo(IAnsiConsole console) => console.Write(_table);
}
