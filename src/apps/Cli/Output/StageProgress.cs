using System.Globalization;
using Spectre.Console;

namespace Sirsi.Cli.Output;

/// <summary>
/// One line on standard error for each stage of a run. On a terminal the line of the stage under way is redrawn with its share done;
/// elsewhere each stage is written once, when it ends. Not thread-safe but for <see cref="Report"/>.
/// </summary>
internal sealed class StageProgress(Terminal terminal, TimeProvider time, bool quiet)
{
    private static readonly TimeSpan RedrawInterval = TimeSpan.FromMilliseconds(100);
    private const int BarWidth = 20;

    private readonly Lock _drawing = new();
    private string _stage = "";
    private long _began;
    private long _drawn;

    /// <summary>Runs one stage and writes its line; <paramref name="outcome"/> says in a few words what came out.</summary>
    public T Run<T>(string stage, Func<T> work, Func<T, string> outcome)
    {
        Begin(stage);
        T result = work();
        End(outcome(result));
        return result;
    }

    /// <summary>As <see cref="Run{T}"/>, for work that waits.</summary>
    public async Task<T> RunAsync<T>(string stage, Func<Task<T>> work, Func<T, string> outcome)
    {
        Begin(stage);
        T result = await work();
        End(outcome(result));
        return result;
    }

    /// <summary>Tells how much of the stage under way is done, 0 to 1. May be called from any thread.</summary>
    public void Report(double share)
    {
        if (quiet || !terminal.IsErrorInteractive) return;
        lock (_drawing)
        {
            if (time.GetElapsedTime(_drawn) < RedrawInterval) return;
            _drawn = time.GetTimestamp();
            int filled = (int)Math.Round(Math.Clamp(share, 0, 1) * BarWidth);
            string bar = new string('━', filled) + new string('─', BarWidth - filled);
            terminal.Error.Write($"\r  {_stage,-12} {bar} {share.ToString("P0", CultureInfo.InvariantCulture)}\u001b[K");
            terminal.Error.Flush();
        }
    }

    private void Begin(string stage)
    {
        _stage = stage;
        _began = time.GetTimestamp();
        _drawn = 0;
        if (quiet || !terminal.IsErrorInteractive) return;
        terminal.Error.Write($"\r  {stage,-12} …\u001b[K");
        terminal.Error.Flush();
    }

    private void End(string outcome)
    {
        if (quiet) return;
        if (terminal.IsErrorInteractive) terminal.Error.Write("\r\u001b[K");
        string elapsed = time.GetElapsedTime(_began).TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture);
        terminal.Messages.MarkupLineInterpolated($"  {_stage,-12} {outcome}  [dim]{elapsed} s[/]");
    }
}
