namespace Sirsi.Core.Hosting;

/// <summary>A work item that is posted again and again, and remembers for the executor what it was like.</summary>
public interface IRecurringWorkItem : IThreadPoolWorkItem
{
    /// <summary>
    /// Whether it computed for long when it ran last, or does right now. Set by the executor, which then runs it at low priority (<see cref="HostExecutor.WithThreads"/>); false at first. To be read and
    /// written by any thread.
    /// </summary>
    bool ComputesLong { get; set; }
}
