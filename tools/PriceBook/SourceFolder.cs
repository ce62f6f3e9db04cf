using System.Globalization;
using System.IO.Compression;
using System.Text;
using Sirsi.Clouds;

namespace Sirsi.PriceBook;

/// <summary>The folder the price sources lie in; each file is plain or compressed with gzip.</summary>
internal sealed class SourceFolder(string path)
{
    internal Stream Open(string name)
    {
        string file = Path.Combine(path, name);
        try
        {
            Stream stream = File.OpenRead(file);
            return name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(stream, CompressionMode.Decompress) : stream;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(CloudsErrors.PriceSourceUnreadable, $"{file} cannot be opened: {failure.Message}", failure);
        }
    }

    /// <summary>The rows of a table with a header row, each as a look-up from column name to value.</summary>
    internal IEnumerable<Row> Rows(string name, char separator = ',')
    {
        using var reader = new StreamReader(Open(name), Encoding.UTF8);
        string[] header = Split(reader.ReadLine() ?? "", separator);
        var columns = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < header.Length; i++) columns[header[i]] = i;
        int line = 1;
        while (reader.ReadLine() is { } text)
        {
            line++;
            if (text.Length > 0) yield return new Row(name, line, columns, Split(text, separator));
        }
    }

    /// <summary>The rows of one of this tool's own tables, which have no header and allow comment lines.</summary>
    internal static IEnumerable<string[]> OwnTable(string name)
    {
        using Stream stream = typeof(SourceFolder).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (reader.ReadLine() is { } text)
            if (text.Length > 0 && text[0] != '#')
                yield return text.Split('\t');
    }

    // RFC 4180, without line breaks inside a value: none of the sources has them.
    private static string[] Split(string line, char separator)
    {
        if (!line.Contains('"', StringComparison.Ordinal)) return line.Split(separator);
        var values = new List<string>();
        var value = new StringBuilder();
        bool quoted = false;
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (c == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"') value.Append(line[++i]);
            else if (c == '"') quoted = !quoted;
            else if (c == separator && !quoted)
            {
                values.Add(value.ToString());
                value.Clear();
            }
            else value.Append(c);
        }
        values.Add(value.ToString());
        return [.. values];
    }
}

/// <summary>One row of a source table.</summary>
internal readonly record struct Row(string File, int Line, Dictionary<string, int> Columns, string[] Values)
{
    internal string this[string column] =>
        Columns.TryGetValue(column, out int index) && index < Values.Length ? Values[index] : throw Broken($"has no column {column}");

    internal double Number(string column) =>
        double.TryParse(this[column], NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : throw Broken($"has no number in {column}");

    private CloudsException Broken(string how) => new(CloudsErrors.PriceSourceUnreadable, $"{File}:{Line} {how}.");
}
