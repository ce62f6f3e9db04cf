using System.Collections.Immutable;
using Sirsi.Simulation.Faults;

namespace Sirsi.Simulation.Running;

/// <summary>How a range of seeds is run.</summary>
public sealed record CampaignOptions
{
    /// <summary>Seeds at a time; default one for each core.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>After how many failures it ends early; default 10.</summary>
    public int FailuresMax { get; init; } = 10;

    /// <summary>What may go wrong; null, the default: what <see cref="FaultOptions"/> has as defaults.</summary>
    public FaultOptions? Faults { get; init; }

    /// <summary>Called after each seed with what came so far, by one thread at a time; short. Null, the default: nobody hears of it.</summary>
    public Action<CampaignReport>? Progress { get; init; }
}

/// <summary>What came of a range of seeds.</summary>
/// <param name="Seeds">How many have run.</param>
/// <param name="Failures">Those that broke a promise, in the order of the seeds.</param>
/// <param name="Steps">Steps of all of them.</param>
/// <param name="Crashes">How often processes ended.</param>
/// <param name="VirtualTime">The time that passed on their machines, in all.</param>
/// <param name="RealTime">The time it took.</param>
public sealed record CampaignReport(int Seeds, ImmutableArray<SimulationReport> Failures, long Steps, long Crashes, TimeSpan VirtualTime, TimeSpan RealTime);

/// <summary>The seeds that are left, and what has come of the others. Thread-safe.</summary>
internal sealed class Campaign(ImmutableArray<ScenarioType> scenarios, int first, int last, CampaignOptions options, TimeProvider time, CancellationToken cancellation)
{
    private readonly Lock _gate = new();
    private readonly long _began = time.GetTimestamp();
    private readonly List<SimulationReport> _failures = [];
    private long _next = first;
    private int _seeds;
    private long _steps;
    private long _crashes;
    private TimeSpan _virtualTime;

    /// <summary>Runs seeds until none is left; several may do so at once.</summary>
    public Task WorkAsync()
    {
        while (Take() is { } seed) Add(Simulator.Run(Simulator.Of(seed, scenarios), seed, options.Faults));
        return Task.CompletedTask;
    }

    public CampaignReport Report()
    {
        lock (_gate)
        {
            return new CampaignReport(_seeds, [.. _failures.OrderBy(static failure => failure.Seed)], _steps, _crashes, _virtualTime, time.GetElapsedTime(_began));
        }
    }

    private int? Take()
    {
        lock (_gate)
        {
            return _next <= last && _failures.Count < options.FailuresMax && !cancellation.IsCancellationRequested ? (int)_next++ : null;
        }
    }

    private void Add(SimulationReport report)
    {
        lock (_gate)
        {
            _seeds++;
            _steps += report.Steps;
            _crashes += report.Crashes;
            _virtualTime += report.VirtualTime;
            if (report.Violation is not null) _failures.Add(report);
            options.Progress?.Invoke(Report());
        }
    }
}
