using Sirsi.Bus.Events;
using Sirsi.Bus.Publishing;

namespace Sirsi.Bus.Tests.Servers;

/// <summary>Publishing while servers and connections fail.</summary>
internal static class SurePublishing
{
    /// <summary>Publishes again and again until it is told that the event is there, or fails for good when a minute has not been enough.</summary>
    public static async Task PublishSurelyAsync(this EventBus bus, EventMessage message)
    {
        DateTimeOffset end = DateTimeOffset.UtcNow + TimeSpan.FromMinutes(1);
        while (true)
        {
            try
            {
                await bus.PublishAsync(message);
                return;
            }
            catch (BusException) when (DateTimeOffset.UtcNow < end)
            {
                await Task.Delay(50);
            }
        }
    }
}
