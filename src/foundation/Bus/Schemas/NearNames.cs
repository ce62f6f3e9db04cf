namespace Sirsi.Bus.Schemas;

/// <summary>Finds what somebody may have meant who wrote a name that does not exist.</summary>
internal static class NearNames
{
    private const int NamesMax = 3;
    private const int DistanceMax = 2;

    /// <summary>At most three names: those that end with it or differ by little, the nearest first.</summary>
    public static string[] Of(string name, IEnumerable<string> names) =>
        [.. names.Select(known => (Name: known, Distance: Distance(name, known)))
            .Where(static candidate => candidate.Distance <= DistanceMax)
            .OrderBy(static candidate => candidate.Distance).ThenBy(static candidate => candidate.Name, StringComparer.Ordinal)
            .Take(NamesMax).Select(static candidate => candidate.Name)];

    private static int Distance(string name, string known)
    {
        if (name.Length > 0 && (EndsWithPart(known, name) || EndsWithPart(name, known))) return 0;
        if (Math.Abs(name.Length - known.Length) > DistanceMax) return int.MaxValue;
        // Levenshtein's distance, a row at a time.
        Span<int> row = stackalloc int[SchemaRegistry.NameLengthMax + 1];
        for (int j = 0; j <= known.Length; j++) row[j] = j;
        for (int i = 1; i <= name.Length; i++)
        {
            int diagonal = row[0], best = row[0] = i;
            for (int j = 1; j <= known.Length; j++)
            {
                int substituted = diagonal + (char.ToLowerInvariant(name[i - 1]) == char.ToLowerInvariant(known[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
                best = Math.Min(best, row[j]);
            }

            if (best > DistanceMax) return int.MaxValue;
        }

        return row[known.Length];
    }

    private static bool EndsWithPart(string whole, string part) =>
        whole.Length > part.Length && whole.EndsWith(part, StringComparison.OrdinalIgnoreCase) && whole[^(part.Length + 1)] == '.';
}
