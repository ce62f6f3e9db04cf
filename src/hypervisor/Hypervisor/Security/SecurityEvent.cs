using Sirsi.Core.Identity;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Security;

/// <summary>What happened that those who watch over a host want to know.</summary>
public enum SecurityEventKind
{
    /// <summary>An agent, or a child of it that was not made, was refused what it has no capability for.</summary>
    CapabilityRefused,

    /// <summary>A secret was filled into what an agent sent out.</summary>
    SecretUsed,

    /// <summary>An agent referred to a secret that is not there.</summary>
    SecretMissing,

    /// <summary>A budget did not have what an agent wanted to spend.</summary>
    BudgetRefused,

    /// <summary>An agent failed too often and was put out of action.</summary>
    Quarantined,

    /// <summary>A module was not taken or not loaded, because its publisher is not trusted or did not sign it so.</summary>
    ModuleRefused,

    /// <summary>So many events were not taken down, because too many came or the one who takes them down did not.</summary>
    EventsDropped,
}

/// <summary>Who did or was refused what, when and why. Holds nothing of a secret.</summary>
/// <param name="Id">Tells it apart: one that comes twice is the same.</param>
/// <param name="Kind">What happened.</param>
/// <param name="At">When; of several in one, the last time.</param>
/// <param name="Scope">Whose agent it was; the default one when it was nobody's.</param>
/// <param name="Session">The agent's session; empty when there is none.</param>
/// <param name="Agent">The agent; empty when there is none.</param>
/// <param name="AgentType">Its type; empty when that is not known.</param>
/// <param name="What">What it was about: the capability, the secret's name, the resource, the module. Empty when one event stands for many such.</param>
/// <param name="Why">A sentence.</param>
public sealed record SecurityEvent(
    Id<EventKind> Id, SecurityEventKind Kind, DateTimeOffset At, ProjectScope Scope, SessionId Session, AgentId Agent, string AgentType, string What, string Why)
{
    /// <summary>How often it happened; repeats within <see cref="SecurityEventOptions.RepeatWindow"/> are one event.</summary>
    public long Count { get; init; } = 1;
}

/// <summary>
/// Takes security events down: a ledger, a file, a bus. The host gives it batches, one after the other in the order of their happening, from a flow of its own, so that no agent waits for it.
/// </summary>
public interface ISecurityEvents
{
    /// <summary>Takes down a batch. When it throws, the same batch comes again after a pause; what happens meanwhile waits, within bounds.</summary>
    /// <param name="events">At least one.</param>
    /// <param name="cancellation">Called for when the host ends.</param>
    ValueTask WriteAsync(IReadOnlyList<SecurityEvent> events, CancellationToken cancellation);
}

/// <summary>How a host takes security events down. Immutable.</summary>
public sealed record SecurityEventOptions
{
    /// <summary>Events that may wait for the one who takes them down, and kinds of repeats that are told apart at a time; more are counted and dropped. Default 10,000.</summary>
    public int WaitingMax { get; init; } = 10_000;

    /// <summary>What one agent repeats within this time is one event with a count, behind the one for the first time. Default a minute.</summary>
    public TimeSpan RepeatWindow { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Every broken rule, in words for the one who wrote the options; empty when they are valid.</summary>
    public IEnumerable<string> Problems()
    {
        if (WaitingMax is < 1 or > 10_000_000) yield return $"WaitingMax is {WaitingMax}; it must be 1 to 10,000,000.";
        if (RepeatWindow <= TimeSpan.Zero || RepeatWindow > TimeSpan.FromDays(1)) yield return $"RepeatWindow is {RepeatWindow}; it must be above 0 and at most a day.";
    }
}
