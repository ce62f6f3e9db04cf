using System.Text.RegularExpressions;
using Sirsi.Clouds;

namespace Sirsi.Migration.Assessing;

/// <summary>The frameworks whose controls a check may refer to.</summary>
internal static partial class ControlFrameworks
{
    private static readonly Framework[] Known =
    [
        new("cis-aws-3.0", Cloud.Aws, NumberedControl()),
        new("cis-azure-3.0", Cloud.Azure, NumberedControl()),
        new("cis-gcp-3.0", Cloud.Gcp, NumberedControl()),
        new("aws-fsbp", Cloud.Aws, ServiceControl()),
        new("soc2", null, TrustCriterion()),
        new("gdpr", null, Article()),
    ];

    private static string Names => string.Join(", ", Known.Select(static framework => framework.Id));

    /// <summary>The only cloud a reference concerns; null when it concerns all.</summary>
    public static Cloud? CloudOf(string reference) => Find(reference, out _)?.Cloud;

    /// <summary>What is wrong with a reference; null when it is well formed and its framework known.</summary>
    public static string? ProblemOf(string reference)
    {
        if (Find(reference, out string control) is not { } framework)
            return $"'{reference}' names no known framework; write one of {Names}, a colon and the control";
        return framework.Control.IsMatch(control) ? null : $"'{control}' is no control of {framework.Id}";
    }

    private static Framework? Find(string reference, out string control)
    {
        int colon = reference.IndexOf(": ", StringComparison.Ordinal);
        control = colon < 0 ? "" : reference[(colon + 2)..];
        return colon < 0 ? null : Array.Find(Known, framework => reference.AsSpan(0, colon).SequenceEqual(framework.Id));
    }

    private sealed record Framework(string Id, Cloud? Cloud, Regex Control);

    [GeneratedRegex(@"^[0-9]{1,2}(\.[0-9]{1,2}){1,3}$", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex NumberedControl();

    [GeneratedRegex(@"^[A-Za-z0-9]{1,40}\.[0-9]{1,3}$", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex ServiceControl();

    [GeneratedRegex(@"^(CC[1-9]|A1|C1|PI1|P[1-8])\.[0-9]{1,2}$", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex TrustCriterion();

    [GeneratedRegex(@"^Art\. [0-9]{1,2}$", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Article();
}
