using System.Diagnostics;

namespace Sirsi.Migration.Tests.Emitting;

/// <summary>The terraform program of this machine, for tests that ask it for its verdict.</summary>
internal static class TerraformTool
{
    /// <summary>Runs terraform in <paramref name="folder"/>; skips the running test when the program is absent.</summary>
    public static async Task<(int Exit, string Output)> RunAsync(string folder, params string[] arguments)
    {
        string? program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(static path => Path.Combine(path, "terraform")).FirstOrDefault(File.Exists);
        if (program is null) Assert.Skip("skipped: terraform is not on this machine");
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("TF_CLI_CONFIG_FILE");
        start.Environment["CHECKPOINT_DISABLE"] = "1";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        string error = await errors;
        await process.WaitForExitAsync();
        return (process.ExitCode, output + error);
    }

    /// <summary>The folder that holds provider plug-ins; skips the running test when there is none.</summary>
    public static string Plugins()
    {
        string? folder = Environment.GetEnvironmentVariable("SIRSI_TERRAFORM_PLUGINS");
        if (!Directory.Exists(folder)) Assert.Skip("skipped: SIRSI_TERRAFORM_PLUGINS names no folder of Terraform providers");
        return folder!;
    }
}
