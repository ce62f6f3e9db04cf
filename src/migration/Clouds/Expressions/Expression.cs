using System.Collections.Immutable;
using System.Text;
using Sirsi.Clouds.Estates;
using Sirsi.Core.Errors;

namespace Sirsi.Clouds.Expressions;

/// <summary>
/// A condition or computation over attributes and facts, in the language of <c>docs/estate-model.md</c>. Evaluation never throws,
/// has no side effects, takes bounded time and memory, and answers null for whatever is not known. Immutable and thread-safe.
/// </summary>
public sealed class Expression
{
    /// <summary>The longest text that is read, in characters.</summary>
    public const int LengthMax = 8_192;

    /// <summary>The deepest nesting of parentheses, brackets, calls and <c>not</c>.</summary>
    public const int DepthMax = 64;

    /// <summary>The list items one evaluation may visit before its answer is null.</summary>
    public const int VisitsMax = 1_000_000;

    private readonly Node _root;

    private Expression(string text, Node root, ParserFindings findings)
    {
        Text = text;
        _root = root;
        References = [.. findings.References];
        ItemReferences = [.. findings.ItemReferences];
    }

    /// <summary>The text it was read from.</summary>
    public string Text { get; }

    /// <summary>The names it reads from its scope, each once, sorted (ordinal).</summary>
    public ImmutableArray<string> References { get; }

    /// <summary>
    /// The names read inside <c>any</c>, <c>all</c>, <c>each</c> and <c>where</c>, each once, sorted (ordinal): they are looked up in
    /// the item and, where the item lacks them, in the scope.
    /// </summary>
    public ImmutableArray<string> ItemReferences { get; }

    /// <summary>Reads an expression. Every problem found is reported, at its column behind that of <paramref name="at"/>.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="at">Where the text stands; by default line 1, column 1 of <c>expression</c>.</param>
    public static ExpressionResult Parse(string text, SourcePosition? at = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var problems = new ExpressionProblems(text, at ?? new SourcePosition("expression", 1, 1));
        if (text.Length > LengthMax)
        {
            problems.Add(CloudsErrors.ExpressionTooLarge, 0, $"the expression has {text.Length} characters; at most {LengthMax} are read");
            return new ExpressionResult(null, problems.ToImmutable());
        }

        var findings = new ParserFindings();
        Node root = new Parser(new Lexer(text, problems).ReadAll(), problems, findings).ParseWhole();
        return problems.Any
            ? new ExpressionResult(null, problems.ToImmutable())
            : new ExpressionResult(new Expression(text, root, findings), []);
    }

    /// <summary>Reads an expression that must be right.</summary>
    /// <exception cref="CloudsException">It is not; the message names the first problem.</exception>
    public static Expression Require(string text, SourcePosition? at = null)
    {
        ExpressionResult result = Parse(text, at);
        return result.Expression ?? throw new CloudsException(result.Problems[0].Code, result.Problems[0].ToString());
    }

    /// <summary>The value over <paramref name="scope"/>; null when it is not known.</summary>
    /// <param name="scope">Where names are looked up.</param>
    /// <param name="outer">Where names that <paramref name="scope"/> lacks are looked up.</param>
    public AttributeValue Evaluate(AttributeMap scope, AttributeMap? outer = null)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return _root.Evaluate(new Scope(scope, outer, null));
    }

    /// <summary>Whether the value is true: false for false, unknown, and what is no truth value.</summary>
    public bool IsTrue(AttributeMap scope, AttributeMap? outer = null) => Judgement.Truth(Evaluate(scope, outer)) is true;

    /// <summary>The expression in its one canonical form; reading it again gives the same expression.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        _root.Print(text);
        return text.ToString();
    }
}

/// <summary>What reading an expression gave.</summary>
/// <param name="Expression">The expression; null when there are problems.</param>
/// <param name="Problems">Every problem found, by position; at most 20.</param>
public sealed record ExpressionResult(Expression? Expression, ImmutableArray<Diagnostic> Problems);
