using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Tasks;
using Sirsi.Wasm;
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

    /// <summary>Whether a guest was stopped because its turn took too long: by its own clock or by the turn's, whichever noticed first.</summary>
    internal bool IsLate(WasmTrapKind stopped) => stopped is WasmTrapKind.DeadlineExceeded || (stopped is WasmTrapKind.Cancelled && HasTimedOut);

    /// <summary>What is thrown then.</summary>
    /// <param name="stopped">What stopped the guest.</param>
    /// <param name="end">The end of the sentence.</param>
    internal TimeoutException Late(Exception stopped, string end = ".") => new($"The turn took longer than its time-out of {Timeout.TotalSeconds:0.###} s{end}", stopped);

    private TimeSpan Timeout => (_message?.Asker as TaskAttempt)?.Spec.Timeout ?? _agent.Type.TurnTimeout;

    /// <summary>Whether its end was called for, and by nothing but its time.</summary>
    private bool HasTimedOut => _cancellation is { IsCancellationRequested: true } && !IsForced && _time is not { Stopped: not null } && _message?.Asker is not TaskAttempt { IsCurrent: false };

    /// <summary>Fills bytes with what keys are made of.</summary>
    internal void FillRandom(Span<byte> bytes) => Host.Environment.Random.FillSecret(bytes);
}
