using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Tasks;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Hypervisor.Agents;

/// <summary>How it moves to a type that has taken the place of its own, and back when that fails (<see cref="AgentTypes.Replace"/>).</summary>
public sealed partial class Agent
{
    private int _probationLeft;

    /// <summary>What it is an instance of; another from one turn to the next when its type is replaced.</summary>
    public AgentType Type { get; private set; }

    /// <summary>The place of its type's name.</summary>
    internal AgentTypeSlot Slot { get; }

    /// <summary>Which form its variables have (<see cref="AgentType.StateVersion"/>).</summary>
    public int StateVersion { get; private set; }

    /// <summary>Whether this turn brings the variables into the form of the type.</summary>
    internal bool Migrates => StateVersion != Type.StateVersion;

    /// <summary>The turn that migrated them has ended well.</summary>
    internal void SetMigrated() => StateVersion = Type.StateVersion;

    /// <summary>
    /// Between two turns: takes the type that is in the place of its name now. Not in the midst of a turn that has stored steps, which ends with the type that took them, nor when its variables are of a later form.
    /// </summary>
    private void MoveIfReplaced()
    {
        AgentType current = Slot.Current;
        if (ReferenceEquals(current, Type) || current.StateVersion < StateVersion || Durable is { Steps.Count: > 0 }) return;
        DisposeBehavior();
        Type = current;
        _mailbox.Options = current.Mailbox;
        _probationLeft = current.ProbationTurns;
        Host.OnReloaded(this);
    }

    /// <summary>
    /// A turn failed. True when the agent was on probation, and the type may be to blame: all agents of the type go back to the one before, and this one tries the message again with it.
    /// </summary>
    private bool RollsBack(AgentTurn turn, AgentMessage message, Exception failure)
    {
        if (_probationLeft == 0 || IsNoFaultOfTheType(turn, message, failure)) return false;
        _probationLeft = 0;
        AgentType failed = Type;
        if (Slot.TryRollBack(failed)) Host.OnRolledBack(failed, $"A turn of agent {Id} failed on probation: {LastError}");
        MoveIfReplaced();
        if (ReferenceEquals(Type, failed)) return false;
        _probationLeft = 0;
        _mailbox.PutBack(message);
        return true;
    }

    /// <summary>
    /// Whether a turn failed by what its agent or its host does not have at the moment, or because somebody called for its end: any version would. Or it refused a task in so many words, which is an answer.
    /// </summary>
    private static bool IsNoFaultOfTheType(AgentTurn turn, AgentMessage message, Exception failure) =>
        turn.IsForced || turn.MissesWhatItHad || message.Asker is TaskAttempt { IsCurrent: false } || failure switch
        {
            OutcomeUnknownException or TaskFailedException => true,
            HypervisorException known => known.Code == HypervisorErrors.StorageFull || known.Code == HypervisorErrors.StorageBusy || known.Code == HypervisorErrors.Overloaded
                || known.Code == HypervisorErrors.HostStopped || known.Code == HypervisorErrors.SessionClosed || known.Code == HypervisorErrors.BudgetClosed,
            _ => false,
        };

    private async ValueTask MigrateAndHandleAsync(IAgentBehavior behavior, AgentTurn turn, AgentMessage message)
    {
        await behavior.MigrateStateAsync(turn, StateVersion);
        await HandleAsync(behavior, turn, message);
    }
}
