using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;

namespace Sirsi.Hypervisor.Tasks;

/// <summary>One attempt of a task, which one agent has for the length of a turn. Used from the flow of that turn.</summary>
public sealed class TaskAttempt : IAsker
{
    private readonly TaskDispatcher _dispatcher;

    internal TaskAttempt(TaskDispatcher dispatcher, SessionTask task, Worker worker)
    {
        (_dispatcher, Task, Worker, Number) = (dispatcher, task, worker, task.Attempt);
    }

    /// <summary>What is to be done.</summary>
    public TaskSpec Spec => Task.Spec;

    /// <summary>The task's id.</summary>
    public TaskId Id => Task.Id;

    /// <summary>Which attempt it is, from 1: greater than that of every attempt before. Give it to whoever is to tell a late attempt from the last one (a fencing token).</summary>
    public int Number { get; }

    /// <summary>Whether it still counts: the task was not cancelled, and the attempt was not given up for lost.</summary>
    public bool IsCurrent => Task.Current == this;

    /// <summary>Says how far it is, and that it is still at work (<see cref="TaskSpec.Heartbeat"/>).</summary>
    /// <param name="done">0 to 1.</param>
    /// <returns><see cref="IsCurrent"/>: when it is false, what the turn does comes to nothing.</returns>
    public bool Progress(double done)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(done);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(done, 1);
        return _dispatcher.Heard(this, done);
    }

    internal SessionTask Task { get; }

    internal Worker Worker { get; }

    /// <summary>What it came to, as the behaviour said.</summary>
    internal ReadOnlyMemory<byte> Result { get; set; }

    /// <summary>When it began, in the clock's units.</summary>
    internal long BegunAt { get; set; }

    /// <summary>When it was last heard of, in the clock's units.</summary>
    internal long HeardAt { get; set; }

    /// <summary>What watches over it.</summary>
    internal AttemptWatch? Watch { get; set; }

    /// <summary>Its end is on the way to the disk.</summary>
    internal bool IsEnding { get; set; }

    /// <summary>The agent's mailbox was set aside with the attempt in it.</summary>
    void IAsker.Answer(AgentReply reply)
    {
        if (reply.Outcome is ReplyOutcome.NoReply) return;
        _dispatcher.OnLost(this, reply.Reason ?? "");
    }
}

/// <summary>An agent that takes tasks.</summary>
internal sealed class Worker(Agent agent)
{
    public Agent Agent => agent;

    /// <summary>What it has; null when it is idle.</summary>
    public TaskAttempt? Attempt { get; set; }

    /// <summary>Its place among the idle of its session; null when it is not there.</summary>
    public LinkedListNode<Worker>? Place { get; set; }
}
