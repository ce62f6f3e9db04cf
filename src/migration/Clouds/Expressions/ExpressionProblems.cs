using System.Collections.Immutable;
using System.Text;
using Sirsi.Core.Errors;

namespace Sirsi.Clouds.Expressions;

/// <summary>Collects the problems of one text; at most one per place, so that one mistake is told once.</summary>
internal sealed class ExpressionProblems(string text, SourcePosition at)
{
    private const int ProblemsMax = 20;

    private readonly SortedDictionary<int, Diagnostic> _byOffset = [];

    private bool _closed;

    public bool Any => _byOffset.Count > 0;

    public void Add(ErrorCode code, int offset, string message)
    {
        if (_closed || _byOffset.Count >= ProblemsMax || _byOffset.ContainsKey(offset)) return;
        int column = at.Column == 0 ? 0 : at.Column + Encoding.UTF8.GetByteCount(text.AsSpan(0, Math.Min(offset, text.Length)));
        _byOffset.Add(offset, new Diagnostic(code, DiagnosticSeverity.Error, message, at with { Column = column }));
    }

    /// <summary>Takes no more problems: what follows would only be consequences of the last one.</summary>
    public void Close() => _closed = true;

    public ImmutableArray<Diagnostic> ToImmutable() => [.. _byOffset.Values];
}

/// <summary>The names the parser met.</summary>
internal sealed class ParserFindings
{
    public SortedSet<string> References { get; } = new(StringComparer.Ordinal);

    public SortedSet<string> ItemReferences { get; } = new(StringComparer.Ordinal);
}
