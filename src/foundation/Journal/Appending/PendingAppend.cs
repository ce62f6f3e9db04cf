using System.Threading.Tasks.Sources;
using Sirsi.Core.Errors;
using Sirsi.Core.Hosting;
using Sirsi.Journal.Format;

namespace Sirsi.Journal.Appending;

/// <summary>
/// An append from its call to its completion, linked to the next one. It is the appender's task and the work item that completes
/// it, and is used again afterwards, so that an append costs no garbage.
/// </summary>
internal sealed class PendingAppend : IValueTaskSource<long>, IThreadPoolWorkItem
{
    private readonly HostExecutor _executor;
    private ManualResetValueTaskSourceCore<long> _core;
    private long _sequence;
    private Exception? _failure;

    public PendingAppend(AppendQueue queue, HostExecutor executor)
    {
        Queue = queue;
        _executor = executor;
        Place = new LinkedListNode<PendingAppend>(this);
    }

    public AppendQueue Queue { get; }

    /// <summary>Its place in the line of those that wait for room.</summary>
    public LinkedListNode<PendingAppend> Place { get; }

    /// <summary>The one appended after it, or the next free one.</summary>
    public PendingAppend? Next { get; set; }

    /// <summary>Where its frame lies in the buffer.</summary>
    public int Offset { get; set; }

    /// <summary>Its records as they go to the disk.</summary>
    public int BodyLength { get; private set; }

    public int RecordCount { get; private set; }

    public int FrameLength => GroupHeader.FrameLengthOf(BodyLength);

    /// <summary>Until it is in the buffer: what to append, one of the two.</summary>
    public ReadOnlyMemory<byte> Record { get; private set; }

    public RecordGroup? Group { get; private set; }

    /// <summary>While it waits for room: since when, and what ends the waiting.</summary>
    public long WaitingSince { get; set; }

    public CancellationTokenRegistration Cancelling { get; set; }

    public bool IsWaiting { get; set; }

    /// <summary>Whether it may be used again: a cancellation that comes too late must find no other append in its place.</summary>
    public bool IsReusable { get; set; } = true;

    public ValueTask<long> Task => new(this, _core.Version);

    public void Begin(ReadOnlyMemory<byte> record, RecordGroup? group)
    {
        Record = record;
        Group = group;
        BodyLength = group is null ? checked(GroupHeader.LengthSize + record.Length) : group.Body.Length;
        RecordCount = group?.Count ?? 1;
        Next = null;
        _failure = null;
    }

    /// <summary>The records are copied; the appender's memory is its own again.</summary>
    public void LetGo()
    {
        Record = default;
        Group = null;
    }

    /// <summary>Wakes the appender, who gets the sequence number of its first record.</summary>
    public void Succeed(long sequence)
    {
        _sequence = sequence;
        _executor.Post(this);
    }

    public void Fail(ErrorCode code, string message, Exception? cause) => Fail(new JournalException(code, message, cause));

    public void Fail(Exception failure)
    {
        LetGo();
        _failure = failure;
        _executor.Post(this);
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (_failure is { } failure) _core.SetException(failure);
        else _core.SetResult(_sequence);
    }

    long IValueTaskSource<long>.GetResult(short token)
    {
        bool isOver = _core.GetStatus(token) is not ValueTaskSourceStatus.Pending;
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            if (isOver)
            {
                _core.Reset();
                Queue.TakeBack(this);
            }
        }
    }

    ValueTaskSourceStatus IValueTaskSource<long>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<long>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
