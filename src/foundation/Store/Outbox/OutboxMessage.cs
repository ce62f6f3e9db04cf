namespace Sirsi.Store;

/// <summary>A message that was appended in a unit of work and is to be delivered because that was committed.</summary>
/// <param name="Sequence">Its place in the order of delivery.</param>
/// <param name="Scope">Whose it is.</param>
/// <param name="Id">The id given when it was appended: the receiver drops what it has seen before by it.</param>
/// <param name="Topic">Where to.</param>
/// <param name="Key">What the receiver may order or partition by; may be empty.</param>
/// <param name="Payload">The message.</param>
/// <param name="AppendedAt">When it was appended.</param>
public sealed record OutboxMessage(
    long Sequence, ProjectScope Scope, Guid Id, string Topic, string Key, ReadOnlyMemory<byte> Payload, DateTimeOffset AppendedAt);
