using Sirsi.Bus.Drivers;

namespace Sirsi.Bus.Local;

/// <summary>An event on its way into a log of this process: its id is remembered with its place, or forgotten when it does not come about.</summary>
internal sealed class Appending(StepPool<Appending> pool, LocalRecords records, IdWindow ids) : PooledStep<long, PublishReceipt>
{
    private int _partition;
    private Guid _id;

    /// <param name="appending">Gives the position.</param>
    /// <param name="partition">Where it goes.</param>
    /// <param name="id">The id that is in the window; empty when ids are not remembered.</param>
    public ValueTask<PublishReceipt> StartAsync(ValueTask<long> appending, int partition, Guid id)
    {
        (_partition, _id) = (partition, id);
        return RunAsync(appending);
    }

    protected override PublishReceipt Succeed(long result)
    {
        if (_id != Guid.Empty)
        {
            lock (ids) ids.Place(_id, result);
        }

        return new PublishReceipt(_partition, result, IsRepetition: false);
    }

    protected override Exception Fail(Exception failure)
    {
        if (_id != Guid.Empty)
        {
            // It is not in the log, as far as is known: a second try is no repetition.
            lock (ids) ids.Remove(_id);
        }

        return records.Told(failure);
    }

    protected override void Release() => pool.Return(this);
}
