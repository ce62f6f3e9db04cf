using Sirsi.Core.Hosting;

namespace Sirsi.Hypervisor.Messages;

/// <summary>One who waits for room in a mailbox.</summary>
internal sealed class RoomWaiter(HostExecutor executor)
{
    private readonly TaskCompletionSource _source = new();

    public Task Room => _source.Task;

    public void Wake() => executor.Post(static source => ((TaskCompletionSource)source!).TrySetResult(), _source);
}
