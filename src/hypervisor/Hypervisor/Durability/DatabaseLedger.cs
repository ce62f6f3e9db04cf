using System.Text;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Durability;

/// <summary>
/// Where durable agents are kept in a database, beside whatever else it holds: a ledger, which is one host's at a time. A host that was taken over, or is slow to notice, stores nothing more. On SQLite
/// the file is already its process's alone.
/// </summary>
/// <param name="Database">
/// The database, opened with <see cref="Tables"/> among its components; whoever opened it disposes of it, after the host. The host needs up to four of its connections, and queries of 1,000 rows.
/// </param>
public sealed record DatabaseLedger(Database Database)
{
    /// <summary>What the database has to have.</summary>
    public static MigrationSeries Tables { get; } = new("ledger", new Migration(1, "ledgers of agents", static d => $"""
        CREATE TABLE IF NOT EXISTS sirsi_ledger (
          ledger {d.Text} NOT NULL, log {d.Integer} NOT NULL, sequence {d.Integer} NOT NULL, records {d.Integer} NOT NULL,
          fence {d.Integer} NOT NULL, data {d.Bytes} NOT NULL, PRIMARY KEY (ledger, log, sequence)) {d.Table}
        """));

    /// <summary>Which of the ledgers in the database: 1 to 200 bytes of UTF-8. Default <c>agents</c>.</summary>
    public string Name { get; init; } = "agents";

    /// <summary>
    /// How long another host waits for one that is silent before it takes over, 1 s to an hour; default 15 s. A host that is opened again after a crash waits as long, at most.
    /// </summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Where it is, for messages.</summary>
    public override string ToString() => $"ledger '{Name}' in {Database.Place}";

    internal IEnumerable<string> Problems()
    {
        if (Encoding.UTF8.GetByteCount(Name) is < 1 or > 200 || Name.Any(char.IsControl)) yield return "Name must have 1 to 200 bytes of UTF-8 and no control characters.";
        if (LeaseTime < TimeSpan.FromSeconds(1) || LeaseTime > TimeSpan.FromHours(1)) yield return $"LeaseTime is {LeaseTime}; it must be 1 s to an hour.";
    }
}
