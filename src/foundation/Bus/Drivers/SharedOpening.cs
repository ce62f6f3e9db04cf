namespace Sirsi.Bus.Drivers;

/// <summary>
/// Something that is opened when it is first asked for and shared by all who ask, a connection or a channel; it is opened anew for whoever asks when that failed, or when it is no
/// longer usable. Safe for any number of threads.
/// </summary>
/// <param name="open">Opens it.</param>
/// <param name="isUsable">Whether what was opened still serves.</param>
/// <param name="close">Closes what was opened; does not fail.</param>
internal sealed class SharedOpening<T>(Func<Task<T>> open, Func<T, bool> isUsable, Func<T, ValueTask> close) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private Task<T>? _opening;
    private bool _disposed;

    public Task<T> GetAsync()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_opening is null or { IsFaulted: true } or { IsCanceled: true }) return _opening = open();
            if (!_opening.IsCompleted) return _opening;
#pragma warning disable VSTHRD103 // It has completed: nothing is waited for.
            T opened = _opening.Result;
#pragma warning restore VSTHRD103
            if (isUsable(opened)) return _opening;
            _ = close(opened).AsTask();
            return _opening = open();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task<T>? opening;
        lock (_lock)
        {
            _disposed = true;
            opening = _opening;
        }

        if (opening is null) return;
        // Whoever asked has heard of a failure.
        await Task.WhenAny(opening);
        if (opening.IsCompletedSuccessfully) await close(await opening);
    }
}
