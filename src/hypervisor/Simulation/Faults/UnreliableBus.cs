using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Bus.Local;
using Sirsi.Core.Hosting;

namespace Sirsi.Simulation.Faults;

/// <summary>
/// A bus server outside of the process: it keeps its events in memory and outlives every process. On the way to it events are delayed, refused, or taken without a word of it. It does not recognize repetitions, so whoever publishes again
/// is seen to.
/// </summary>
#pragma warning disable CA1001 // What it holds is memory alone, and as old as the machine.
internal sealed class UnreliableBus(HostEnvironment machine, Weather weather)
#pragma warning restore CA1001
{
    private readonly MemoryBusDriver _driver = new(machine);
    private readonly SortedDictionary<string, EventLog> _logs = new(StringComparer.Ordinal);

    /// <summary>A connection of one process.</summary>
    public BusConnection Connect(HostEnvironment process) => new(this, process);

    internal BusDriver Driver => _driver;

    internal Weather Sky => weather;

    internal async ValueTask<EventLog> OpenAsync(LogName name, LogOptions options)
    {
        if (_logs.TryGetValue(name.ToString(), out EventLog? log)) return log;
        log = await _driver.OpenAsync(name, options with { DeduplicationWindow = TimeSpan.Zero }, CancellationToken.None);
        _logs.TryAdd(name.ToString(), log);
        return log;
    }

    /// <summary>Work of the server's, which is done whole when whoever asked for it ends meanwhile.</summary>
    internal Task AtServerAsync(Func<Task> work) => machine.Executor.RunAsync(work);
}
