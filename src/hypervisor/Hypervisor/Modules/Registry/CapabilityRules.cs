using System.Text.RegularExpressions;

namespace Sirsi.Hypervisor.Modules.Registry;

/// <summary>How capabilities in manifests are read and compared.</summary>
/// <param name="Problem">Why a text is no capability; null when it is one.</param>
/// <param name="Covers">Whether the first, which is granted, allows all that the second asks for.</param>
public sealed partial record CapabilityRules(Func<string, string?> Problem, Func<string, string, bool> Covers)
{
    private const int LengthMax = 200;

    /// <summary>An action, or an action and a scope after a colon; each covers itself and nothing else, so that anything new is asked for.</summary>
    public static CapabilityRules Simple { get; } = new(
        static text => text.Length <= LengthMax && Form().IsMatch(text) ? null : $"'{text}' is no capability: it is ACTION or ACTION:SCOPE, for example files.read:/srv/reports",
        static (granted, asked) => string.Equals(granted, asked, StringComparison.Ordinal));

    [GeneratedRegex(@"^[a-z][a-z0-9._-]{0,63}(:[^\s\p{C}]+)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Form();
}
