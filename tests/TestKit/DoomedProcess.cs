using System.Diagnostics;
using Xunit;

namespace Sirsi.TestKit;

/// <summary>A program of the tests that works until it is killed, and the lines it wrote until then.</summary>
public sealed class DoomedProcess : IDisposable
{
    private readonly Process _process;
    private readonly Action<string>? _heard;
    private readonly List<string> _lines = [];
    private readonly Task _reading;
    private readonly Task<string> _errors;
    private readonly TaskCompletionSource _hasSpoken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private DoomedProcess(Process process, Action<string>? heard)
    {
        (_process, _heard) = (process, heard);
        _reading = ReadAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Starts the program of a project in <c>tests</c>, which was built along with the tests that run.</summary>
    /// <param name="project">The project's name.</param>
    /// <param name="arguments">What the program is given.</param>
    /// <param name="heard">Called with each line as it comes, one after the other.</param>
    /// <param name="environment">What its environment has besides the tests' own.</param>
    public static DoomedProcess Start(string project, IEnumerable<string> arguments, Action<string>? heard = null, params (string Name, string Value)[] environment)
    {
        string configuration = Directory.GetParent(AppContext.BaseDirectory)!.Parent!.Name;
        string program = Path.Combine(Repository.Root, "tests", project, "bin", configuration, "net10.0", $"Sirsi.{project}.dll");
        Assert.True(File.Exists(program), program);
        return StartProgram("dotnet", ["exec", program, .. arguments], heard, environment);
    }

    /// <summary>Starts any program.</summary>
    /// <param name="file">The program; a script has to become what it starts, or that is not killed.</param>
    /// <param name="arguments">What it is given.</param>
    /// <param name="heard">Called with each line as it comes, one after the other.</param>
    /// <param name="environment">What its environment has besides the tests' own.</param>
    public static DoomedProcess StartProgram(string file, IEnumerable<string> arguments, Action<string>? heard = null, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        return new DoomedProcess(Process.Start(start)!, heard);
    }

    /// <summary>Waits for the first line.</summary>
    public async Task UntilItSpeaksAsync()
    {
        await Task.WhenAny(_hasSpoken.Task, _reading);
        if (!_hasSpoken.Task.IsCompleted) Assert.Fail($"The program ended without a word: {await _errors}");
    }

    /// <summary>Kills it with SIGKILL, and gives the whole lines that it wrote; fails when it has ended by itself.</summary>
    public async Task<IReadOnlyList<string>> KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await _reading;
        const int killed = 128 + 9;
        Assert.True(_process.ExitCode == killed, $"The program ended by itself with {_process.ExitCode}: {await _errors}");
        return _lines;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        // A line that the kill has cut off lacks its end, and counts as not written.
        char[] buffer = new char[64 << 10];
        string begun = "";
        while (await _process.StandardOutput.ReadAsync(buffer) is > 0 and int count)
        {
            string[] pieces = (begun + new string(buffer, 0, count)).Split('\n');
            begun = pieces[^1];
            foreach (string line in pieces[..^1])
            {
                _lines.Add(line);
                _heard?.Invoke(line);
            }

            if (pieces.Length > 1) _hasSpoken.TrySetResult();
        }
    }
}
