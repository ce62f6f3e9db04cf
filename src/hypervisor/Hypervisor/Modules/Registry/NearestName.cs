namespace Sirsi.Hypervisor.Modules.Registry;

/// <summary>Says what somebody who slipped may have meant.</summary>
internal static class NearestName
{
    private const int DistanceMax = 3;

    /// <summary>A sentence with the nearest of the known names, or with all of them when none is near.</summary>
    public static string Hint(string name, IReadOnlyCollection<string> known)
    {
        if (known.Count == 0) return "none is known here";
        string nearest = known.MinBy(candidate => Distance(name, candidate))!;
        return Distance(name, nearest) <= Math.Min(DistanceMax, nearest.Length / 2 + 1)
            ? $"did you mean '{nearest}'?"
            : $"known are {string.Join(", ", known)}";
    }

    /// <summary>Levenshtein's distance, letters of either case alike; names are short, for the caller bounds the text they come from.</summary>
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
