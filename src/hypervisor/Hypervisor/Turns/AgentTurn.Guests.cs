using Sirsi.Core.Hosting;
using Sirsi.Wasm.Wasi;

namespace Sirsi.Hypervisor.Turns;

/// <summary>What guests have of the machine, whose threads wait where others await.</summary>
public sealed partial class AgentTurn
{
    /// <summary>Where a guest's requests run while its thread waits for them.</summary>
    /// <exception cref="InvalidOperationException">There is one thread only.</exception>
    internal HostExecutor ExecutorForWaiters => HasOneThread
        ? throw new InvalidOperationException("Where everything runs on one thread no guest can wait for a request.")
        : Host.Environment.Executor;

    /// <summary>The clock of a guest that may sleep: where everything runs on one thread its sleep passes at once, as nobody else could move the clock meanwhile.</summary>
    internal TimeProvider ClockForWaiters => HasOneThread ? WasiOptions.FixedClock(Now) : Host.Environment.Time;

    private bool HasOneThread => ReferenceEquals(Host.Threads, Host.Environment.Executor);

    /// <summary>Fills bytes with what keys are made of.</summary>
    internal void FillRandom(Span<byte> bytes) => Host.Environment.Random.FillSecret(bytes);
}
