using System.Collections.Immutable;

namespace Sirsi.Store;

/// <summary>What a backup holds.</summary>
/// <param name="TakenAt">The instant whose state it is.</param>
/// <param name="Dialect">Which kind of database it was taken of; it can be restored into any.</param>
/// <param name="Migrations">The migrations that had been applied.</param>
/// <param name="Tables">Tables and their numbers of rows.</param>
/// <param name="Digest">SHA-256 of the content, hexadecimal.</param>
public sealed record BackupSummary(
    DateTimeOffset TakenAt, string Dialect, ImmutableArray<AppliedMigration> Migrations, ImmutableArray<(string Table, long Rows)> Tables, string Digest)
{
    /// <summary>Rows of all tables.</summary>
    public long Rows => Tables.Sum(static table => table.Rows);
}
