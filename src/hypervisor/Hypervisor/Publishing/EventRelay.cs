using Sirsi.Bus;
using Sirsi.Bus.Publishing;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Durability;

namespace Sirsi.Hypervisor.Publishing;

/// <summary>
/// Publishes what turns promised. What the journal has is forgotten there when the bus has it; a crash between the two publishes it again, under the same id. When it is full, turns are to promise no more. Thread-safe.
/// </summary>
internal sealed class EventRelay(EventBus bus, HostLedger? ledger, HostEnvironment environment, int waitingMax) : Outbox<OutgoingEvent>(environment, waitingMax)
{
    /// <exception cref="ArgumentException">The event breaks a rule of the bus.</exception>
    /// <exception cref="BusException">The bus would refuse it.</exception>
    public void ThrowUnlessPublishable(OutgoingEvent happened) => bus.ThrowUnlessPublishable(happened.ToMessage());

    protected override async ValueTask HandOnAsync(IReadOnlyList<OutgoingEvent> batch, CancellationToken cancellation) =>
        await bus.PublishAsync(batch.Select(static happened => happened.ToMessage()).ToArray(), cancellation);

    protected override async ValueTask OnHandedOnAsync(IReadOnlyList<OutgoingEvent> batch)
    {
        var facts = new FactWriter();
        foreach (OutgoingEvent happened in batch)
        {
            if (happened.IsStored) facts.Fact(FactKind.EventPublished, happened.Agent).Put(happened.Number);
        }

        if (facts.Length > 0) await ledger!.AppendAsync(facts.Written);
    }
}
