namespace Sirsi.EndToEnd.Tests;

/// <summary>The front script, as a user runs it.</summary>
internal static class FrontScript
{
    private static string Script => Path.Combine(Repository.Root, "sirsi");

    public static Task<ProgramResult> RunAsync(params string[] arguments) =>
        ChildProcess.RunAsync(Script, arguments, timeout: TimeSpan.FromMinutes(5));

    /// <summary>Starts what is to be killed.</summary>
    public static DoomedProcess Start(params string[] arguments) => DoomedProcess.StartProgram(Script, arguments);

    public static string Sample(string name) => Path.Combine(Repository.Root, "samples", "estates", name);

    /// <summary>Migrates a sample into <paramref name="folder"/>/out at a fixed instant and returns that folder.</summary>
    public static async Task<string> MigrateAsync(string sample, string to, TemporaryFolder folder, string name = "out")
    {
        string target = folder.File(name);
        ProgramResult result = await RunAsync("migrate", Sample(sample), "--to", to, "--out", target, "--now", "2026-11-21T12:00:00Z");
        Assert.True(result.ExitCode == 0, result.Error);
        return target;
    }
}
