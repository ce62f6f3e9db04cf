using System.Diagnostics;

namespace Sirsi.Store.Tests.Durability;

/// <summary>The program that writes until it is killed, and what it has said.</summary>
internal sealed class WriterProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private readonly List<long> _acknowledged = [];
    private readonly List<string> _failures = [];
    private readonly HashSet<long> _refused = [];
    private readonly DoomedProcess _process;

    private WriterProcess(string[] arguments, (string Name, string Value)[] environment) =>
        _process = DoomedProcess.Start("StoreWriter", arguments, Hear, environment);

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

    public static WriterProcess Start(string place, int callers, long first, params (string Name, string Value)[] environment) =>
        new([place, $"{callers}", $"{first}"], environment);

    /// <summary>Waits until what it has said fulfils a condition.</summary>
    public async Task UntilAsync(Func<WriterProcess, bool> condition)
    {
        long began = Stopwatch.GetTimestamp();
        while (!condition(this))
        {
            if (_process.HasExited) await KillAsync();
            if (Stopwatch.GetElapsedTime(began) > Patience)
                Assert.Fail($"The writer did not get there: {Acknowledged.Length} acknowledged, failures {string.Join(", ", Failures.TakeLast(5))}");
            await Task.Delay(5);
        }
    }

    /// <summary>SIGKILL, and all that it said before; fails when it has ended by itself.</summary>
    public Task KillAsync() => _process.KillAsync();

    public void Dispose() => _process.Dispose();

    private void Hear(string line)
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
