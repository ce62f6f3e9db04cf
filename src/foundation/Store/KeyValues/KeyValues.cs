using System.Text;

namespace Sirsi.Store;

/// <summary>
/// Keys with values, versions and history. Writers of one space are put in order, so its changes have numbers in the order of their commits:
/// a watcher that has seen number n misses nothing by asking for what comes after n. Keys are 1 to 512 bytes of UTF-8 and sorted bytewise.
/// </summary>
public static class KeyValues
{
    /// <summary>The longest value; 1 MiB. Larger things belong into files.</summary>
    public const int ValueBytesMax = 1 << 20;

    private const string Where = "tenant = $1 AND project = $2 AND space = $3";

    /// <summary>The present value of a key, or null.</summary>
    public static ValueTask<KeyValue?> GetAsync(ReadSession session, KeySpace space, string key)
    {
        ArgumentNullException.ThrowIfNull(session);
        Check(space, key);
        return session.QueryFirstAsync(
            $"SELECT key, value, version, changed_at FROM sirsi_value WHERE {Where} AND key = $4",
            ReadValue, space.Scope.Tenant.Value, space.Scope.Project.Value, space.Name, Encoding.UTF8.GetBytes(key));
    }

    /// <summary>Sets a key.</summary>
    /// <param name="unit">What it is part of.</param>
    /// <param name="space">Where.</param>
    /// <param name="key">Which.</param>
    /// <param name="value">At most <see cref="ValueBytesMax"/> bytes.</param>
    /// <param name="expectedVersion">The version it must have now, 0 for a key that must be absent; null to set it in any case.</param>
    public static ValueTask<KeyWrite> PutAsync(UnitOfWork unit, KeySpace space, string key, ReadOnlyMemory<byte> value, long? expectedVersion = null)
    {
        if (value.Length > ValueBytesMax) throw new ArgumentException($"A value has at most {ValueBytesMax:N0} bytes.", nameof(value));
        return WriteAsync(unit, space, key, value, expectedVersion);
    }

    /// <summary>Removes a key; its history stays. A key that is absent already is no conflict unless a version is expected.</summary>
    /// <inheritdoc cref="PutAsync" path="/param"/>
    public static ValueTask<KeyWrite> DeleteAsync(UnitOfWork unit, KeySpace space, string key, long? expectedVersion = null) =>
        WriteAsync(unit, space, key, value: null, expectedVersion);

    /// <summary>The number of the last change of a space; 0 before the first.</summary>
    public static async ValueTask<long> RevisionAsync(ReadSession session, KeySpace space)
    {
        ArgumentNullException.ThrowIfNull(session);
        space.ThrowIfEmpty(nameof(space));
        return (await StateAsync(session, space)).Revision;
    }

    /// <summary>Keys that begin with <paramref name="prefix"/> and their values, in the order of the keys, page by page.</summary>
    /// <param name="session">What to read in.</param>
    /// <param name="space">Where.</param>
    /// <param name="prefix">What the keys begin with; empty for all.</param>
    /// <param name="page">Which page.</param>
    /// <exception cref="ArgumentException">The cursor is not one that this listing gave.</exception>
    public static async ValueTask<Page<KeyValue>> ListAsync(ReadSession session, KeySpace space, string prefix, PageRequest page)
    {
        ArgumentNullException.ThrowIfNull(session);
        space.ThrowIfEmpty(nameof(space));
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentNullException.ThrowIfNull(page);
        byte[] first = Encoding.UTF8.GetBytes(prefix);
        string listing = $"keys/{space.Scope}/{space.Name}/{prefix}";
        byte[] after = page.After(listing) ?? [];
        // Byte 0xFF is in no UTF-8, so it ends every prefix.
        return Page<KeyValue>.Of(await session.QueryAsync(
            $"SELECT key, value, version, changed_at FROM sirsi_value WHERE {Where} AND key >= $4 AND key < $5 AND key > $6 ORDER BY key LIMIT $7",
            ReadValue, space.Scope.Tenant.Value, space.Scope.Project.Value, space.Name, first, (byte[])[.. first, 0xFF], after, page.Limit + 1),
            page, listing, static value => Encoding.UTF8.GetBytes(value.Key));
    }

    /// <summary>The changes of a key, newest first.</summary>
    /// <param name="session">What to read in.</param>
    /// <param name="space">Where.</param>
    /// <param name="key">Which.</param>
    /// <param name="page">Which page.</param>
    public static async ValueTask<Page<KeyChange>> HistoryAsync(ReadSession session, KeySpace space, string key, PageRequest page)
    {
        ArgumentNullException.ThrowIfNull(session);
        Check(space, key);
        ArgumentNullException.ThrowIfNull(page);
        string listing = $"history/{space.Scope}/{space.Name}/{key}";
        long before = page.After(listing) is { } after ? PageCursor.Number(after) : long.MaxValue;
        return Page<KeyChange>.Of(await session.QueryAsync(
            $"SELECT key, value, version, changed_at FROM sirsi_change WHERE {Where} AND key = $4 AND version < $5 ORDER BY version DESC LIMIT $6",
            ReadChange, space.Scope.Tenant.Value, space.Scope.Project.Value, space.Name, Encoding.UTF8.GetBytes(key), before, page.Limit + 1),
            page, listing, static change => PageCursor.Bytes(change.Version));
    }

