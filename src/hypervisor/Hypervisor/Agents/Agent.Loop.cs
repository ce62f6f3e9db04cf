using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Hypervisor.Agents;

/// <summary>The loop: the agent is its own work item, and on the executor while it has messages.</summary>
public sealed partial class Agent : IThreadPoolWorkItem
{
    /// <summary>Turns before the agent goes to the back of the executor's queue.</summary>
    private const int Quantum = 64;

    private static readonly IReadOnlyDictionary<string, ReadOnlyMemory<byte>> NoVariables = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);

    private IAgentBehavior? _behavior;
    private AgentTurn? _turn;
    private long _restsSince;

    void IThreadPoolWorkItem.Execute() => _ = RunAsync();

    private async Task RunAsync()
    {
        for (int left = Quantum; left > 0; left--)
        {
            if (_mailbox.Take() is not { } message)
            {
                _restsSince = Host.Janitor.Round;
                return;
            }

            ValueTask turn = RunTurnAsync(message);
            if (turn.IsCompletedSuccessfully) turn.GetAwaiter().GetResult();
            else await turn;
        }

        Executor.Post(this);
    }

    /// <summary>One turn; never throws.</summary>
    private async ValueTask RunTurnAsync(AgentMessage message)
    {
        if (!IsWanted(message)) return;
        if (message.Kind is MessageKind.Visit)
        {
            await ((AgentVisit)message.Asker!).RunAsync();
            return;
        }

        MoveIfReplaced();
        AgentTurn turn = _turn ??= new AgentTurn(this);
        try
        {
            turn.Begin(message);
            if (message.IsSuspect && !await BeginAgainAsync(message)) return;
            await HandleAsync(turn, message);
            if (Durable is not null) await turn.CommitAsync(message);
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
        catch (HypervisorException refused) when (refused.Code == HypervisorErrors.BudgetExhausted && message.Kind is not MessageKind.Stop && turn.Awaited is { } wanted)
        {
            await AwaitBudgetAsync(message, wanted, refused);
            return;
        }
        catch (AwaitingApprovalException)
        {
            await AwaitApprovalAsync(message);
            return;
        }
        catch (OutcomeUnknownException unknown)
        {
            await RestForAsync(message, unknown);
            return;
        }
        catch (Exception) when (Durable is not null && turn.IsForcedByHost)
        {
            // The host could not wait for it: whoever opens the host again finds the message as if the turn had not begun.
            Variables?.Discard();
            _mailbox.PutBack(message);
            await ClearAsync(message);
            return;
        }
#pragma warning disable CA1031 // Whatever a behaviour throws is its failure, and supervision's to answer.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Variables?.Discard();
            int attempt = message.Attempt;
            await OnFailedAsync(turn, message, failure);
            Host.OnTurnEnded(this, message, LastError, attempt);
        }
        finally
        {
            turn.End();
        }

        if (message.Kind is MessageKind.Stop) await EndAsync(AgentStatus.Stopped, "It was asked to.");
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

    /// <summary>A schedule that was ended while its occurrence waited is not run.</summary>
    private static bool IsWanted(AgentMessage message) => message.Schedule is not { IsCancelled: true };
}
