namespace Sirsi.Store;

/// <summary>Leases with fencing tokens, by the clock of the database. Names and holders are 1 to 512 bytes of UTF-8.</summary>
public static class Leases
{
    private const string Where = "tenant = $1 AND project = $2 AND name = $3";

    /// <summary>Takes a lease that is free or has expired; null while somebody has it, the same holder included.</summary>
    /// <param name="unit">What it is part of.</param>
    /// <param name="scope">Whose it is.</param>
    /// <param name="name">What it is for.</param>
    /// <param name="holder">Who takes it: a name for messages; the token is what counts.</param>
    /// <param name="time">How long it holds unless prolonged; up to a day.</param>
    public static async ValueTask<Lease?> TryAcquireAsync(UnitOfWork unit, ProjectScope scope, string name, string holder, TimeSpan time)
    {
        ArgumentNullException.ThrowIfNull(unit);
        scope.ThrowIfEmpty(nameof(scope));
        StoreName.ThrowIfWrong(name, nameof(name));
        StoreName.ThrowIfWrong(holder, nameof(holder));
        DatabaseLimits.ThrowIfNotInRange(time, nameof(time));
        DateTimeOffset now = await unit.NowAsync();
        long token = await unit.QueryFirstAsync(
            """
            INSERT INTO sirsi_lease (tenant, project, name, holder, token, expires_at) VALUES ($1, $2, $3, $4, 1, $5)
            ON CONFLICT (tenant, project, name) DO UPDATE
            SET holder = excluded.holder, token = sirsi_lease.token + 1, expires_at = excluded.expires_at
            WHERE sirsi_lease.expires_at <= $6 RETURNING token
            """, static row => row.Integer(0), scope.Tenant.Value, scope.Project.Value, name, holder, now + time, now);
        return token == 0 ? null : new Lease(scope, name, holder, token, Rounded(now + time));
    }

    /// <summary>Prolongs a lease from now on; null when it has expired or is another's.</summary>
    /// <param name="unit">What it is part of.</param>
    /// <param name="lease">The lease.</param>
    /// <param name="time">How long it holds from now on; up to a day.</param>
    /// <param name="evenExpired">Whether one that has expired is prolonged too, as long as nobody has taken it since.</param>
    public static async ValueTask<Lease?> TryRenewAsync(UnitOfWork unit, Lease lease, TimeSpan time, bool evenExpired = false)
    {
        ArgumentNullException.ThrowIfNull(unit);
        ArgumentNullException.ThrowIfNull(lease);
        DatabaseLimits.ThrowIfNotInRange(time, nameof(time));
        DateTimeOffset now = await unit.NowAsync();
        int changed = await unit.ExecuteAsync(
            $"UPDATE sirsi_lease SET expires_at = $5 WHERE {Where} AND token = $4 AND expires_at > $6",
            lease.Scope.Tenant.Value, lease.Scope.Project.Value, lease.Name, lease.Token, now + time, evenExpired ? DateTimeOffset.MinValue : now);
        return changed == 0 ? null : lease with { ExpiresAt = Rounded(now + time) };
    }

    /// <summary>Gives a lease up, so that the next can have it at once; false when it was another's already.</summary>
    public static async ValueTask<bool> ReleaseAsync(UnitOfWork unit, Lease lease)
    {
        ArgumentNullException.ThrowIfNull(unit);
        ArgumentNullException.ThrowIfNull(lease);
        // The row stays, for its token must never be given again; the next one makes this one stale.
        return await unit.ExecuteAsync(
            $"UPDATE sirsi_lease SET expires_at = 0, token = token + 1 WHERE {Where} AND token = $4",
            lease.Scope.Tenant.Value, lease.Scope.Project.Value, lease.Name, lease.Token) == 1;
    }

    /// <summary>
    /// Whether nobody has succeeded the holder, and nobody will before the unit has ended: the check that belongs into every unit the lease
    /// guards. An expired lease that nobody else took is still current; expiry only allows to take over.
    /// </summary>
    public static async ValueTask<bool> IsCurrentAsync(UnitOfWork unit, Lease lease)
    {
        ArgumentNullException.ThrowIfNull(unit);
        ArgumentNullException.ThrowIfNull(lease);
        return await unit.QueryFirstAsync(
            $"SELECT token FROM sirsi_lease WHERE {Where} {unit.Dialect.ForShare}", static row => row.Integer(0),
            lease.Scope.Tenant.Value, lease.Scope.Project.Value, lease.Name) == lease.Token;
    }

    /// <summary>Who has a lease now; null when nobody has.</summary>
    public static async ValueTask<Lease?> GetAsync(ReadSession session, ProjectScope scope, string name)
    {
        ArgumentNullException.ThrowIfNull(session);
        scope.ThrowIfEmpty(nameof(scope));
        StoreName.ThrowIfWrong(name, nameof(name));
        return await session.QueryFirstAsync(
            $"SELECT holder, token, expires_at FROM sirsi_lease WHERE {Where} AND expires_at > $4",
            row => new Lease(scope, name, row.Text(0), row.Integer(1), row.Instant(2)),
            scope.Tenant.Value, scope.Project.Value, name, await session.NowAsync());
    }

    private static DateTimeOffset Rounded(DateTimeOffset instant) => Instants.FromMicroseconds(Instants.ToMicroseconds(instant));
}
