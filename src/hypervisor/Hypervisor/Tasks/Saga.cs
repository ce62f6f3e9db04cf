using Sirsi.Hypervisor.Turns;

namespace Sirsi.Hypervisor.Tasks;

/// <summary>
/// Tasks that are undone, in the reverse order, when one that comes after them fails (Garcia-Molina and Salem 1987). Its progress is that of the turn: it goes on after a restart where it was. Used from the flow of the turn.
/// </summary>
public sealed class Saga
{
    private readonly AgentTurn _turn;
    private readonly Stack<TaskSpec> _undo = new();
    private readonly List<TaskEnding> _notUndone = [];

    /// <summary>A saga of a turn.</summary>
    public Saga(AgentTurn turn)
    {
        ArgumentNullException.ThrowIfNull(turn);
        _turn = turn;
    }

    /// <summary>Whether something failed, and what was done before has been undone.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>What could not be undone: a person has to. Empty as a rule.</summary>
    public IReadOnlyList<TaskEnding> NotUndone => _notUndone;

    /// <summary>Has a task done. When it does not succeed, what was done before is undone, the last first.</summary>
    /// <param name="spec">What is to be done.</param>
    /// <param name="undo">What undoes it; null when nothing has to.</param>
    /// <returns>What came of it.</returns>
    /// <exception cref="InvalidOperationException">The saga has failed already.</exception>
    public async ValueTask<TaskEnding> DoAsync(TaskSpec spec, TaskSpec? undo = null)
    {
        if (HasFailed) throw new InvalidOperationException("The saga has failed, and what it did is undone: it does nothing more.");
        TaskEnding ending = await _turn.RunAsync(spec);
        if (!ending.HasSucceeded) await UndoAsync();
        else if (undo is not null) _undo.Push(undo);
        return ending;
    }

    /// <summary>Undoes what was done, the last first, and ends the saga.</summary>
    public async ValueTask UndoAsync()
    {
        HasFailed = true;
        while (_undo.TryPop(out TaskSpec? undo))
        {
            TaskEnding ending = await _turn.RunAsync(undo);
            if (!ending.HasSucceeded) _notUndone.Add(ending);
        }
    }
}
