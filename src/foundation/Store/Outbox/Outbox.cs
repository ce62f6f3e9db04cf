using System.Collections.Immutable;

namespace Sirsi.Store;

/// <summary>
/// Messages that are sent if, and only if, the unit of work that appended them is kept; <see cref="OutboxRelay"/> delivers them. Order: those
/// of one unit as appended, and those of a unit that began after another was acknowledged come after that one's.
/// </summary>
public static class Outbox
{
    /// <summary>The longest payload; 1 MiB.</summary>
    public const int PayloadBytesMax = 1 << 20;

    /// <summary>Appends a message.</summary>
    /// <param name="unit">What it is part of.</param>
    /// <param name="scope">Whose it is.</param>
    /// <param name="id">A new id from the host environment, taken before the unit, so that a repeated unit sends the same one.</param>
    /// <param name="topic">Where to: 1 to 512 bytes of UTF-8.</param>
    /// <param name="key">What the receiver may order or partition by; may be empty.</param>
    /// <param name="payload">At most <see cref="PayloadBytesMax"/> bytes.</param>
    public static async ValueTask AppendAsync(UnitOfWork unit, ProjectScope scope, Guid id, string topic, string key, ReadOnlyMemory<byte> payload)
    {
        ArgumentNullException.ThrowIfNull(unit);
        scope.ThrowIfEmpty(nameof(scope));
        StoreName.ThrowIfWrong(topic, nameof(topic));
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length > 0) StoreName.ThrowIfWrong(key, nameof(key));
        if (payload.Length > PayloadBytesMax) throw new ArgumentException($"A payload has at most {PayloadBytesMax:N0} bytes.", nameof(payload));
        await unit.ExecuteAsync(
            "INSERT INTO sirsi_outbox (tenant, project, id, topic, key, payload, appended_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            scope.Tenant.Value, scope.Project.Value, id, topic, key, payload, await unit.NowAsync());
        unit.Signal(Signal);
    }

    /// <summary>How many messages wait to be delivered.</summary>
    public static ValueTask<long> CountAsync(ReadSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return session.QueryFirstAsync("SELECT COUNT(*) FROM sirsi_outbox", static row => row.Integer(0));
    }

    internal static SignalKey Signal { get; } = new("outbox", default, "");

    internal static ValueTask<ImmutableArray<OutboxMessage>> PeekAsync(ReadSession session, int limit) => session.QueryAsync(
        "SELECT sequence, tenant, project, id, topic, key, payload, appended_at FROM sirsi_outbox ORDER BY sequence LIMIT $1",
        static row => new OutboxMessage(row.Integer(0), new ProjectScope(new TenantId(row.Uuid(1)), new ProjectId(row.Uuid(2))), row.Uuid(3),
            row.Text(4), row.Text(5), row.Bytes(6), row.Instant(7)), limit);
}
