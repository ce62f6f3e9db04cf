using Sirsi.Bus;
using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Core.Hosting;

namespace Sirsi.Simulation.Faults;

/// <summary>A connection of one process to a server outside of it. When the process ends the connection breaks, and the server sees its readers and members of groups leave.</summary>
internal sealed class BusConnection(UnreliableBus server, HostEnvironment process) : BusDriver
{
    private readonly List<EventSource> _held = [];
    private bool _isBroken;

    public override string Name => server.Driver.Name;

    public override BusCapabilities Capabilities => server.Driver.Capabilities & ~BusCapabilities.Deduplication;

    public override async ValueTask<EventLog> OpenAsync(LogName name, LogOptions options, CancellationToken cancellation) =>
        new Log(await server.OpenAsync(name, options), this, server, process);

    public override ValueTask<BusHealth> CheckAsync(CancellationToken cancellation) => server.Driver.CheckAsync(cancellation);

    public override ValueTask DisposeAsync() => default;

    /// <summary>The process has ended.</summary>
    public void Break()
    {
        _isBroken = true;
        if (_held.Count > 0) _ = server.AtServerAsync(LeaveAsync);
    }

    /// <summary>Has the server make a source, which leaves at the latest when the connection breaks.</summary>
    private async ValueTask<EventSource> HoldAsync(Func<ValueTask<EventSource>> make)
    {
        EventSource? source = null;
        await server.AtServerAsync(async () =>
        {
            _held.Add(source = await make());
            if (_isBroken) await LeaveAsync();
        });
        return new Source(source!, this);
    }

    private async Task LeaveAsync()
    {
        EventSource[] left = [.. _held];
        _held.Clear();
        foreach (EventSource source in left) await source.DisposeAsync();
    }

    /// <summary>A log as a process sees it. What it asks for is done by the machine, so that it is done whole when the process ends meanwhile.</summary>
    private sealed class Log(EventLog log, BusConnection connection, UnreliableBus server, HostEnvironment process) : EventLog
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

        public override ValueTask<EventSource> JoinAsync(GroupOptions group, CancellationToken cancellation) => connection.HoldAsync(() => log.JoinAsync(group, CancellationToken.None));

        public override ValueTask<EventSource> ReadAsync(ReadOptions read, CancellationToken cancellation) => connection.HoldAsync(() => log.ReadAsync(read, CancellationToken.None));

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

    /// <summary>A source of the server's as a process sees it.</summary>
    private sealed class Source(EventSource source, BusConnection connection) : EventSource
    {
        public override ValueTask FetchAsync(EventBlock block, CancellationToken cancellation) => source.FetchAsync(block, cancellation);

        public override void Delivered(ReadOnlySpan<Delivery> deliveries) => source.Delivered(deliveries);

        public override ValueTask SettleAsync(ReadOnlyMemory<Settlement> settled, CancellationToken cancellation) => source.SettleAsync(settled, cancellation);

        public override ValueTask ReleaseAsync(int partition, CancellationToken cancellation) => source.ReleaseAsync(partition, cancellation);

        public override ValueTask DisposeAsync() => connection._held.Remove(source) ? source.DisposeAsync() : default;
    }
}
