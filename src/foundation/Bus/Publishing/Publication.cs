using System.Buffers;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Bus.Measuring;

namespace Sirsi.Bus.Publishing;

/// <summary>An event on its way: keeps its bytes until it is in the log, and counts and measures it.</summary>
internal sealed class Publication(StepPool<Publication> pool, PublicationCounts counts, BusMetrics metrics) : PooledStep<PublishReceipt, PublishReceipt>
{
    private byte[] _buffer = [];
    private int _length;
    private LogName _log;
    private long _began;

    /// <summary>A buffer for the encoded event, with a byte before it for the driver.</summary>
    public Memory<byte> Rent(int lengthMax)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(lengthMax);
        return _buffer;
    }

    public ValueTask<PublishReceipt> StartAsync(EventLog log, in NewEvent newEvent, CancellationToken cancellation)
    {
        (_length, _log, _began) = (newEvent.Bytes.Length, log.Name, metrics.Begin());
        ValueTask<PublishReceipt> appending;
        try
        {
            appending = log.AppendAsync(newEvent, cancellation);
        }
        catch (Exception failure)
        {
            Cancel(log, failure);
            throw;
        }

        return RunAsync(appending);
    }

    /// <summary>Gives up before the start; gives what the caller is told.</summary>
    public Exception Cancel(EventLog log, Exception failure)
    {
        (_log, _began) = (log.Name, 0);
        _ = Fail(failure);
        Release();
        return failure;
    }

    protected override PublishReceipt Succeed(PublishReceipt result)
    {
        counts.Add(result, _length);
        metrics.AddPublished(_log, _began);
        return result;
    }

    protected override Exception Fail(Exception failure)
    {
        counts.AddRefused();
        metrics.AddPublished(_log, _began, failure);
        return failure;
    }

    protected override void Release()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        pool.Return(this);
    }
}

/// <summary>Counts publications. Safe for any number of threads.</summary>
internal sealed class PublicationCounts
{
    private long _published, _repetitions, _refused, _bytes;

    public void Add(PublishReceipt receipt, int length)
    {
        Interlocked.Increment(ref receipt.IsRepetition ? ref _repetitions : ref _published);
        if (!receipt.IsRepetition) Interlocked.Add(ref _bytes, length);
    }

    public void AddRefused() => Interlocked.Increment(ref _refused);

    public BusStatistics Read(int logs) => new(
        Volatile.Read(ref _published), Volatile.Read(ref _repetitions), Volatile.Read(ref _refused), Volatile.Read(ref _bytes), logs);
}
