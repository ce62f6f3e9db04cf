using System.Diagnostics;

namespace Sirsi.EndToEnd.Tests;

[Trait("Suite", "slow")]
public sealed class FrontScriptTests
{
    [Fact]
    public async Task A_second_start_adds_less_than_150_ms_to_the_program_itself()
    {
        await FrontScript.RunAsync("--version");
        string program = Path.Combine(Repository.Root, "artifacts", "cli", "sirsi.dll");
        var overheads = new List<double>();
        for (int round = 0; round < 7; round++)
        {
            long began = Stopwatch.GetTimestamp();
            await ChildProcess.RunAsync("dotnet", [program, "--version"]);
            TimeSpan direct = Stopwatch.GetElapsedTime(began);
            began = Stopwatch.GetTimestamp();
            await FrontScript.RunAsync("--version");
            overheads.Add((Stopwatch.GetElapsedTime(began) - direct).TotalMilliseconds);
        }

        overheads.Sort();
        Assert.InRange(overheads[overheads.Count / 2], -1_000, 150);
    }

    [Fact]
    public async Task Arguments_with_spaces_and_quotes_reach_the_program_unchanged()
    {
        ProgramResult result = await FrontScript.RunAsync("migrate", "no such \"file\" $HOME.tfstate", "--to", "aws");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("no such \"file\" $HOME.tfstate", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_script_works_from_any_folder_and_through_a_link()
    {
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder.File("s"), Path.Combine(Repository.Root, "sirsi"));
        ProgramResult result = await ChildProcess.RunAsync(folder.File("s"), ["--version"], folder.Path, TimeSpan.FromMinutes(5));
        Assert.Equal(0, result.ExitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+", result.Output);
    }
}
