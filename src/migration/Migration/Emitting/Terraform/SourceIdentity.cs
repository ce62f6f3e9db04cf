using System.Text.RegularExpressions;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Tells texts that identify something in the cloud a resource comes from; they have no meaning in the target.</summary>
internal static partial class SourceIdentity
{
    /// <summary>
    /// Whether the text holds an ARN, an Azure or Google resource path, a generated id, a cloud's own host name, or a key that a cloud
    /// keeps for itself.
    /// </summary>
    public static bool IsIn(string text) => Pattern().IsMatch(text);

    [GeneratedRegex(
        @"\barn:aws|/subscriptions/|\bprojects/[^/]+/|googleapis\.com|\.amazonaws\.com|\.cloudfront\.net|\.windows\.net|\.azure\.com"
        + @"|\.azurewebsites\.net|\.azurefd\.net|\.cloudapp\.|\.run\.app|\.cloudfunctions\.net|^(aws:|hidden-|goog-)|^[a-z]{1,12}-[0-9a-f]{8}([0-9a-f]{9})?$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}
