using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Scheduling;

namespace Sirsi.Hypervisor.Approvals;

/// <summary>Answers a request that nobody has answered in time.</summary>
internal sealed class ApprovalExpiry(Agent agent, ApprovalRequest request) : TimerEntry
{
    public ApprovalRequest Request => request;

    public override void Fire() => agent.Host.Own(agent.AnswerApprovalAsync(request.Number, new ApprovalAnswer(ApprovalDecision.Expired, "", "")).AsTask());
}
