using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Messages;

namespace Sirsi.Hypervisor.Agents;

/// <summary>
/// Messages that may have ended the process: of each durable agent that comes back the first in its mailbox. That its turn begins again is stored before it does, so that one which ends the process each time is noticed, and
/// all other turns need no record of their beginning.
/// </summary>
public sealed partial class Agent
{
    private int _timesBegun;

    private void Suspect(AgentMessage first, AgentImage image)
    {
        first.IsSuspect = true;
        _timesBegun = image.Begun.Message == first.Number ? image.Begun.Times : 0;
        if (_timesBegun == 0 || image.Hold is not null) return;
        _mailbox.Hold(HoldReasons.AmongSuspects);
        Host.Suspects.Add(this, first.Number, _timesBegun);
    }

    /// <summary>It is its turn among those that may have ended the process.</summary>
    internal void LeaveLine() => Wake(HoldReasons.AmongSuspects);

    /// <summary>Its turn may begin; false when the agent is in quarantine instead.</summary>
    private async ValueTask<bool> BeginAgainAsync(AgentMessage message)
    {
        if (_timesBegun >= Type.Supervision.ProcessEndsMax)
        {
            LastError = $"The process has ended {_timesBegun} times while the agent was at message {message.Number} ('{message.Type}').";
            message.IsSuspect = false;
            _timesBegun = 0;
            await QuarantineAsync(message, LastError);
            return false;
        }

        // Once for each opening of the host: the process lives through what is tried again in it.
        message.IsSuspect = false;
        await StoreBegunAsync(message, ++_timesBegun);
        return true;
    }

    /// <summary>The message is put aside by a process that lives: it did not end it.</summary>
    private async ValueTask ClearAsync(AgentMessage message)
    {
        if (_timesBegun == 0) return;
        _timesBegun = 0;
        await StoreBegunAsync(message, 0);
    }

    private ValueTask StoreBegunAsync(AgentMessage message, int times) =>
        Host.Ledger!.CommitAsync(new FactWriter().Fact(FactKind.TurnBegun, Id).Put(message.Number).Put((long)times).Written);
}
