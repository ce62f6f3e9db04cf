using System.Collections.Immutable;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Durability;

namespace Sirsi.Hypervisor.Tasks;

/// <summary>
/// Reads specs that the journal has, without what they wait for. Tasks that come one behind the other are mostly alike but for their payloads: what has the bytes of the one before is that one. Not thread-safe.
/// </summary>
internal sealed class SpecReader(TextCache known)
{
    private const int LengthKeptMax = 1_024;

    private readonly byte[] _lastBytes = new byte[LengthKeptMax];
    private int _lastLength;
    private TaskSpec _last = new("");

    public static void Write(FactWriter facts, TaskSpec spec)
    {
        facts.Put(spec.Type).Put(spec.Payload.Span)
            .Put(spec.Name ?? "").Put((long)spec.Priority).Put(spec.AfterAny ? 1L : 0L).Put((long)spec.WhenDependencyFails).Put(spec.AgentType ?? "");
        Put(facts, spec.Labels);
        facts.Put(spec.Capability ?? "").Put(spec.Agent.Value).Put(spec.NotBefore ?? default).Put(spec.Deadline ?? default).Put(spec.Timeout).Put(spec.Heartbeat ?? default);
        TaskRetry retry = spec.Retry;
        facts.Put((long)retry.AttemptsMax).Put((long)retry.LossesMax).Put(retry.PauseMin).Put(retry.PauseMax).Put(BitConverter.DoubleToUInt64Bits(retry.Jitter));
        Put(facts, retry.Kinds);
        facts.Put(spec.ConcurrencyKey ?? "").Put(spec.IdempotencyKey ?? "");
        Put(facts, spec.Tags);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public TaskSpec Read(ref FactReader facts)
    {
        string type = facts.Text(known);
        ReadOnlySpan<byte> given = facts.Bytes();
        ReadOnlyMemory<byte> payload = given.IsEmpty ? default : given.ToArray();
        // No field is the beginning of another, so what begins alike is alike to its end.
        if (_lastLength > 0 && facts.TrySkip(_lastBytes.AsSpan(0, _lastLength))) return _last with { Type = type, Payload = payload };
        ReadOnlySpan<byte> bytes = facts.Left;
        TaskSpec spec = ReadRest(type, payload, ref facts);
        bytes = bytes[..^facts.Left.Length];
        if (bytes.Length > LengthKeptMax) return spec;
        bytes.CopyTo(_lastBytes);
        (_lastLength, _last) = (bytes.Length, spec with { Payload = default });
        return spec;
    }

    private TaskSpec ReadRest(string type, ReadOnlyMemory<byte> payload, ref FactReader facts) => new(type, payload)
    {
        Name = Optional(facts.Text(known)),
        Priority = (TaskPriority)facts.Number(),
        AfterAny = facts.Number() != 0,
        WhenDependencyFails = (WhenDependencyFails)facts.Number(),
        AgentType = Optional(facts.Text(known)),
        Labels = Texts(ref facts),
        Capability = Optional(facts.Text(known)),
        Agent = facts.Id<AgentKind>(),
        NotBefore = Optional(facts.Instant()),
        Deadline = Optional(facts.Instant()),
        Timeout = facts.Span(),
        Heartbeat = facts.Span() is { Ticks: > 0 } silence ? silence : null,
        Retry = ReadRetry(ref facts),
        ConcurrencyKey = Optional(facts.Text(known)),
        IdempotencyKey = Optional(facts.Text()),
        Tags = Texts(ref facts),
    };

    private TaskRetry ReadRetry(ref FactReader facts)
    {
        (int attempts, int losses, TimeSpan shortest, TimeSpan longest) = ((int)facts.Number(), (int)facts.Number(), facts.Span(), facts.Span());
        double jitter = BitConverter.UInt64BitsToDouble(facts.Word());
        ImmutableArray<string> kinds = Texts(ref facts);
        TaskRetry usual = TaskRetry.Default;
        return attempts == usual.AttemptsMax && losses == usual.LossesMax && shortest == usual.PauseMin && longest == usual.PauseMax && jitter.Equals(usual.Jitter) && kinds.IsEmpty
            ? usual
            : new TaskRetry { AttemptsMax = attempts, LossesMax = losses, PauseMin = shortest, PauseMax = longest, Jitter = jitter, Kinds = kinds };
    }

    private static void Put(FactWriter facts, ImmutableArray<string> texts)
    {
        facts.Put((long)texts.Length);
        foreach (string text in texts) facts.Put(text);
    }

    private ImmutableArray<string> Texts(ref FactReader facts)
    {
        long count = facts.Number();
        if (count == 0) return [];
        var texts = ImmutableArray.CreateBuilder<string>();
        for (; count > 0; count--) texts.Add(facts.Text(known));
        return texts.DrainToImmutable();
    }

    private static string? Optional(string text) => text.Length == 0 ? null : text;

    private static DateTimeOffset? Optional(DateTimeOffset instant) => instant.Ticks == 0 ? null : instant;
}
