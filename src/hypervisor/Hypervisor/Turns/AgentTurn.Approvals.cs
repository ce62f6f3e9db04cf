using System.Text.Json;
using Sirsi.Hypervisor.Approvals;
using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Messages;

namespace Sirsi.Hypervisor.Turns;

/// <summary>Asking a person.</summary>
public sealed partial class AgentTurn
{
    private List<ApprovalRequest>? _approvals;

    /// <summary>
    /// Asks a person, when this turn has ended well. The answer comes as an event (<see cref="Agents.HostEvents.ApprovalAnswered"/>), also after a restart of the host if the agent is
    /// durable. Several may be pending.
    /// </summary>
    /// <param name="kind">What is asked for, in the words of those who answer.</param>
    /// <param name="details">What a person has to see before answering: JSON as a rule.</param>
    /// <param name="timeout">When it expires unanswered; at most 366 days.</param>
    /// <returns>The request's number, which its answer carries.</returns>
    /// <exception cref="InvalidOperationException">As many as may wait for one agent do.</exception>
    public long RequestApproval(string kind, ReadOnlyMemory<byte> details, TimeSpan timeout)
    {
        ThrowIfOver();
        ApprovalRequest request = NewRequest(kind, details, timeout);
        if (_agent.ApprovalCount + (_approvals?.Count ?? 0) >= ApprovalRequest.PendingMax)
            throw new InvalidOperationException($"{ApprovalRequest.PendingMax} requests of the agent wait for an answer already.");
        (_approvals ??= []).Add(request);
        _hasEffects = true;
        return request.Number;
    }

    /// <summary>
    /// Asks a person and goes on with the answer. Only for durable agents: until it is answered the turn is put aside, without thread or memory, and the agent handles nothing else;
    /// then the turn runs again and goes through its steps to here (<see cref="StepAsync"/>).
    /// </summary>
    /// <inheritdoc cref="RequestApproval" path="/param"/>
    /// <exception cref="InvalidOperationException">The agent is volatile.</exception>
    public async ValueTask<ApprovalAnswer> ApprovalAsync(string kind, ReadOnlyMemory<byte> details, TimeSpan timeout)
    {
        ThrowIfOver();
        if (_message!.Kind is MessageKind.Task) throw new InvalidOperationException("An attempt of a task does not wait for a person: it asks with RequestApproval, and the answer may submit another task.");
        if (_agent.Durable is null) throw new InvalidOperationException("A volatile agent asks with RequestApproval and takes the answer as an event.");
        string step = ApprovalStep + kind;
        int index = _stepCount++;
        ApprovalRequest request = NewRequest(kind, details, timeout) with { Step = index };
        AgentMessage message = _message!;
        if (StoredStep(message, index, step) is not { } stored)
        {
            await StoreAsync(message, new StepImage(message.Number, index, step, null), request);
            _agent.Take(request);
        }
        else if (stored.Result is { } result)
        {
            return ReadAnswer(result.Span);
        }

        throw new AwaitingApprovalException(kind);
    }

    private const string ApprovalStep = "approval: ";

    internal static bool IsApproval(StepImage step) => step.Name.StartsWith(ApprovalStep, StringComparison.Ordinal);

    internal static byte[] WriteAnswer(ApprovalAnswer answer) =>
        JsonSerializer.SerializeToUtf8Bytes([answer.Decision.ToString(), answer.By, answer.Comment], AnswerJson.Default.StringArray);

    private static ApprovalAnswer ReadAnswer(ReadOnlySpan<byte> bytes)
    {
        string[] parts = JsonSerializer.Deserialize(bytes, AnswerJson.Default.StringArray)!;
        return new ApprovalAnswer(Enum.Parse<ApprovalDecision>(parts[0]), parts[1], parts[2]);
    }

    private ApprovalRequest NewRequest(string kind, ReadOnlyMemory<byte> details, TimeSpan timeout)
    {
        ArgumentException.ThrowIfNullOrEmpty(kind);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(kind.Length, ApprovalRequest.KindLengthMax, nameof(kind));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(details.Length, ApprovalRequest.DetailBytesMax, nameof(details));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout, TimeSpan.FromDays(366));
        return new ApprovalRequest(Host.NextNumber(), Self, kind, details, Now + timeout);
    }
}

/// <summary>The turn goes on when a person has answered.</summary>
internal sealed class AwaitingApprovalException(string kind) : Exception($"It waits for a person's answer to '{kind}'.");

[System.Text.Json.Serialization.JsonSerializable(typeof(string[]))]
internal sealed partial class AnswerJson : System.Text.Json.Serialization.JsonSerializerContext;
