namespace Sirsi.Migration.Tests;

/// <summary>The kinds of the estate model, read from its table as a file: the tests must notice a kind that is added there.</summary>
internal static class Vocabulary
{
    public static IReadOnlyList<(string Kind, string Moves)> Moves { get; } =
        [.. File.ReadLines(Path.Combine(Repository.Root, "src/migration/Clouds/Data/kinds.tsv"))
            .Where(static line => line.Length > 0 && line[0] != '#')
            .Select(static line => line.Split('\t'))
            .Select(static cells => (cells[0], cells[2]))];

    public static IEnumerable<string> Kinds => Moves.Select(static entry => entry.Kind);
}
