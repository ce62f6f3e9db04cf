using System.Threading.Tasks.Sources;
using Sirsi.Core.Hosting;

namespace Sirsi.Journal.Appending;

/// <summary>
/// What the writer waits on: each <see cref="Give"/> lets it go on once, as a new item behind all that the executor has been given
/// before. Without garbage.
/// </summary>
internal sealed class WriterTurn(HostExecutor executor) : IValueTaskSource, IThreadPoolWorkItem
{
    private ManualResetValueTaskSourceCore<bool> _core;

    /// <summary>Lets the writer go on. Not before it has taken the last turn it was given.</summary>
    public void Give() => executor.Post(this);

    public ValueTask TakeAsync() => new(this, _core.Version);

    void IThreadPoolWorkItem.Execute() => _core.SetResult(true);

    void IValueTaskSource.GetResult(short token)
    {
        _core.GetResult(token);
        _core.Reset();
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
