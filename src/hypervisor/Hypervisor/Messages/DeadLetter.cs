using System.Collections.Immutable;

namespace Sirsi.Hypervisor.Messages;

/// <summary>A message that no turn will handle.</summary>
/// <param name="To">Whose mailbox it was for.</param>
/// <param name="Session">The session of that agent.</param>
/// <param name="Message">The message.</param>
/// <param name="At">When it was set aside.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record DeadLetter(AgentId To, SessionId Session, AgentMessage Message, DateTimeOffset At, string Reason);

/// <summary>The last messages that were set aside, the oldest first; those of durable agents also over restarts. Thread-safe.</summary>
public sealed class DeadLetters
{
    /// <summary>What those kept may take in all, in bytes; older ones go.</summary>
    public const long BytesMax = 64 << 20;

    private readonly Queue<DeadLetter> _kept = new();
    private readonly Lock _lock = new();
    private readonly int _keptMax;
    private long _bytes;
    private long _count;

    internal DeadLetters(int keptMax) => _keptMax = keptMax;

    /// <summary>How many there have been since the host was opened, those no longer kept included, and those it found.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Those kept, the oldest first.</summary>
    public ImmutableArray<DeadLetter> Kept()
    {
        lock (_lock) return [.. _kept];
    }

    internal void Add(DeadLetter letter)
    {
        Interlocked.Increment(ref _count);
        lock (_lock)
        {
            _kept.Enqueue(letter);
            _bytes += letter.Message.Weight;
            while (_kept.Count > _keptMax || _bytes > BytesMax) _bytes -= _kept.Dequeue().Message.Weight;
        }
    }
}
