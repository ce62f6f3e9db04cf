using System.Security.Cryptography;
using System.Text;

namespace Sirsi.Migration.Emitting.Report;

/// <summary>A style sheet or script of the report, with the digest by which the page's content policy lets it run.</summary>
/// <param name="Content">The text.</param>
/// <param name="Hash">The source expression of the policy: <c>sha256-…</c>.</param>
internal sealed record ReportAsset(string Content, string Hash)
{
    /// <summary>The style sheet.</summary>
    public static ReportAsset Styles { get; } = Load("report/report.css");

    /// <summary>The script.</summary>
    public static ReportAsset Script { get; } = Load("report/report.js");

    private static ReportAsset Load(string name)
    {
        string content = DataTable.Text(name).ReplaceLineEndings("\n");
        return new(content, $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}");
    }
}
