using Sirsi.Core.Errors;

namespace Sirsi.Hypervisor;

public static partial class HypervisorErrors
{
    /// <summary>A durable agent's request went out, and nobody knows what came of it.</summary>
    public static ErrorCode HttpOutcomeUnknown { get; } = new(3080, "Nobody knows what came of a request",
        "The agent's turn runs again and asks with the same Idempotency-Key; where the server knows none, let the request ask a person (StepPolicy.AskPerson).");
}
