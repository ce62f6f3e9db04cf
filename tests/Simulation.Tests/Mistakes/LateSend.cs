using System.Runtime.CompilerServices;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;

namespace Sirsi.Simulation.Tests.Mistakes;

/// <summary>What was sent comes late, once in a while: what was sent later comes before.</summary>
internal sealed class LateSend : Mistake
{
    private readonly HashSet<long> _late = [];

    public override void Meddle(SimulatedWorld world)
    {
        foreach (Agent agent in world.Session.Agents())
        {
            Mailbox mailbox = MailboxOf(agent);
            if (FirstOf(mailbox) is not { Kind: MessageKind.Message, Next: { Kind: MessageKind.Message } second } first) continue;
            if (first.Number % 4 != 0 || !_late.Add(first.Number)) continue;
            (first.Next, second.Next) = (second.Next, first);
            FirstOf(mailbox) = second;
            if (first.Next is null) LastOf(mailbox) = first;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_mailbox")]
    private static extern ref Mailbox MailboxOf(Agent agent);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_first")]
    private static extern ref AgentMessage? FirstOf(Mailbox mailbox);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_last")]
    private static extern ref AgentMessage? LastOf(Mailbox mailbox);
}
