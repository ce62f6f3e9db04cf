using Sirsi.Core.Hosting;

namespace Sirsi.Hypervisor.Tests.Schedules;

/// <summary>An executor that takes so many items more, and then none: what runs on it stops in the midst of an instant, as when the power goes.</summary>
internal sealed class StoppingExecutor(HostExecutor inner) : HostExecutor
{
    public int Left { get; set; } = int.MaxValue;

    public override void Post(Action<object?> callback, object? state)
    {
        if (Left == 0) return;
        Left--;
        inner.Post(callback, state);
    }
}
