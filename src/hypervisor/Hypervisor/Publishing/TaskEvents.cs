using Google.Protobuf;
using Sirsi.Bus.Events;
using Sirsi.Bus.Messages;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Tasks;
using static Sirsi.Bus.Messages.TaskEvent.Types;

namespace Sirsi.Hypervisor.Publishing;

/// <summary>
/// Tells the bus of tasks' lives, as <c>task.run.*</c>. What it does not take in time is let go, and as tasks may be very many, they take half of the room that events have, so that turns can still publish. Nothing here waits.
/// </summary>
internal static class TaskEvents
{
    private const string Schema = "sirsi.v1.TaskEvent";

    /// <summary>How many of the tasks that one waits for are told.</summary>
    private const int DependenciesMax = 100;

    public static void Submitted(EventRelay relay, SessionTask task)
    {
        if (!relay.HasRoomToSpare) return;
        var submitted = new Submitted { Priority = (uint)task.Spec.Priority * 25, DeadlineUnixUs = Microseconds(task.Spec.Deadline) };
        submitted.DependsOn.AddRange(task.After.Take(DependenciesMax).Select(static dependency => dependency.Task.ToString()));
        Add(relay, task, "submitted", new TaskEvent { Submitted = submitted });
    }

    public static void Started(EventRelay relay, SessionTask task, TimeSpan waited)
    {
        if (relay.HasRoomToSpare) Add(relay, task, "started", new TaskEvent { Started = new Started { WaitedUs = Microseconds(waited) } });
    }

    /// <summary>An attempt failed, and another follows.</summary>
    public static void Failed(EventRelay relay, SessionTask task, TaskError error, DateTimeOffset due)
    {
        if (relay.HasRoomToSpare) Add(relay, task, "failed", new TaskEvent { Failed = new Failed { Message = $"{error.Kind}: {error.Text}", RetryUnixUs = Microseconds(due) } });
    }

    /// <summary>It has ended, as its state says.</summary>
    /// <param name="relay">Publishes it.</param>
    /// <param name="task">The task.</param>
    /// <param name="took">How long the attempt took that ended it; zero when none did.</param>
    public static void Ended(EventRelay relay, SessionTask task, TimeSpan took)
    {
        if (!relay.HasRoomToSpare) return;
        (string what, TaskEvent happened) = task.State switch
        {
            TaskState.Succeeded => ("succeeded", new TaskEvent { Succeeded = new Succeeded { TookUs = Microseconds(took) } }),
            TaskState.Failed => ("dead", new TaskEvent { Failed = new Failed { Message = task.Errors is [.., var last] ? $"{last.Kind}: {last.Text}" : task.Reason } }),
            TaskState.Skipped => ("skipped", new TaskEvent { Cancelled = new Cancelled { Reason = task.Reason } }),
            _ => ("cancelled", new TaskEvent { Cancelled = new Cancelled { Reason = task.Reason } }),
        };
        Add(relay, task, what, happened);
    }

    private static void Add(EventRelay relay, SessionTask task, string what, TaskEvent happened)
    {
        AgentHost host = task.Session.Host;
        happened.TaskId = task.Id.ToString();
        happened.Kind = task.Spec.Type;
        happened.AgentId = task.Agent.IsEmpty ? "" : task.Agent.ToString();
        happened.Attempt = (uint)task.Attempt;
        long number = host.NextNumber();
        relay.Add(new OutgoingEvent(
            number, task.Agent, task.SessionId, task.Session.Scope, host.Environment.Ids.Next<EventKind>(), $"task.run.{what}",
            happened.TaskId, Schema, 1, EventPriority.Normal, host.Environment.Time.GetUtcNow(), host.BeginTrace(number), happened.ToByteArray()));
    }

    private static long Microseconds(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    private static long Microseconds(DateTimeOffset? instant) => instant is { } at ? Microseconds(at - DateTimeOffset.UnixEpoch) : 0;
}
