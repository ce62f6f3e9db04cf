using System.Diagnostics;

namespace Sirsi.Store.Tests.Durability;

/// <summary>The program that writes until it is killed, and what it has said.</summary>
internal sealed class WriterProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task _reading;
    private readonly Lock _lock = new();
    private readonly List<long> _acknowledged = [];
    private readonly List<string> _failures = [];
    private readonly HashSet<long> _refused = [];
    private readonly Task<string> _errors;

    private WriterProcess(Process process)
    {
        _process = process;
        _reading = Task.Run(ReadAsync);
        _errors = process.StandardError.ReadToEndAsync();
    }

    public long[] Acknowledged
    {
        get
        {
            lock (_lock) return [.. _acknowledged];
        }
    }

    public string[] Failures
    {
        get
        {
            lock (_lock) return [.. _failures];
        }
    }

    public long[] Refused
    {
        get
        {
            lock (_lock) return [.. _refused];
        }
    }

    public static WriterProcess Start(string place, int callers, long first, params (string Name, string Value)[] environment)
    {
        string program = Path.Combine(Repository.Root, "tests", "StoreWriter", "bin", "Release", "net10.0", "Sirsi.StoreWriter.dll");
        var start = new ProcessStartInfo("dotnet", ["exec", program, place, $"{callers}", $"{first}"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        return new WriterProcess(Process.Start(start)!);
    }

    /// <summary>Waits until what it has said fulfils a condition.</summary>
    public async Task UntilAsync(Func<WriterProcess, bool> condition)
    {
        long began = Stopwatch.GetTimestamp();
        while (!condition(this))
        {
            if (_process.HasExited) Assert.Fail($"The writer ended by itself: {await _errors}");
            if (Stopwatch.GetElapsedTime(began) > Patience)
                Assert.Fail($"The writer did not get there: {Acknowledged.Length} acknowledged, failures {string.Join(", ", Failures.TakeLast(5))}");
            await Task.Delay(5);
        }
    }

    /// <summary>SIGKILL, and all that it said before.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await _reading;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            string[] words = line.Split(' ');
            lock (_lock)
            {
                switch (words[0])
                {
                    case "ack": _acknowledged.Add(long.Parse(words[1])); break;
                    case "refused": _refused.Add(long.Parse(words[1])); break;
                    case "fail": _failures.Add(words[2]); break;
                    default: break;
                }
            }
        }
    }
}
