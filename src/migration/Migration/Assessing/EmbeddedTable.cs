namespace Sirsi.Migration.Assessing;

/// <summary>Reads the tab-separated tables inside this library. Empty lines and lines that begin with <c>#</c> are left out.</summary>
internal static class EmbeddedTable
{
    /// <summary>The rows of a table.</summary>
    /// <param name="name">Its name in the library.</param>
    /// <param name="columns">How many columns every row must have.</param>
    /// <exception cref="MigrationException">The table is missing or a row has another number of columns.</exception>
    public static IEnumerable<string[]> Rows(string name, int columns)
    {
        int line = 0;
        foreach (string text in Text(name).Split('\n'))
        {
            line++;
            if (text.Length == 0 || text[0] == '#') continue;
            string[] cells = text.TrimEnd('\r').Split('\t');
            if (cells.Length != columns)
                throw new MigrationException(
                    MigrationErrors.AssessmentTable, $"{name}:{line}: {cells.Length} columns instead of {columns}.");
            yield return cells;
        }
    }

    /// <summary>The whole text of an embedded file.</summary>
    /// <exception cref="MigrationException">There is none of that name.</exception>
    public static string Text(string name)
    {
        using Stream stream = typeof(EmbeddedTable).Assembly.GetManifestResourceStream(name)
            ?? throw new MigrationException(MigrationErrors.AssessmentTable, $"{name}: the table is missing.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
