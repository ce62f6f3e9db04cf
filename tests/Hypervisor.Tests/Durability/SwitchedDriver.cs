using Sirsi.Bus;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;

namespace Sirsi.Hypervisor.Tests.Durability;

/// <summary>A bus that can be out of reach.</summary>
internal sealed class SwitchedDriver(BusDriver inner) : BusDriver
{
    public bool IsDown { get; set; }

    public override string Name => inner.Name;

    public override BusCapabilities Capabilities => inner.Capabilities;

    public override ValueTask<EventLog> OpenAsync(LogName name, LogOptions options, CancellationToken cancellation) =>
        IsDown ? throw new BusException(BusErrors.Unavailable, "The bus is out of reach.") : inner.OpenAsync(name, options, cancellation);

    public override ValueTask<BusHealth> CheckAsync(CancellationToken cancellation) => inner.CheckAsync(cancellation);

    public override ValueTask DisposeAsync() => inner.DisposeAsync();
}
