using System.Text;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Approvals;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Samples.AgentTeam;

internal sealed class Lead : IAgentBehavior
{
    public async ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message)
    {
        string text = Encoding.UTF8.GetString(message.Payload.Span), found = turn.TryGetVariable("found", out ReadOnlyMemory<byte> kept) ? Encoding.UTF8.GetString(kept.Span) : "";
        if (message.Type == "estate")
        {
            foreach (string resource in text.Split(',')) turn.Tell(turn.Spawn("checker"), "check", Encoding.UTF8.GetBytes(resource));
            turn.SetVariable("open", new[] { (byte)text.Split(',').Length });
            return;
        }

        turn.TryGetVariable("open", out ReadOnlyMemory<byte> open);
        turn.SetVariable("open", new[] { (byte)(open.Span[0] - 1) });
        if (text.Length > 0) turn.SetVariable("found", Encoding.UTF8.GetBytes(found = found + text + " "));
        if (open.Span[0] > 1) return;
        ApprovalAnswer answer = await turn.ApprovalAsync("close to the public", Encoding.UTF8.GetBytes(found), TimeSpan.FromDays(1));
        turn.SetVariable("outcome", Encoding.UTF8.GetBytes(answer.IsApproved ? $"closed: {found.Trim()}, as {answer.By} said" : "left as it is"));
    }
}

internal sealed class Checker : IAgentBehavior
{
    public ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message)
    {
        string[] words = Encoding.UTF8.GetString(message.Payload.Span).Split(' ');
        turn.Tell(turn.Parent, "checked", Encoding.UTF8.GetBytes(words[1] == "public" ? words[0] : ""));
        turn.Stop("It has checked what it was made for.");
        return ValueTask.CompletedTask;
    }
}
