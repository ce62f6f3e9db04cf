using System.Text;
using Sirsi.Core.Hosting;

namespace Sirsi.Simulation.Faults;

/// <summary>
/// What steps of agents change: a server somewhere that outlives the process. It does a thing once for each key, as servers with idempotency keys do, remembers how often it was asked, takes its time, and now and then refuses, or does
/// it and its answer is lost.
/// </summary>
public sealed class OutsideWorld
{
    private readonly SortedDictionary<string, OutsideEffect> _effects = new(StringComparer.Ordinal);
    private readonly Weather _weather;

    internal OutsideWorld(Weather weather) => _weather = weather;

    /// <summary>What was done, by key.</summary>
    public IReadOnlyDictionary<string, OutsideEffect> Effects => _effects;

    /// <summary>What it hears when a key is said to it, for tests that have to show that another one is found out. Null, the default: the key.</summary>
    internal Func<string, string>? Mishears { get; set; }

    /// <summary>The environment of the process that asks, whose end is the end of its asking.</summary>
    internal HostEnvironment Caller { get; set; } = null!;

    /// <summary>Has it done, once for each key; asked again, it only answers.</summary>
    /// <param name="key">The key: <c>StepCall.Key</c>.</param>
    /// <param name="what">What is to be done, in words.</param>
    /// <param name="onDone">Called at the moment when it is done, once for each key.</param>
    /// <param name="cancellation">Gives up waiting; it may be done all the same.</param>
    /// <returns>The key, as UTF-8.</returns>
    /// <exception cref="IOException">It was refused, or it was done and the answer was lost.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> DoAsync(string key, string what, Action? onDone = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (Mishears is not null) key = Mishears(key);
        TimeProvider time = Caller.Time;
        await Task.Delay(_weather.UpTo(_weather.Faults.OutsideDelayMax), time, cancellation);
        if (_weather.Happens(_weather.Faults.OutsideErrors)) throw new IOException("The outside world refuses.");
        bool isKnown = _effects.TryGetValue(key, out OutsideEffect? known);
        _effects[key] = isKnown ? known! with { Asked = known.Asked + 1 } : new OutsideEffect(what, time.GetUtcNow(), 1);
        if (!isKnown) onDone?.Invoke();
        await Task.Delay(_weather.UpTo(_weather.Faults.OutsideDelayMax), time, cancellation);
        if (_weather.Happens(_weather.Faults.OutsideErrors)) throw new IOException("The outside world was asked, and its answer is lost.");
        return Encoding.UTF8.GetBytes(key);
    }
}

/// <summary>What the outside world did for a key.</summary>
/// <param name="What">What, in words.</param>
/// <param name="At">When it was asked first.</param>
/// <param name="Asked">How often it was asked.</param>
public sealed record OutsideEffect(string What, DateTimeOffset At, int Asked);
