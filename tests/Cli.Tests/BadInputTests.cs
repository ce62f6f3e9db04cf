using System.Text;

namespace Sirsi.Cli.Tests;

/// <summary>Bad input gets one clear message with its code, and loses nothing that was there before.</summary>
public sealed class BadInputTests
{
    private const string Head = """{"version":4,"terraform_version":"1.9.8","serial":1,"lineage":"x","outputs":{},"resources":[""";

    public static TheoryData<string, string> Contents => new()
    {
        { "empty", "" },
        { "not JSON", "resource \"aws_instance\" \"web\" {}\n" },
        { "truncated", Head + """{"mode":"managed","type":"aws_instance","name":"web","instances":[{"attributes":{"id":"i-1" """ },
        { "another version", """{"version":2,"resources":[]}""" },
        { "a list", "[1,2,3]" },
        { "wrong types", """{"version":4,"resources":{"a":1}}""" },
        { "no state at all", """{"hello":"world"}""" },
        { "nested too deep", Head + """{"mode":"managed","type":"aws_instance","name":"web","instances":[{"attributes":{"id":"i-1","x":"""
            + new string('[', 200) + new string(']', 200) + "}}]}]}" },
        { "binary", "\u0000\u0001\u0002ELF" },
    };

    [Theory, MemberData(nameof(Contents))]
    public async Task A_bad_file_gives_one_coded_message_and_leaves_the_earlier_output_alone(string what, string content)
    {
        using var folder = new TemporaryFolder();
        string output = folder.File("out");
        Assert.Equal(ExitCode.Ok, (await Cli.RunAsync("migrate", Cli.Sample("shop.tfstate"), "--to", "azure", "--out", output)).ExitCode);
        Dictionary<string, byte[]> before = Snapshot(output);

        string input = folder.Write("bad.tfstate", content);
        ProgramResult result = await Cli.RunAsync("migrate", input, "--to", "azure", "--out", output);

        Assert.True(result.ExitCode is ExitCode.Failed or ExitCode.Usage, $"{what}: exit code {result.ExitCode}");
        Assert.Matches(@"error SIRSI-4\d{3}: ", result.Error);
        Assert.Contains("bad.tfstate", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.Equal(before.Keys, Snapshot(output).Keys);
        Assert.All(Snapshot(output), file => Assert.Equal(before[file.Key], file.Value));
        Assert.Equal(["bad.tfstate", "out"], Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_missing_file_is_named()
    {
        using var folder = new TemporaryFolder();
        ProgramResult result = await Cli.RunAsync("migrate", folder.File("none.tfstate"), "--to", "azure", "--out", folder.File("out"));
        Assert.NotEqual(ExitCode.Ok, result.ExitCode);
        Assert.Matches(@"error SIRSI-4\d{3}: .*none\.tfstate", result.Error);
    }

    [Fact]
    public async Task Two_gigabytes_of_garbage_are_refused_at_once()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("huge.tfstate");
        await using (FileStream file = File.Create(path)) file.SetLength(2L << 30);
        ProgramResult result = await Cli.RunAsync("migrate", path, "--to", "azure", "--out", folder.File("out"));
        Assert.NotEqual(ExitCode.Ok, result.ExitCode);
        Assert.Matches(@"error SIRSI-4\d{3}: .*huge\.tfstate", result.Error);
    }

    [Fact]
    public async Task A_folder_that_is_something_else_is_not_replaced()
    {
        using var folder = new TemporaryFolder();
        folder.Write("precious/thesis.txt", "years of work");
        ProgramResult result = await Cli.RunAsync("migrate", Cli.Sample("shop.tfstate"), "--to", "gcp", "--out", folder.File("precious"));
        Assert.NotEqual(ExitCode.Ok, result.ExitCode);
        Assert.Matches(@"error SIRSI-4\d{3}: ", result.Error);
        Assert.Equal("years of work", await File.ReadAllTextAsync(folder.File("precious/thesis.txt"), Encoding.UTF8));
    }

    [Fact]
    public async Task Output_where_nothing_can_be_written_fails_with_the_place()
    {
        ProgramResult result = await Cli.RunAsync("migrate", Cli.Sample("shop.tfstate"), "--to", "gcp", "--out", "/proc/sirsi/out");
        Assert.NotEqual(ExitCode.Ok, result.ExitCode);
        Assert.Matches(@"error SIRSI-4\d{3}: .*/proc/sirsi", result.Error);
    }

    private static Dictionary<string, byte[]> Snapshot(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .ToDictionary(static file => file, File.ReadAllBytes);
}
