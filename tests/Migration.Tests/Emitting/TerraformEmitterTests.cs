using System.Collections.Immutable;
using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Migration.Designing;
using Sirsi.Migration.Emitting.Terraform;

namespace Sirsi.Migration.Tests.Emitting;

public sealed class TerraformEmitterTests
{
    public static TheoryData<Cloud, bool> Variants => new()
    {
        { Cloud.Aws, false }, { Cloud.Aws, true }, { Cloud.Azure, false }, { Cloud.Azure, true }, { Cloud.Gcp, false }, { Cloud.Gcp, true },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task The_code_of_every_kind_is_in_terraform_fmt_layout(Cloud cloud, bool bare)
    {
        using TemporaryFolder folder = Written(cloud, bare);

        (int exit, string output) = await TerraformTool.RunAsync(folder.Path, "fmt", "-check", "-diff", "-no-color", "-recursive");

        Assert.True(exit == 0, output);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_code_of_every_kind_on_Aws_passes_terraform_validate(bool bare)
    {
        string plugins = TerraformTool.Plugins();
        using TemporaryFolder folder = Written(Cloud.Aws, bare);

        (int init, string initOutput) = await TerraformTool.RunAsync(
            folder.Path, "init", $"-plugin-dir={plugins}", "-input=false", "-backend=false", "-no-color");
        Assert.True(init == 0, initOutput);
        (int exit, string output) = await TerraformTool.RunAsync(folder.Path, "validate", "-no-color");

        Assert.True(exit == 0, output);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Nothing_of_the_source_cloud_is_in_the_code(Cloud cloud, bool bare)
    {
        string[] marks = ["arn:aws:elasticloadbalancing:x", "aws:cloudformation"];

        Assert.All(Emitted(cloud, bare), file => Assert.All(marks, mark => Assert.DoesNotContain(mark, file.Text.ToString())));
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Same_design_same_code(Cloud cloud, bool bare) =>
        Assert.Equal(Emitted(cloud, bare).Select(static file => $"{file.Name}\n{file.Text}"), Emitted(cloud, bare).Select(static file => $"{file.Name}\n{file.Text}"));

    private static ImmutableArray<TerraformFile> Emitted(Cloud cloud, bool bare)
    {
        (Estate estate, Design design) = EveryKind.For(cloud, bare);
        return TerraformEmitter.Emit(estate, design, CancellationToken.None);
    }

    private static TemporaryFolder Written(Cloud cloud, bool bare)
    {
        var folder = new TemporaryFolder();
        foreach (TerraformFile file in Emitted(cloud, bare)) folder.Write(file.Name, file.Text.ToString());
        return folder;
    }
}
