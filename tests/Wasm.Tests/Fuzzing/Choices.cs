namespace Sirsi.Wasm.Tests.Fuzzing;

/// <summary>
/// The decisions a generator makes, one number each. They come from a seed, or are given: what was generated from given numbers can be made smaller by
/// making the numbers fewer and smaller, for a number that is missing is zero and zero is the simplest choice.
/// </summary>
internal sealed class Choices
{
    private readonly Random? _random;
    private readonly int[] _given = [];
    private readonly List<int> _made = [];

    internal Choices(int seed) => _random = new Random(seed);

    internal Choices(int[] given) => _given = given;

    /// <summary>The numbers so far.</summary>
    internal int[] Made => [.. _made];

    /// <summary>0 to below <paramref name="bound"/>; 0 is the simplest.</summary>
    internal int Next(int bound)
    {
        int at = _made.Count;
        int number = _random is not null ? _random.Next() : at < _given.Length ? _given[at] : 0;
        _made.Add(number);
        return number % bound;
    }

    /// <summary>True in <paramref name="percent"/> of a hundred.</summary>
    internal bool Chance(int percent) => Next(100) >= 100 - percent;

    internal T Pick<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

    /// <summary>An index, each as often as its weight says.</summary>
    internal int Weighted(int[] weights)
    {
        int left = Next(weights.Sum());
        int index = 0;
        while (left >= weights[index]) left -= weights[index++];
        return index;
    }

    internal ulong Bits() => (uint)Next(int.MaxValue) | ((ulong)(uint)Next(int.MaxValue) << 31) | ((ulong)(uint)Next(4) << 62);
}
