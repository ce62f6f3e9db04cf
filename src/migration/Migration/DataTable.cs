using System.Diagnostics;

namespace Sirsi.Migration;

/// <summary>Reads the tab-separated tables of the folder <c>Data</c>, which are part of the library.</summary>
internal static class DataTable
{
    /// <summary>
    /// The rows of a table: lines that are empty or begin with <c>#</c> are left out, and a cell of one hyphen is empty. A table that is
    /// absent or has a row of another width is a mistake of ours and not of the user.
    /// </summary>
    public static IEnumerable<string[]> Read(string name, int columns)
    {
        using Stream stream = Open(name);
        using var reader = new StreamReader(stream);
        for (int line = 1; reader.ReadLine() is { } text; line++)
        {
            if (text.Length == 0 || text[0] == '#') continue;
            string[] cells = text.Split('\t');
            if (cells.Length != columns) throw new UnreachableException($"{name}:{line} has {cells.Length} cells, not {columns}.");
            for (int cell = 0; cell < cells.Length; cell++)
                if (cells[cell] == "-") cells[cell] = "";
            yield return cells;
        }
    }

    /// <summary>The whole text of a file of that folder.</summary>
    public static string Text(string name)
    {
        using Stream stream = Open(name);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>The items of a cell that lists several, separated by <c> // </c>.</summary>
    public static string[] Items(string cell) => cell.Length == 0 ? [] : cell.Split(" // ");

    private static Stream Open(string name) =>
        typeof(DataTable).Assembly.GetManifestResourceStream(name)
        ?? throw new UnreachableException($"{name} is not part of the library.");
}
