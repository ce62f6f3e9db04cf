using System.Buffers;
using Sirsi.Bus.Drivers;

namespace Sirsi.Bus.Publishing;

/// <summary>An event on its way: keeps its bytes until it is in the log, and counts it.</summary>
internal sealed class Publication(StepPool<Publication> pool, PublicationCounts counts) : PooledStep<PublishReceipt, PublishReceipt>
{
    private byte[] _buffer = [];
    private int _length;

    /// <summary>A buffer for the encoded event, with a byte before it for the driver.</summary>
    public Memory<byte> Rent(int lengthMax)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(lengthMax);
        return _buffer;
    }

    public ValueTask<PublishReceipt> StartAsync(EventLog log, in NewEvent newEvent, CancellationToken cancellation)
    {
        _length = newEvent.Bytes.Length;
        ValueTask<PublishReceipt> appending;
        try
        {
            appending = log.AppendAsync(newEvent, cancellation);
        }
        catch
        {
            Cancel();
            throw;
        }

        return RunAsync(appending);
    }

    /// <summary>Gives up before the start.</summary>
    public void Cancel()
    {
        counts.AddRefused();
        Release();
    }

    protected override PublishReceipt Succeed(PublishReceipt result)
    {
        counts.Add(result, _length);
        return result;
    }

    protected override Exception Fail(Exception failure)
    {
        counts.AddRefused();
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
