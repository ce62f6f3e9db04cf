using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Sirsi.Hypervisor.Capabilities;

/// <summary>
/// A permission: an action, and of what it may be done. <c>model.complete</c>, <c>net.http:api.example.com</c>, <c>bus.publish:agent.report.*</c>.
/// Immutable.
/// </summary>
/// <remarks>
/// <para><c>action [":" scope]</c>. An action is parts joined by dots, each a lower-case letter and then lower-case letters, digits, <c>-</c> and <c>_</c>; it is
/// compared whole. A scope is printable ASCII but for blank, comma, quotes and backslash; <c>.</c>, <c>/</c> and <c>:</c> separate its parts. Without a scope the action is
/// granted whole, and so it is with the scope <c>*</c>, which is read as none.</para>
/// <para><c>*</c> may end a part. Inside a scope it stands for the rest of that part: any number of characters, none too, but no separator. At the end of a scope it stands
/// for all that follows, separators too. All other characters stand for themselves; case matters. A subject with <c>..</c> in it is allowed by nothing but the
/// whole action, so no path leads out of its scope; and no scope has it.</para>
/// <para>A subject is to be given in the form in which it will be acted upon: a host in lower case, a path resolved.</para>
/// </remarks>
public sealed class Capability : IEquatable<Capability>
{
    /// <summary>The most characters of an action.</summary>
    public const int ActionLengthMax = 64;

    /// <summary>The most characters of a scope.</summary>
    public const int ScopeLengthMax = 256;

    private static readonly SearchValues<char> OfActions = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_");
    private static readonly SearchValues<char> NotOfScopes = SearchValues.Create(" ,\"'\\");

    private readonly string _text;

    private Capability(string action, string scope)
    {
        Action = action;
        Scope = scope;
        _text = scope.Length == 0 ? action : $"{action}:{scope}";
    }

    /// <summary>What may be done.</summary>
    public string Action { get; }

    /// <summary>Of what it may be done, as a pattern; empty for everything.</summary>
    public string Scope { get; }

    /// <summary>Reads a capability.</summary>
    /// <exception cref="HypervisorException">3040: the text is none; the message says where.</exception>
    public static Capability Parse(string text) =>
        TryParse(text, out Capability? capability, out string? problem)
            ? capability
            : throw new HypervisorException(HypervisorErrors.CapabilityInvalid, problem);

    /// <summary>Reads a capability; the problem is a sentence for the user, with the place counted from 1.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Capability? capability, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        capability = null;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string action = colon < 0 ? text : text[..colon], scope = colon < 0 ? "" : text[(colon + 1)..];
        string? fault = ActionFault(action) ?? (colon < 0 ? null : ScopeFault(scope, colon + 1));
        if (fault is not null)
        {
            problem = $"'{Shortened(text)}' is no capability: {fault}.";
            return false;
        }

        problem = null;
        capability = new Capability(action, scope is "*" ? "" : scope);
        return true;
    }

    /// <summary>Whether <paramref name="action"/> may be done with <paramref name="subject"/>, which is empty where the action has none.</summary>
    public bool Allows(string action, ReadOnlySpan<char> subject) => Action == action && AllowsSubject(subject);

    /// <summary>Whether this allows all that <paramref name="other"/> allows; decided exactly.</summary>
    public bool Covers(Capability other)
    {
        ArgumentNullException.ThrowIfNull(other);
        // The other's stars count as letters that no pattern has: what allows those allows whatever they stand for. No scope matches the empty one.
        return Action == other.Action && (Scope.Length == 0 || ScopePattern.Matches(Scope, other.Scope));
    }

    /// <inheritdoc/>
    public bool Equals(Capability? other) => other is not null && _text == other._text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Capability);

    /// <inheritdoc/>
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    /// <summary>The one text of this capability: action, and scope if it has one.</summary>
    public override string ToString() => _text;

    internal bool AllowsSubject(ReadOnlySpan<char> subject) =>
        Scope.Length == 0 || (ScopePattern.Matches(Scope, subject) && subject.IndexOf("..") < 0);

    /// <summary>Whether, when this is taken out of a grant, that is taken out. What <c>..</c> leads to is not known here, so it goes too.</summary>
    internal bool TakesOut(string action, ReadOnlySpan<char> subject) =>
        Action == action && (Scope.Length == 0 || ScopePattern.Matches(Scope, subject) || subject.IndexOf("..") >= 0);

    private static string? ActionFault(string action)
    {
        if (action.Length == 0) return "it is empty";
        if (action.Length > ActionLengthMax) return $"an action has at most {ActionLengthMax} characters";
        bool begins = true;
        for (int i = 0; i < action.Length; i++)
        {
            char letter = action[i];
            bool fits = begins ? letter is >= 'a' and <= 'z' : letter == '.' || OfActions.Contains(letter);
            if (!fits) return $"'{letter}' at {i + 1} cannot stand there; parts of an action are a lower-case letter and then such letters, digits, '-' and '_'";
            begins = letter == '.';
        }

        return begins ? "its action ends with '.'" : null;
    }

    private static string? ScopeFault(string scope, int start)
    {
        if (scope.Length == 0) return "nothing follows the colon; leave it out to grant the whole action";
        if (scope.Length > ScopeLengthMax) return $"a scope has at most {ScopeLengthMax} characters";
        for (int i = 0; i < scope.Length; i++)
        {
            if (scope[i] is < '!' or > '~' || NotOfScopes.Contains(scope[i])) return $"'{scope[i]}' at {start + i + 1} cannot be in a scope";
            if (scope[i] == '*' && i + 1 < scope.Length && !ScopePattern.IsSeparator(scope[i + 1]))
                return $"'*' at {start + i + 1} stands before '{scope[i + 1]}'; it may only end a part ('.', '/' and ':' separate parts)";
        }

        int up = scope.IndexOf("..", StringComparison.Ordinal);
        return up < 0 ? null : $"'..' at {start + up + 1} cannot be in a scope";
    }

    private static string Shortened(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
