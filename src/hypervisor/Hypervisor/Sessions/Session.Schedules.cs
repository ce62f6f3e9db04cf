using System.Collections.Immutable;
using Sirsi.Hypervisor.Schedules;

namespace Sirsi.Hypervisor.Sessions;

/// <summary>Its schedules.</summary>
public sealed partial class Session
{
    /// <summary>Its schedules, by name.</summary>
    public ImmutableArray<SessionSchedule> Schedules() => TaskSchedules.All();

    /// <summary>The schedule of a name; null when it has none of that name.</summary>
    public SessionSchedule? FindSchedule(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return TaskSchedules.Find(name);
    }

    /// <summary>
    /// Has a task submitted again and again, also by hosts that open the folder later; it is stored when this completes. A schedule of the same name is replaced; where its times stay as they were it goes on from
    /// where it is, so that it may be set at each beginning of a program.
    /// </summary>
    /// <exception cref="ArgumentException">It breaks rules, or will not occur any more; the message names every one.</exception>
    /// <exception cref="HypervisorException">
    /// <see cref="HypervisorErrors.QuotaExceeded"/>, <see cref="HypervisorErrors.SessionClosed"/> or <see cref="HypervisorErrors.HostStopped"/>, or it could not be stored.
    /// </exception>
    public async ValueTask<SessionSchedule> SetScheduleAsync(ScheduleSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        spec.ThrowIfInvalid();
        if (Host.IsStopping) throw new HypervisorException(HypervisorErrors.HostStopped, "The host is stopping and takes no more schedules.");
        lock (Gate) ThrowUnlessOpen();
        return await TaskSchedules.SetAsync(spec);
    }

    /// <summary>Ends a schedule; tasks it has submitted stay. False when there is none of that name.</summary>
    /// <exception cref="HypervisorException">It could not be stored.</exception>
    public async ValueTask<bool> RemoveScheduleAsync(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return await TaskSchedules.RemoveAsync(name);
    }

    internal SessionSchedules TaskSchedules { get; }
}
