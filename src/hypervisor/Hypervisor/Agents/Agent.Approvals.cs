using System.Collections.Immutable;
using Sirsi.Hypervisor.Approvals;
using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Hypervisor.Agents;

/// <summary>Requests of the agent that wait for a person.</summary>
public sealed partial class Agent
{
    private SortedDictionary<long, ApprovalExpiry>? _approvals;

    /// <summary>Its requests that wait for a person, the oldest first.</summary>
    public ImmutableArray<ApprovalRequest> Approvals()
    {
        lock (Session.Gate) return _approvals is null ? [] : [.. _approvals.Values.Select(static expiry => expiry.Request)];
    }

    internal int ApprovalCount
    {
        get
        {
            lock (Session.Gate) return _approvals?.Count ?? 0;
        }
    }

    /// <summary>Answers one of its requests; the agent gets the answer once. False when no such request waits (any more).</summary>
    /// <exception cref="HypervisorException">The agent is durable, and the answer could not be stored: the request still waits.</exception>
    public async ValueTask<bool> AnswerApprovalAsync(long number, ApprovalAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ApprovalExpiry? expiry;
        lock (Session.Gate)
        {
            if (_approvals is null || !_approvals.Remove(number, out expiry)) return false;
        }

        try
        {
            await HandOnAsync(expiry.Request, answer);
        }
        catch (HypervisorException)
        {
            lock (Session.Gate) _approvals.Add(number, expiry);
            throw;
        }

        expiry.Cancel();
        return true;
    }

    /// <summary>A request waits from here on.</summary>
    internal void Take(ApprovalRequest request)
    {
        var expiry = new ApprovalExpiry(this, request);
        lock (Session.Gate) (_approvals ??= []).Add(request.Number, expiry);
        Host.Timers.Add(expiry, request.ExpiresAt - Host.Environment.Time.GetUtcNow());
    }

    /// <summary>To the turn that was put aside for it, or else as an event.</summary>
    private async ValueTask HandOnAsync(ApprovalRequest request, ApprovalAnswer answer)
    {
        FactWriter? facts = Durable is null ? null : new FactWriter().Fact(FactKind.ApprovalAnswered, Id).Put(request.Number);
        if (request.Step is { } index && Durable!.Steps.FindIndex(step => step.Index == index && step.Result is null && AgentTurn.IsApproval(step)) is var place and >= 0)
        {
            StepImage settled = Durable.Steps[place] with { Result = AgentTurn.WriteAnswer(answer) };
            settled.Write(facts!, Id);
            await Host.Ledger!.AppendAsync(facts!.Written);
            Durable.Steps[place] = settled;
            Wake(HoldReasons.AwaitingApproval);
            return;
        }

        AgentMessage happened = EventOf(HostEvents.ApprovalAnswered, writer =>
        {
            writer.WriteNumber("number", request.Number);
            writer.WriteString("kind", request.Kind);
            writer.WriteString("decision", answer.Decision.ToString());
            writer.WriteString("by", answer.By);
            writer.WriteString("comment", answer.Comment);
        });
        if (facts is not null)
        {
            Write(facts, happened);
            await Host.Ledger!.AppendAsync(facts.Written);
        }

        Enqueue(happened);
    }

    /// <summary>The turn is put aside until its request is answered.</summary>
    private async ValueTask AwaitApprovalAsync(AgentMessage message)
    {
        Variables?.Discard();
        await ClearAsync(message);
        _mailbox.PutBack(message);
        _mailbox.Hold(HoldReasons.AwaitingApproval);
        // It may have been answered before the agent was held.
        if (!Durable!.Steps.Exists(static step => step.Result is null && AgentTurn.IsApproval(step))) Wake(HoldReasons.AwaitingApproval);
    }
}
