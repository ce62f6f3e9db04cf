using Sirsi.Core.Errors;
using Spectre.Console;

namespace Sirsi.Cli.Output;

/// <summary>How a failure is shown: what is wrong, and what to do. Never a stack trace.</summary>
internal static class Problems
{
    /// <summary>Shows a documented failure.</summary>
    public static void Show(this Terminal terminal, SirsiException failure)
    {
        terminal.Messages.MarkupLineInterpolated($"[red]error {failure.Code}[/]: {failure.Message}");
        terminal.Messages.MarkupLineInterpolated($"  {failure.Code.Remedy}");
    }

    /// <summary>Shows a failure nobody expected: a fault of ours.</summary>
    public static void ShowUnexpected(this Terminal terminal, Exception failure)
    {
        terminal.Messages.MarkupLineInterpolated($"[red]error {CoreErrors.Unexpected}[/]: {failure.GetType().Name}: {failure.Message}");
        terminal.Messages.MarkupLineInterpolated($"  {CoreErrors.Unexpected.Remedy}");
        if (Environment.GetEnvironmentVariable("SIRSI_TRACE") == "1") terminal.Error.WriteLine(failure);
    }
}
