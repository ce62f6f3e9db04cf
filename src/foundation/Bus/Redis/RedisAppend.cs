using System.Threading.Tasks.Sources;
using Sirsi.Bus.Drivers;

namespace Sirsi.Bus.Redis;

/// <summary>An append from its command to its answer. It is the publisher's task, is used again afterwards, and wakes those that were answered after it in the same go.</summary>
internal sealed class RedisAppend(StepPool<RedisAppend> pool) : IValueTaskSource<PublishReceipt>, IThreadPoolWorkItem
{
    private ManualResetValueTaskSourceCore<PublishReceipt> _core;
    private int _partition;
    private PublishReceipt _receipt;
    private BusException? _failure;

    /// <summary>The one answered after it, which it wakes.</summary>
    public RedisAppend? Next { get; set; }

    public ValueTask<PublishReceipt> Task => new(this, _core.Version);

    public void Begin(int partition) => (_partition, _failure) = (partition, null);

    /// <summary>The event is in the log. Nobody hears of it before <see cref="IThreadPoolWorkItem.Execute"/>.</summary>
    /// <param name="place">The id of the stream's entry; that of the first one, behind an equals sign, of a repetition.</param>
    public void Succeed(ReadOnlySpan<byte> place)
    {
        bool isRepetition = place.StartsWith("="u8);
        _receipt = new PublishReceipt(_partition, RedisPosition.Of(isRepetition ? place[1..] : place), isRepetition);
    }

    public void Fail(BusException failure) => _failure = failure;

    void IThreadPoolWorkItem.Execute()
    {
        for (RedisAppend? append = this; append is not null;)
        {
            // Once woken, it may be another's: its link is read before.
            RedisAppend waking = append;
            append = append.Next;
            if (waking._failure is { } failure) waking._core.SetException(failure);
            else waking._core.SetResult(waking._receipt);
        }
    }

    PublishReceipt IValueTaskSource<PublishReceipt>.GetResult(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            pool.Return(this);
        }
    }

    ValueTaskSourceStatus IValueTaskSource<PublishReceipt>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<PublishReceipt>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
