namespace Sirsi.Wasm.Tests.Fuzzing;

/// <summary>Makes the numbers a failing case was generated from fewer and smaller, as long as the case still fails. Greedy.</summary>
internal static class Shrinker
{
    internal static int[] Shrink(int[] numbers, Func<int[], bool> fails, int attempts)
    {
        int left = attempts;
        bool changed = true;
        while (changed && left > 0)
        {
            changed = false;
            for (int size = Math.Max(1, numbers.Length / 2); size > 0; size /= 2)
            {
                for (int at = numbers.Length - size; at >= 0 && left > 0; at -= size)
                {
                    if (at + size > numbers.Length) continue;
                    foreach (int[] candidate in Candidates(numbers, at, size))
                    {
                        left--;
                        if (!fails(candidate)) continue;
                        numbers = candidate;
                        changed = true;
                        break;
                    }
                }
            }
        }

        return numbers;
    }

    private static IEnumerable<int[]> Candidates(int[] numbers, int at, int size)
    {
        yield return [.. numbers[..at], .. numbers[(at + size)..]];
        if (Array.TrueForAll(numbers[at..(at + size)], static number => number == 0)) yield break;
        yield return [.. numbers[..at], .. new int[size], .. numbers[(at + size)..]];
    }
}
