namespace Sirsi.Store;

/// <summary>The tables of the store's own building blocks.</summary>
internal static class StoreSchema
{
    public static MigrationSeries Series { get; } = new("store",
        new Migration(1, "key values with history", KeyValueTables),
        new Migration(2, "leases", LeaseTable),
        new Migration(3, "work queues", QueueTable),
        new Migration(4, "outbox", OutboxTable));

    private static string KeyValueTables(SqlDialect d) => $"""
        CREATE TABLE IF NOT EXISTS sirsi_space (
          tenant {d.Uuid} NOT NULL, project {d.Uuid} NOT NULL, space {d.Text} NOT NULL,
          revision {d.Integer} NOT NULL, trimmed {d.Integer} NOT NULL,
          PRIMARY KEY (tenant, project, space)) {d.KeyedTable};
        CREATE TABLE IF NOT EXISTS sirsi_value (
          tenant {d.Uuid} NOT NULL, project {d.Uuid} NOT NULL, space {d.Text} NOT NULL, key {d.Bytes} NOT NULL,
          version {d.Integer} NOT NULL, value {d.Bytes} NOT NULL, changed_at {d.Integer} NOT NULL,
          PRIMARY KEY (tenant, project, space, key)) {d.KeyedTable};
        CREATE TABLE IF NOT EXISTS sirsi_change (
          tenant {d.Uuid} NOT NULL, project {d.Uuid} NOT NULL, space {d.Text} NOT NULL, version {d.Integer} NOT NULL,
          key {d.Bytes} NOT NULL, value {d.Bytes}, changed_at {d.Integer} NOT NULL,
          PRIMARY KEY (tenant, project, space, version)) {d.KeyedTable};
        CREATE INDEX IF NOT EXISTS sirsi_change_by_key ON sirsi_change (tenant, project, space, key, version)
        """;

    private static string LeaseTable(SqlDialect d) => $"""
        CREATE TABLE IF NOT EXISTS sirsi_lease (
          tenant {d.Uuid} NOT NULL, project {d.Uuid} NOT NULL, name {d.Text} NOT NULL,
          holder {d.Text} NOT NULL, token {d.Integer} NOT NULL, expires_at {d.Integer} NOT NULL,
          PRIMARY KEY (tenant, project, name)) {d.KeyedTable}
        """;

    private static string QueueTable(SqlDialect d) => $"""
        CREATE TABLE IF NOT EXISTS sirsi_queue (
          tenant {d.Uuid} NOT NULL, project {d.Uuid} NOT NULL, queue {d.Text} NOT NULL, id {d.Uuid} NOT NULL,
          priority {d.Integer} NOT NULL, visible_at {d.Integer} NOT NULL, attempts {d.Integer} NOT NULL, dead {d.Integer} NOT NULL,
          enqueued_at {d.Integer} NOT NULL, payload {d.Bytes} NOT NULL,
          PRIMARY KEY (tenant, project, queue, id)) {d.KeyedTable};
        CREATE INDEX IF NOT EXISTS sirsi_queue_by_turn ON sirsi_queue (tenant, project, queue, dead, priority DESC, id)
        """;

    private static string OutboxTable(SqlDialect d) => $"""
        CREATE TABLE IF NOT EXISTS sirsi_outbox (
          sequence {d.Identity}, tenant {d.Uuid} NOT NULL, project {d.Uuid} NOT NULL, id {d.Uuid} NOT NULL,
          topic {d.Text} NOT NULL, key {d.Text} NOT NULL, payload {d.Bytes} NOT NULL, appended_at {d.Integer} NOT NULL) {d.Table}
        """;
}
