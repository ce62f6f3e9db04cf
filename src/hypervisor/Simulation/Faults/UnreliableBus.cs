using Sirsi.Bus;
using Sirsi.Bus.Consuming;
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
    public BusDriver Connect(HostEnvironment process) => new Connection(this, process);

    private async ValueTask<EventLog> OpenAsync(LogName name, LogOptions options)
    {
        if (_logs.TryGetValue(name.ToString(), out EventLog? log)) return log;
        log = await _driver.OpenAsync(name, options with { DeduplicationWindow = TimeSpan.Zero }, CancellationToken.None);
        _logs.TryAdd(name.ToString(), log);
        return log;
    }

    private sealed class Connection(UnreliableBus server, HostEnvironment process) : BusDriver
    {
        public override string Name => server._driver.Name;

        public override BusCapabilities Capabilities => server._driver.Capabilities & ~BusCapabilities.Deduplication;

        public override async ValueTask<EventLog> OpenAsync(LogName name, LogOptions options, CancellationToken cancellation) =>
            new Log(await server.OpenAsync(name, options), server, process);

        public override ValueTask<BusHealth> CheckAsync(CancellationToken cancellation) => server._driver.CheckAsync(cancellation);

        public override ValueTask DisposeAsync() => default;
    }

    /// <summary>A log as a process sees it. What it asks for is done by the machine, so that it is done whole when the process ends meanwhile.</summary>
    private sealed class Log(EventLog log, UnreliableBus server, HostEnvironment process) : EventLog
    {
        private Task _before = Task.CompletedTask;

        public override LogName Name => log.Name;

        public override int Partitions => log.Partitions;

        public override ValueTask<PublishReceipt> AppendAsync(in NewEvent newEvent, CancellationToken cancellation)
        {
            // One line leads to the server: what is sent later comes later.
            Task sent = SendAsync(_before);
            _before = sent;
            return AppendAsync(sent, newEvent);
        }

        public override async ValueTask MakeGroupAsync(GroupOptions group, CancellationToken cancellation) =>
            await server.AtServerAsync(() => log.MakeGroupAsync(group, CancellationToken.None).AsTask());

        public override ValueTask<EventSource> JoinAsync(GroupOptions group, CancellationToken cancellation) => log.JoinAsync(group, cancellation);

        public override ValueTask<EventSource> ReadAsync(ReadOptions read, CancellationToken cancellation) => log.ReadAsync(read, cancellation);

        public override ValueTask<LogStatus> StatusAsync(CancellationToken cancellation) => log.StatusAsync(cancellation);

        public override ValueTask<GroupStatus?> StatusAsync(string group, CancellationToken cancellation) => log.StatusAsync(group, cancellation);

        public override ValueTask DisposeAsync() => default;

        private async Task SendAsync(Task before)
        {
            await before;
            await Task.Delay(server.Sky.UpTo(server.Sky.Faults.BusDelayMax), process.Time, CancellationToken.None);
        }

        private async ValueTask<PublishReceipt> AppendAsync(Task sent, NewEvent newEvent)
        {
            Weather weather = server.Sky;
            await sent;
            if (weather.Happens(weather.Faults.BusErrors)) throw new BusException(BusErrors.Unavailable, "The bus is out of reach.");
            PublishReceipt receipt = default;
            await server.AtServerAsync(async () => receipt = await log.AppendAsync(newEvent, CancellationToken.None));
            if (weather.Happens(weather.Faults.BusErrors)) throw new BusException(BusErrors.Unavailable, "The bus took the event, and its answer is lost.");
            return receipt;
        }
    }

    private Weather Sky => weather;

    private Task AtServerAsync(Func<Task> work) => machine.Executor.RunAsync(work);
}
