using System.Collections.Immutable;
using Sirsi.Clouds;
using Sirsi.Migration.Emitting;

namespace Sirsi.Migration.Tests.Emitting;

public sealed class SampleBundleTests
{
    public static TheoryData<string, Cloud> Moves => new()
    {
        { "shop.tfstate", Cloud.Azure }, { "shop.tfstate", Cloud.Gcp }, { "ledger-azure.tfstate", Cloud.Aws },
            { "ledger-azure.tfstate", Cloud.Gcp },
        { "fleet-gcp.tfstate", Cloud.Aws }, { "fleet-gcp.tfstate", Cloud.Azure },
    };

    [Theory]
    [MemberData(nameof(Moves))]
    public async Task The_code_of_a_sample_passes_terraform(string sample, Cloud target)
    {
        using var folder = new TemporaryFolder();
        string output = folder.File("out");
        if (Environment.GetEnvironmentVariable("DUMP") is { } dump) output = $"{dump}/{sample}-{target}";
        await BundleWriter.WriteAsync(output, await SampleRuns.OfAsync(sample, target), CancellationToken.None);
        string code = Path.Combine(output, "terraform");

        (int format, string formatOutput) = await TerraformTool.RunAsync(code, "fmt", "-check", "-diff", "-no-color", "-recursive");
        Assert.True(format == 0, formatOutput);
        if (target is not Cloud.Aws) return;
        string plugins = TerraformTool.Plugins();
        (int init, string initOutput) = await TerraformTool.RunAsync(code, "init", $"-plugin-dir={plugins}", "-input=false",
            "-backend=false", "-no-color");
        Assert.True(init == 0, initOutput);
        (int exit, string validateOutput) = await TerraformTool.RunAsync(code, "validate", "-no-color");
        Assert.True(exit == 0, validateOutput);
    }

    [Theory]
    [MemberData(nameof(Moves))]
    public async Task The_same_result_gives_the_same_bytes(string sample, Cloud target)
    {
        MigrationResult result = await SampleRuns.OfAsync(sample, target);

        Assert.Equal(await BytesAsync(result), await BytesAsync(result));
    }

    private static async Task<Dictionary<string, string>> BytesAsync(MigrationResult result)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        ImmutableArray<BundleFile> contents = BundleContents.Of(result, CancellationToken.None);
        foreach (BundleFile file in contents)
        {
            using var stream = new MemoryStream();
            await file.WriteAsync(stream, CancellationToken.None);
            files.Add(file.Path, Convert.ToBase64String(stream.ToArray()));
        }

        return files;
    }
}
