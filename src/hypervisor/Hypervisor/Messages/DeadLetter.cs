using System.Collections.Immutable;

namespace Sirsi.Hypervisor.Messages;

/// <summary>A message that no turn will handle.</summary>
/// <param name="To">Whose mailbox it was for.</param>
/// <param name="Session">The session of that agent.</param>
/// <param name="Message">The message.</param>
/// <param name="At">When it was set aside.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record DeadLetter(AgentId To, SessionId Session, AgentMessage Message, DateTimeOffset At, string Reason);

/// <summary>The last messages that were set aside, the oldest first. Thread-safe.</summary>
public sealed class DeadLetters
{
    private readonly Queue<DeadLetter> _kept = new();
    private readonly Lock _lock = new();
    private readonly int _keptMax;
    private long _count;

    internal DeadLetters(int keptMax) => _keptMax = keptMax;

    /// <summary>How many there have been, those no longer kept included.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Those kept, the oldest first.</summary>
    public ImmutableArray<DeadLetter> Kept()
    {
        lock (_lock) return [.. _kept];
    }

    internal void Add(DeadLetter letter)
    {
        Interlocked.Increment(ref _count);
        if (_keptMax == 0) return;
        lock (_lock)
        {
            if (_kept.Count == _keptMax) _kept.Dequeue();
            _kept.Enqueue(letter);
        }
    }
}
