using System.Threading.Channels;

namespace Sirsi.Bus.Drivers;

/// <summary>Lets so many publications be under way at once; more wait for their turn. Safe for any number of threads.</summary>
internal sealed class AppendGate(int max)
{
    private readonly Channel<bool> _places = Channel.CreateBounded<bool>(max);

    public bool TryEnter() => _places.Writer.TryWrite(true);

    public ValueTask EnterAsync(CancellationToken cancellation) => _places.Writer.WriteAsync(true, cancellation);

    public void Leave() => _places.Reader.TryRead(out _);
}
