using System.Threading.Channels;

namespace Sirsi.Store.Postgres;

/// <summary>
/// Lets units that have collided be repeated one after the other, so that those of one process do not go on disturbing each other. First
/// attempts do not come here.
/// </summary>
internal sealed class OneAtATime
{
    private readonly Channel<bool> _free = Channel.CreateBounded<bool>(1);

    public OneAtATime() => _free.Writer.TryWrite(true);

    public async ValueTask EnterAsync(CancellationToken cancellation) => await _free.Reader.ReadAsync(cancellation);

    public void Leave() => _free.Writer.TryWrite(true);
}
