namespace Sirsi.Hypervisor.Messages;

/// <summary>Who waits for a reply.</summary>
internal interface IAsker
{
    /// <summary>Takes the reply; all but the first are ignored. Never throws and never runs the waiter on the caller's stack.</summary>
    void Answer(AgentReply reply);
}