    /// <summary>The changes of a space after number <paramref name="after"/>, oldest first.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrors.HistoryGone"/>: some of them have been trimmed.</exception>
    public static async ValueTask<IReadOnlyList<KeyChange>> ChangesAsync(ReadSession session, KeySpace space, long after, int limit)
    {
        ArgumentNullException.ThrowIfNull(session);
        space.ThrowIfEmpty(nameof(space));
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        (long revision, long trimmed) = await StateAsync(session, space);
        if (after < trimmed)
        {
            throw new StoreException(StoreErrors.HistoryGone,
                $"Changes of space '{space.Name}' are kept from number {trimmed + 1} to {revision}; those after {after} were asked for.");
        }

        return await session.QueryAsync(
            $"SELECT key, value, version, changed_at FROM sirsi_change WHERE {Where} AND version > $4 ORDER BY version LIMIT $5",
            ReadChange, space.Scope.Tenant.Value, space.Scope.Project.Value, space.Name, after, limit);
    }

    /// <summary>Forgets the changes up to number <paramref name="through"/>; present values stay. Gives how many were forgotten.</summary>
    public static async ValueTask<int> TrimAsync(UnitOfWork unit, KeySpace space, long through)
    {
        ArgumentNullException.ThrowIfNull(unit);
        space.ThrowIfEmpty(nameof(space));
        ArgumentOutOfRangeException.ThrowIfNegative(through);
        (Guid tenant, Guid project) = (space.Scope.Tenant.Value, space.Scope.Project.Value);
        long revision = (await StateAsync(unit, space)).Revision;
        through = Math.Min(through, revision);
        await unit.ExecuteAsync($"UPDATE sirsi_space SET trimmed = $4 WHERE {Where} AND trimmed < $4", tenant, project, space.Name, through);
        return await unit.ExecuteAsync($"DELETE FROM sirsi_change WHERE {Where} AND version <= $4", tenant, project, space.Name, through);
    }

    private static async ValueTask<KeyWrite> WriteAsync(UnitOfWork unit, KeySpace space, string key, ReadOnlyMemory<byte>? value, long? expectedVersion)
    {
        ArgumentNullException.ThrowIfNull(unit);
        Check(space, key);
        if (expectedVersion is < 0) throw new ArgumentOutOfRangeException(nameof(expectedVersion), expectedVersion, "A version is 0 or more.");
        (Guid tenant, Guid project, byte[] name) = (space.Scope.Tenant.Value, space.Scope.Project.Value, Encoding.UTF8.GetBytes(key));
        if (expectedVersion is not null || value is null)
        {
            long present = await unit.QueryFirstAsync(
                $"SELECT version FROM sirsi_value WHERE {Where} AND key = $4", static row => row.Integer(0), tenant, project, space.Name, name);
            if (expectedVersion is { } expected && expected != present) return new KeyWrite(IsDone: false, present);
            if (value is null && present == 0) return new KeyWrite(IsDone: true, 0);
        }

        // The row of the space is locked by this until the unit ends: the next number is given when this one is decided.
        long version = await unit.QueryFirstAsync(
            """
            INSERT INTO sirsi_space (tenant, project, space, revision, trimmed) VALUES ($1, $2, $3, 1, 0)
            ON CONFLICT (tenant, project, space) DO UPDATE SET revision = sirsi_space.revision + 1 RETURNING revision
            """, static row => row.Integer(0), tenant, project, space.Name);
        DateTimeOffset now = await unit.NowAsync();
        object? stored = value is { } bytes ? (object)bytes : null;
        if (stored is null)
        {
            await unit.ExecuteAsync($"DELETE FROM sirsi_value WHERE {Where} AND key = $4", tenant, project, space.Name, name);
        }
        else
        {
            await unit.ExecuteAsync(
                """
                INSERT INTO sirsi_value (tenant, project, space, key, version, value, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
                ON CONFLICT (tenant, project, space, key)
                DO UPDATE SET version = excluded.version, value = excluded.value, changed_at = excluded.changed_at
                """, tenant, project, space.Name, name, version, stored, now);
        }

        await unit.ExecuteAsync(
            "INSERT INTO sirsi_change (tenant, project, space, version, key, value, changed_at) VALUES ($1, $2, $3, $4, $5, CAST($6 AS "
            + unit.Dialect.Bytes + "), $7)", tenant, project, space.Name, version, name, stored, now);
        unit.Signal(space.Signal);
        return new KeyWrite(IsDone: true, stored is null ? 0 : version);
    }

    private static ValueTask<(long Revision, long Trimmed)> StateAsync(ReadSession session, KeySpace space) => session.QueryFirstAsync(
        $"SELECT revision, trimmed FROM sirsi_space WHERE {Where}", static row => (row.Integer(0), row.Integer(1)),
        space.Scope.Tenant.Value, space.Scope.Project.Value, space.Name);

    private static void Check(KeySpace space, string key)
    {
        space.ThrowIfEmpty(nameof(space));
        StoreName.ThrowIfWrong(key, nameof(key));
    }

    private static KeyValue ReadValue(DatabaseRow row) => new(Encoding.UTF8.GetString(row.Bytes(0)), row.Bytes(1), row.Integer(2), row.Instant(3));

    private static KeyChange ReadChange(DatabaseRow row) => new(
        Encoding.UTF8.GetString(row.Bytes(0)), row.IsNull(1) ? (ReadOnlyMemory<byte>?)null : row.Bytes(1), row.Integer(2), row.Instant(3));
}
