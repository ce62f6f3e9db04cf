using System.Collections.Immutable;

namespace Sirsi.Wasm.Text;

/// <summary>Collects problems of one text, and turns places into lines and columns.</summary>
internal sealed class WatProblems(string text, int most)
{
    private readonly List<(int At, string Message)> _found = [];
    private readonly HashSet<int> _places = [];

    internal bool Any => _found.Count > 0;

    internal bool IsFull => _found.Count >= most;

    /// <summary>Notes a problem; of several at one place only the first, since those behind it follow from it.</summary>
    internal void Add(int at, string message)
    {
        if (!IsFull && _places.Add(at)) _found.Add((at, message));
    }

    internal ImmutableArray<WatProblem> Located()
    {
        _found.Sort(static (left, right) => left.At.CompareTo(right.At));
        ImmutableArray<WatProblem>.Builder located = ImmutableArray.CreateBuilder<WatProblem>(_found.Count);
        int line = 1, begin = 0, position = 0;
        foreach ((int at, string message) in _found)
        {
            for (; position < at; position++)
            {
                if (text[position] != '\n') continue;
                line++;
                begin = position + 1;
            }

            located.Add(new(line, at - begin + 1, message));
        }

        return located.MoveToImmutable();
    }
}

/// <summary>Ends the reading of a module field; caught where the next one begins.</summary>
internal sealed class WatSyntaxException(int at, string message) : Exception(message)
{
    internal int At { get; } = at;
}
