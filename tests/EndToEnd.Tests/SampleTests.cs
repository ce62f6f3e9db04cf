namespace Sirsi.EndToEnd.Tests;

public sealed class SampleTests
{
    [Fact]
    public async Task The_team_of_agents_checks_asks_and_acts()
    {
        using var folder = new TemporaryFolder();
        string program = Path.Combine(Repository.Root, "samples", "agent-team", "bin", "Release", "net10.0", "agent-team.dll");
        ProgramResult result = await ChildProcess.RunAsync("dotnet", [program, folder.Path]);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Matches("^close to the public: (bucket queue|queue bucket) \nclosed: (bucket queue|queue bucket), as you said", result.Output);
    }

    [Fact]
    public async Task The_program_that_embeds_the_WebAssembly_engine_runs()
    {
        string program = Path.Combine(Repository.Root, "samples", "embed-wasm", "bin", "Release", "net10.0", "embed-wasm.dll");
        ProgramResult result = await ChildProcess.RunAsync("dotnet", [program]);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal("the guest says 4, 21 units in\nand gives 8\nstopped: OutOfFuel in spin\n", result.Output);
    }
}
