using System.Collections.Immutable;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Health;

namespace Sirsi.Hypervisor;

/// <summary>How well it does, and what it refuses when it does not.</summary>
public sealed partial class AgentHost
{
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(5);

    private LoadWatch _load = null!, _threadLoad = null!;
    private int _quarantined;

    /// <summary>Why work from outside is refused at this moment; empty when it is not.</summary>
    public string OverloadReason => _load.Reason.Length > 0 ? _load.Reason : _threadLoad.Reason;

    /// <summary>
    /// Looks at all its parts: agents (some in quarantine: degraded), modules (a type that was rolled back: degraded), its journal (a disk that is full: degraded; one that has failed: unhealthy), the bus (out of reach: degraded; so long that turns
    /// can promise no more events: unhealthy), its load, and each <see cref="AgentHostOptions.HealthChecks"/>, which are asked side by side and have five seconds.
    /// </summary>
    public async Task<HostHealth> CheckHealthAsync(CancellationToken cancellation = default)
    {
        IEnumerable<HealthCheck> checks = _options.HealthChecks;
        if (_options.Bus is not null) checks = checks.Prepend(new HealthCheck("bus", ProblemOfBusAsync));
        HealthPart[] answers = await Task.WhenAll(checks.Select(check => AskAsync(check, cancellation)).ToArray());
        return new HostHealth(Environment.Time.GetUtcNow(), [.. OwnParts(), .. answers.Select(WithWaitingEvents)]);
    }

    /// <summary>Refuses work from outside while there is too much of it.</summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.Overloaded"/>.</exception>
    internal void ThrowUnlessAdmitted()
    {
        if (!_load.Admits()) throw new HypervisorException(HypervisorErrors.Overloaded, _load.Reason);
    }

    /// <summary>Whether a message from outside is taken.</summary>
    internal bool Admits(AgentType type) => (type.HoldsThread ? _threadLoad : _load).Admits();

    internal void OnQuarantine(int change) => Interlocked.Add(ref _quarantined, change);

    private void WatchLoad()
    {
        _load = new LoadWatch(Environment.Executor, Timers, Environment.Time, _options.Overload, _options.MemoryPressure);
        _threadLoad = new LoadWatch(Threads, Timers, Environment.Time, _options.Overload, _options.MemoryPressure);
    }

    private ImmutableArray<HealthPart> OwnParts()
    {
        var parts = ImmutableArray.CreateBuilder<HealthPart>();
        int quarantined = Volatile.Read(ref _quarantined);
        Add("agents", quarantined == 0 ? HealthStatus.Healthy : HealthStatus.Degraded, $"{quarantined} of {AgentCount} agents are in quarantine.");
        string[] rolledBack = [.. Types.RolledBack()];
        Add("modules", rolledBack.Length == 0 ? HealthStatus.Healthy : HealthStatus.Degraded, $"A newer version failed on probation and was rolled back: {string.Join(", ", rolledBack)}.");
        if (Ledger is not null) Add("journal", Ledger.Problem is null ? HealthStatus.Healthy : Ledger.HasFailed ? HealthStatus.Unhealthy : HealthStatus.Degraded, Ledger.Problem ?? "");
        string overload = OverloadReason;
        Add("load", IsStopping ? HealthStatus.Unhealthy : overload.Length == 0 ? HealthStatus.Healthy : HealthStatus.Degraded, IsStopping ? "The host is stopping." : overload);
        return parts.ToImmutable();

        void Add(string name, HealthStatus status, string reason) => parts.Add(new HealthPart(name, status, status is HealthStatus.Healthy ? "" : reason));
    }

    private async ValueTask<string?> ProblemOfBusAsync(CancellationToken cancellation) =>
        await _options.Bus!.CheckAsync(cancellation) is { IsHealthy: false } sick ? sick.Description : null;

    /// <summary>A bus that answers and yet took nothing when it was tried last does not do all its work.</summary>
    private HealthPart WithWaitingEvents(HealthPart part)
    {
        if (part.Name != "bus" || Relay is not { Problem.Length: > 0 } relay) return part;
        HealthStatus status = relay.IsFull ? HealthStatus.Unhealthy : HealthStatus.Degraded;
        return part with { Status = part.Status > status ? part.Status : status, Reason = $"{relay.Problem} {relay.Count} events wait for it." };
    }

    private async Task<HealthPart> AskAsync(HealthCheck check, CancellationToken cancellation)
    {
        string? problem;
        try
        {
            problem = await check.Problem(cancellation).AsTask().WaitAsync(CheckTimeout, Environment.Time, cancellation);
        }
        catch (TimeoutException)
        {
            problem = $"It did not answer within {CheckTimeout.TotalSeconds} s.";
        }
#pragma warning disable CA1031 // Whatever it throws is what is the matter with it.
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellation.IsCancellationRequested)
#pragma warning restore CA1031
        {
            problem = failure.Message;
        }

        return new HealthPart(check.Name, problem is null ? HealthStatus.Healthy : HealthStatus.Unhealthy, problem ?? "");
    }
}
