namespace Sirsi.Core.Errors;

/// <summary>Says what somebody who slipped may have meant.</summary>
public static class NearestName
{
    private const int DistanceMax = 3;
    private const int ListedMax = 16;

    /// <summary>The end of a sentence: the nearest of the known names, or when none is near all of them, at most sixteen.</summary>
    /// <param name="name">What was written; the caller bounds its length.</param>
    /// <param name="known">The names there are.</param>
    public static string Hint(string name, IReadOnlyCollection<string> known)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(known);
        if (known.Count == 0) return "none is known here";
        string nearest = known.MinBy(candidate => Distance(name, candidate))!;
        if (Distance(name, nearest) <= Math.Min(DistanceMax, nearest.Length / 2 + 1)) return $"did you mean '{nearest}'?";
        string others = known.Count > ListedMax ? $" and {known.Count - ListedMax} more" : "";
        return $"known are {string.Join(", ", known.Take(ListedMax))}{others}";
    }

    /// <summary>Levenshtein's distance, letters of either case alike.</summary>
    private static int Distance(string left, string right)
    {
        if (Math.Abs(left.Length - right.Length) > DistanceMax) return int.MaxValue;
        int[] row = [.. Enumerable.Range(0, right.Length + 1)];
        for (int i = 1; i <= left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int change = diagonal + (char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
