using System.Collections.Immutable;
using Sirsi.Hypervisor.Tasks;

namespace Sirsi.Hypervisor.Sessions;

/// <summary>The tasks that its agents do.</summary>
public sealed partial class Session
{
    /// <summary>Submits a task, which is on disk when this completes if the host has a folder. Agents of this session whose type takes tasks do it.</summary>
    /// <returns>The task, or the one that was submitted before under its <see cref="TaskSpec.IdempotencyKey"/>.</returns>
    /// <inheritdoc cref="SubmitAsync(ImmutableArray{TaskSpec})" path="/exception"/>
    public async ValueTask<SessionTask> SubmitAsync(TaskSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return (await SubmitAsync([spec]))[0];
    }

    /// <summary>Submits tasks that may wait for each other (<see cref="TaskDependency.On(int)"/>), all or none.</summary>
    /// <returns>The tasks, in the order given.</returns>
    /// <exception cref="ArgumentException">Something breaks a rule, or they wait for each other in a cycle; the message names it.</exception>
    /// <exception cref="HypervisorException">
    /// <see cref="HypervisorErrors.QuotaExceeded"/>, <see cref="HypervisorErrors.SessionClosed"/>, <see cref="HypervisorErrors.Overloaded"/> or <see cref="HypervisorErrors.HostStopped"/>, or they could not be stored.
    /// </exception>
    public ValueTask<ImmutableArray<SessionTask>> SubmitAsync(ImmutableArray<TaskSpec> specs)
    {
        if (Host.IsStopping) throw new HypervisorException(HypervisorErrors.HostStopped, "The host is stopping and takes no more tasks.");
        Host.ThrowUnlessAdmitted();
        return Host.Tasks.SubmitAsync(this, specs);
    }

    /// <summary>Its tasks that are known, those that ended not too long ago included, in the order of their submission.</summary>
    public ImmutableArray<SessionTask> Tasks() => [.. Host.Tasks.Of(this)];
}
