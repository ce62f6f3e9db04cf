using System.Buffers.Binary;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Hypervisor.Benchmarks;

/// <summary>One of a pair: "go" begins so many rounds with the partner its payload names, and answers nothing; each side sends a message for each it gets.</summary>
internal sealed class Pinging(Action done) : IAgentBehavior
{
    private readonly byte[] _payload = new byte[8];
    private long _left;

    public ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message)
    {
        switch (message.Type)
        {
            case "ping":
                turn.Tell(message.From, "pong", message.Payload);
                break;
            case "pong":
                if (--_left > 0) turn.Tell(message.From, "ping", _payload);
                else done();
                break;
            default:
                _left = BinaryPrimitives.ReadInt64LittleEndian(message.Payload.Span);
                turn.Tell(AgentId.Parse(System.Text.Encoding.UTF8.GetString(message.Payload.Span[8..])), "ping", _payload);
                break;
        }

        return ValueTask.CompletedTask;
    }
}
