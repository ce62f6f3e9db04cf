using System.Collections.Immutable;
using System.Text;
using Sirsi.Clouds.Estates;
using Sirsi.Migration.Assessing;
using Sirsi.Migration.Designing;
using Sirsi.Migration.Emitting.Report;
using Sirsi.Migration.Emitting.Runbook;
using Sirsi.Migration.Emitting.Terraform;
using Sirsi.Migration.Planning;

namespace Sirsi.Migration.Emitting;

/// <summary>What a bundle holds.</summary>
public static class BundleContents
{
    /// <summary>
    /// The files of a bundle, sorted by path: the four JSON documents, the report, the runbook and the Terraform code. Nothing is written
    /// yet; the same result gives the same bytes.
    /// </summary>
    public static ImmutableArray<BundleFile> Of(MigrationResult result, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(result);
        List<BundleFile> files =
        [
            new("estate.json", (stream, token) => EstateJson.WriteAsync(result.Estate, stream, token)),
            Now("assessment.json", stream => AssessmentJson.Write(result.Assessment, result.Estate, result.Now, stream)),
            Now("design.json", stream => DesignJson.Write(result.Design, stream)),
            Now("plan.json", stream => PlanJson.Write(result.Plan, stream)),
            Now("report.html", stream => ReportWriter.Write(result, stream)),
            Now("runbook.md", stream => RunbookWriter.Write(result, stream)),
        ];
        foreach (TerraformFile file in TerraformEmitter.Emit(result.Estate, result.Design, cancellation))
            files.Add(new($"terraform/{file.Name}", (stream, token) => WriteTextAsync(file.Text, stream, token)));
        files.Sort(static (left, right) => string.CompareOrdinal(left.Path, right.Path));
        return [.. files];
    }

    private static BundleFile Now(string path, Action<Stream> write) => new(path, (stream, token) =>
    {
        token.ThrowIfCancellationRequested();
        write(stream);
        return Task.CompletedTask;
    });

    private static async Task WriteTextAsync(StringBuilder text, Stream stream, CancellationToken cancellation)
    {
        var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        await using (writer)
            foreach (ReadOnlyMemory<char> chunk in text.GetChunks()) await writer.WriteAsync(chunk, cancellation);
    }
}
