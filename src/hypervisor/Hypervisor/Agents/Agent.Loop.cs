using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Tasks;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Hypervisor.Agents;

/// <summary>The loop: the agent is its own work item, and on the executor while it has messages.</summary>
public sealed partial class Agent : IRecurringWorkItem
{
    /// <summary>Turns before the agent goes to the back of the executor's queue.</summary>
    private const int Quantum = 64;

    private static readonly IReadOnlyDictionary<string, ReadOnlyMemory<byte>> NoVariables = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);

    private IAgentBehavior? _behavior;
    private AgentTurn? _turn;
    private long _restsSince;
    private volatile bool _computesLong;

    bool IRecurringWorkItem.ComputesLong
    {
        get => _computesLong;
        set => _computesLong = value;
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (Type.HoldsThread || !Host.Environment.Executor.ItemsMayGoOn) _ = RunAsync(null);
        else TurnThread.Run(this, Quantum);
    }

    /// <summary>Puts it to work: it has messages.</summary>
    internal void Post() => Executor.Post(this);

    /// <summary>Runs a quantum of turns, on this thread as far as they do not wait.</summary>
    internal async Task RunAsync(TurnThread? thread)
    {
        for (int left = thread?.Left ?? Quantum; left > 0; left--)
        {
            if (_mailbox.Take() is not { } message)
            {
                _restsSince = Host.Janitor.Round;
                thread?.Left = left;
                return;
            }

            thread?.GiveNextAway();
            ValueTask turn = RunTurnAsync(message);
            if (turn.IsCompletedSuccessfully)
            {
                turn.GetAwaiter().GetResult();
            }
            else
            {
                thread?.Close();
                thread = null;
                await turn;
            }

            // What comes next begins where long turns run.
            if (_computesLong && _mailbox.Count > 0) break;
        }

        thread?.Left = 0;
        Post();
    }

    /// <summary>Whether handling took so long that it ended at low priority; what comes after it is short, and others wait for it, so it is not to be done at that.</summary>
    private bool IsThreadLowered => Type.HoldsThread && Host.Threads.IsThreadLowered;

    /// <summary>One turn; never throws.</summary>
    private async ValueTask RunTurnAsync(AgentMessage message)
    {
        if (!IsWanted(message))
        {
            if (message.Asker is TaskAttempt late) Host.Tasks.OnFree(late);
            return;
        }

        if (message.Kind is MessageKind.Visit)
        {
            await ((AgentVisit)message.Asker!).RunAsync();
            return;
        }

        MoveIfReplaced();
        AgentTurn turn = _turn ??= new AgentTurn(this);
        bool isOver = true, isSuspect = message.IsSuspect;
        try
        {
            turn.Begin(message);
            if (isSuspect && !await BeginAgainAsync(message)) return;
            await HandleAsync(turn, message);
            if (IsThreadLowered) await Task.Yield();
            await CommitAsync(turn, message);
            await turn.ReleaseAsync(message);
            Volatile.Write(ref _turns, _turns + 1);
            if (_probationLeft > 0) _probationLeft--;
            if (message.Kind is MessageKind.Start) OnStarted();
            Host.OnTurnEnded(this, message, error: null);
        }
        catch (HypervisorException failure) when (failure.Code == HypervisorErrors.StorageFailed)
        {
            // Nobody knows what the disk has: the agent stands still, and whoever opens the host again finds it before this turn or after.
            Variables?.Discard();
            LastError = TextOf(failure);
            _mailbox.Hold(HoldReasons.HostStopped);
            return;
        }
        catch (HypervisorException lost) when (lost.Code == HypervisorErrors.ContextConflict && turn.TryRunAgain())
        {
            isOver = false;
            await RunAgainAsync(turn, message);
            return;
        }
        catch (Exception reason) when (IsPutAside(message, turn, reason))
        {
            await PutAsideAsync(turn, message, reason);
            return;
        }
#pragma warning disable CA1031 // Whatever a behaviour throws is its failure, and supervision's to answer.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            if (IsThreadLowered) await Task.Yield();
            Variables?.Discard();
            int attempt = message.Attempt;
            if (message.Kind is MessageKind.Task) await OnTaskFailedAsync(turn, message, failure);
            else await OnFailedAsync(turn, message, failure);
            Host.OnTurnEnded(this, message, LastError, attempt);
        }
        finally
        {
            turn.End();
            if (isSuspect) Host.Suspects.OnOver(this);
            if (isOver && message.Asker is TaskAttempt over) Host.Tasks.OnFree(over);
        }

        if (message.Kind is MessageKind.Stop) await EndAsync(AgentStatus.Stopped, "It was asked to.");
    }

    /// <summary>What the turn did is stored, as far as it is to be.</summary>
    private ValueTask CommitAsync(AgentTurn turn, AgentMessage message)
    {
        if (turn.HasContextWrites) return turn.CommitContextAsync(message);
        if (message.Kind is MessageKind.Task) EndAttemptOf(message);
        if (Durable is not null) return turn.CommitAsync(message);
        return turn.HasTasks ? turn.CommitTasksAsync() : ValueTask.CompletedTask;
    }

    /// <summary>Another turn came first to what this one wrote: it did not fail, and comes to nothing; the behaviour, which may believe otherwise, is made anew.</summary>
    private async ValueTask RunAgainAsync(AgentTurn turn, AgentMessage message)
    {
        Session.Context.OnConflict();
        Variables?.Discard();
        if (Durable is not null) await turn.StoreSpentAsync();
        DisposeBehavior();
        _mailbox.PutBack(message);
    }

    /// <summary>Whether the turn did not fail, and yet has not come to its end: it waits for a person or its budget, ends with the host, or is that of an attempt that counts no more.</summary>
    private bool IsPutAside(AgentMessage message, AgentTurn turn, Exception reason) => reason switch
    {
        AwaitingApprovalException or AwaitingTasksException or AttemptLostException => true,
        OutcomeUnknownException => message.Kind is not MessageKind.Task,
        HypervisorException refused when refused.Code == HypervisorErrors.BudgetExhausted && turn.Awaited is not null => message.Kind is not (MessageKind.Stop or MessageKind.Task),
        _ => Durable is not null && turn.IsForcedByHost,
    };

    private async ValueTask PutAsideAsync(AgentTurn turn, AgentMessage message, Exception reason)
    {
        if (IsThreadLowered) await Task.Yield();
        Variables?.Discard();
        // An attempt of a task is the dispatcher's to give again.
        if (message.Kind is MessageKind.Task) return;
        await ClearAsync(message);
        if (reason is AwaitingApprovalException) AwaitApproval(message);
        else if (reason is AwaitingTasksException tasks) AwaitTasks(message, tasks);
        else if (reason is OutcomeUnknownException unknown) await RestForAsync(message, unknown);
        else if (reason is HypervisorException refused && turn.Awaited is { } wanted) await AwaitBudgetAsync(message, wanted, refused);
        // The host could not wait for it: whoever opens the host again finds the message as if the turn had not begun.
        else _mailbox.PutBack(message);
    }

    private ValueTask HandleAsync(AgentTurn turn, AgentMessage message) =>
        Budget is { } account && account.IsLimited(BudgetResource.CpuTime) ? HandleMeasuredAsync(account, turn, message) : HandleOnceAsync(turn, message);

    private ValueTask HandleOnceAsync(AgentTurn turn, AgentMessage message)
    {
        IAgentBehavior behavior = _behavior ?? WakeUp();
        return Migrates ? MigrateAndHandleAsync(behavior, turn, message) : HandleAsync(behavior, turn, message);
    }

    private static ValueTask HandleAsync(IAgentBehavior behavior, AgentTurn turn, AgentMessage message) => message.Kind switch
    {
        MessageKind.Message => behavior.OnMessageAsync(turn, message),
        MessageKind.Event => behavior.OnEventAsync(turn, message),
        MessageKind.Start => behavior.OnStartAsync(turn),
        MessageKind.Task => DoTaskAsync(behavior, turn, (TaskAttempt)message.Asker!),
        _ => behavior.OnStopAsync(turn),
    };

    private IAgentBehavior WakeUp()
    {
        IAgentBehavior behavior = Type.CreateBehavior();
        _behavior = behavior;
        if (Type.Rest is not null) Host.Janitor.Woke();
        lock (Session.Gate)
        {
            if (_status is AgentStatus.Hibernated) _status = AgentStatus.Idle;
        }

        return behavior;
    }

    /// <summary>A schedule that was ended while its occurrence waited is not run, nor is an attempt that counts no more.</summary>
    private static bool IsWanted(AgentMessage message) => message.Schedule is not { IsCancelled: true } && message.Asker is not TaskAttempt { IsCurrent: false };
}
