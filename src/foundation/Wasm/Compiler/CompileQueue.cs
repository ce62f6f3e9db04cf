namespace Sirsi.Wasm.Compiler;

/// <summary>
/// What an engine has still to compile, done one after the other in the background while the interpreter goes on. Thread-safe. A function that finds
/// the queue full is interpreted and asks again later.
/// </summary>
/// <param name="run">Runs work on another thread.</param>
/// <param name="most">Most entries.</param>
internal sealed class CompileQueue(Action<Action> run, int most) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Queue<Action> _waiting = new();
    private bool _isRunning;
    private bool _isClosed;

    /// <summary>Adds work, which must not throw; false when there is no room.</summary>
    internal bool TryAdd(Action work)
    {
        lock (_gate)
        {
            if (_isClosed || _waiting.Count >= most) return false;
            _waiting.Enqueue(work);
            if (_isRunning) return true;
            _isRunning = true;
        }

        run(Next);
        return true;
    }

    /// <summary>Drops what waits; what is under way comes to its end.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            _waiting.Clear();
        }
    }

    /// <summary>Does one piece of work, and asks for the thread again if there is more: others may wait for it too.</summary>
    private void Next()
    {
        Action? work;
        lock (_gate)
        {
            if (!_waiting.TryDequeue(out work))
            {
                _isRunning = false;
                return;
            }
        }

        work();
        run(Next);
    }
}
