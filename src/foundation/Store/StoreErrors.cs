using Sirsi.Core.Errors;

namespace Sirsi.Store;

/// <summary>
/// The documented failures of this library, 1400 to 1499: opening and migrations 1400–1409, units of work 1410–1429, backups and
/// checks 1430–1439.
/// </summary>
public static class StoreErrors
{
    /// <summary>The database is not there, does not answer, or does not let us in.</summary>
    public static ErrorCode Unreachable { get; } = new(
        1400, "Database cannot be reached", "Check the path or address, that the server runs, and the user's rights.");

    /// <summary>Another process writes to this embedded database.</summary>
    public static ErrorCode InUse { get; } = new(
        1401, "Database is in use by another process", "End the other process, or give this one a folder of its own.");

    /// <summary>The database was migrated by a newer program.</summary>
    public static ErrorCode DatabaseNewer { get; } = new(
        1402, "Database is newer than this program", "Run the newer version of the program, or restore a backup made before the upgrade.");

    /// <summary>A migration that was applied is not the one this program holds.</summary>
    public static ErrorCode MigrationChanged { get; } = new(
        1403, "An applied migration differs from the program's", "Migrations never change once released: run the version that made this database.");

    /// <summary>A migration could not be applied.</summary>
    public static ErrorCode MigrationFailed { get; } = new(
        1404, "Migration failed", "Nothing of it was kept. Mend what the message names and start again.");

    /// <summary>Another node has been migrating for longer than we wait.</summary>
    public static ErrorCode MigrationBusy { get; } = new(
        1405, "Another node is migrating the database", "Wait until it has finished; a node that died gives way by itself after a minute.");

    /// <summary>The server acknowledges what is not on disk.</summary>
    public static ErrorCode NotDurable { get; } = new(
        1406, "Server does not make commits durable", "Set synchronous_commit and fsync to on for this database.");

    /// <summary>A turn, a connection or a lock did not come free in time.</summary>
    public static ErrorCode Busy { get; } = new(
        1410, "Database is busy", "Nothing of it was kept; try again later, or raise the limit that the message names.");

    /// <summary>Units of work disturbed each other again and again.</summary>
    public static ErrorCode Contention { get; } = new(
        1411, "Units of work collide too often", "Nothing of it was kept; try again later, and let fewer units touch the same rows.");

    /// <summary>No room is left for the database.</summary>
    public static ErrorCode StorageFull { get; } = new(
        1412, "No space left for the database", "Nothing of it was kept. Make room; writing goes on by itself then.");

    /// <summary>The disk fails, or the database is damaged.</summary>
    public static ErrorCode StorageFailed { get; } = new(
        1413, "Storage of the database failed", "Check the disk; run 'sirsi store check'; restore a backup if it finds damage.");

    /// <summary>The connection was lost while committing.</summary>
    public static ErrorCode OutcomeUnknown { get; } = new(
        1414, "Outcome of a unit of work is unknown", "It was kept whole or not at all: read what it would have changed before trying again.");

    /// <summary>A rule of the schema forbids the change.</summary>
    public static ErrorCode ConstraintViolated { get; } = new(
        1415, "A rule of the database forbids the change", "Nothing of it was kept. See the rule that the message names.");

    /// <summary>The database refused a statement.</summary>
    public static ErrorCode StatementFailed { get; } = new(
        1416, "Database refused a statement", "Nothing of it was kept. See the database's own words in the message.");

    /// <summary>A query gave more rows than one query may.</summary>
    public static ErrorCode TooManyRows { get; } = new(
        1417, "Query gives too many rows", "Read page by page, or raise RowsMax.");

    /// <summary>Changes that a watcher asks for have been trimmed away.</summary>
    public static ErrorCode HistoryGone { get; } = new(
        1420, "Changes asked for are no longer kept", "Read the present values, then watch from their version.");

    /// <summary>A file is no backup of ours, or not whole.</summary>
    public static ErrorCode BackupInvalid { get; } = new(
        1430, "Backup cannot be used", "Use another backup; this one is damaged, cut off, or of another program.");

    /// <summary>A restore would destroy or mix data.</summary>
    public static ErrorCode RestoreRefused { get; } = new(
        1431, "Restore is refused", "Restore into an empty database, or say that its data may be replaced.");
}
