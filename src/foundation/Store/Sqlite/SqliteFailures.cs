using Sirsi.Core.Errors;
using SQLitePCL;

namespace Sirsi.Store.Sqlite;

/// <summary>What SQLite's result codes mean to a user.</summary>
internal static class SqliteFailures
{
    private const int PrimaryMask = 0xFF;

    /// <summary>Whether data that was written may not have reached the disk, so that nothing can be acknowledged any more.</summary>
    public static bool IsFlushFailure(int result) => result is raw.SQLITE_IOERR_FSYNC or raw.SQLITE_IOERR_DIR_FSYNC;

    public static StoreException Of(int result, string words, string place)
    {
        (ErrorCode code, string what) = (result & PrimaryMask) switch
        {
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => (StoreErrors.Busy, "is locked by another process for longer than WaitTimeMax"),
            raw.SQLITE_INTERRUPT => (StoreErrors.Busy, "was asked for more than SessionTimeMax allows"),
            raw.SQLITE_FULL => (StoreErrors.StorageFull, "has no room left on its disk"),
            raw.SQLITE_IOERR => (StoreErrors.StorageFailed, $"cannot be read or written (SQLite result {result})"),
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => (StoreErrors.StorageFailed, "is damaged or no SQLite database"),
            raw.SQLITE_CANTOPEN or raw.SQLITE_PERM or raw.SQLITE_READONLY or raw.SQLITE_AUTH => (StoreErrors.Unreachable, "cannot be opened or written"),
            raw.SQLITE_CONSTRAINT => (StoreErrors.ConstraintViolated, "forbids the change"),
            _ => (StoreErrors.StatementFailed, "refused a statement"),
        };
        return new StoreException(code, $"{place} {what}: {words}.");
    }
}
