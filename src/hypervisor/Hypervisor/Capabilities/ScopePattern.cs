using System.Buffers;

namespace Sirsi.Hypervisor.Capabilities;

/// <summary>Matches subjects against scopes. A star inside ends before the next separator, one at the end takes the rest, so there is never a choice to go back to.</summary>
internal static class ScopePattern
{
    private static readonly SearchValues<char> Separators = SearchValues.Create("./:");

    public static bool IsSeparator(char letter) => letter is '.' or '/' or ':';

    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        while (true)
        {
            int star = pattern.IndexOf('*');
            if (star < 0) return text.SequenceEqual(pattern);
            if (!text.StartsWith(pattern[..star])) return false;
            pattern = pattern[(star + 1)..];
            if (pattern.IsEmpty) return true;
            text = text[star..];
            int next = text.IndexOfAny(Separators);
            if (next < 0) return false;
            text = text[next..];
        }
    }
}
