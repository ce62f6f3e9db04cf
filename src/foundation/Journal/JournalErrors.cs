using Sirsi.Core.Errors;

namespace Sirsi.Journal;

/// <summary>The documented failures of this library, 1200 to 1299.</summary>
public static class JournalErrors
{
    /// <summary>Another process, or another part of this one, writes to the folder.</summary>
    public static ErrorCode FolderInUse { get; } = new(
        1200, "Journal is in use by another process", "Stop the process the message names, or give this one a folder of its own.");

    /// <summary>What was safely stored is not there as it was stored.</summary>
    public static ErrorCode Damaged { get; } = new(
        1201, "Journal is damaged", "Check the disk, and put the named segment back from a backup; nothing was changed.");

    /// <summary>A later version wrote the journal.</summary>
    public static ErrorCode VersionUnknown { get; } = new(
        1202, "Journal has a format this version does not know", "Open it with the version that wrote it, or a later one.");

    /// <summary>There is no room for what was to be appended.</summary>
    public static ErrorCode DiskFull { get; } = new(
        1203, "Disk of the journal is full", "Make room on the disk; appending works again as soon as there is some, and nothing stored is lost.");

    /// <summary>The disk failed while it wrote or flushed.</summary>
    public static ErrorCode Failed { get; } = new(
        1204, "Journal has stopped because its disk failed", "Check the disk, then open the journal again: what the failed appends left will be decided then.");

    /// <summary>Appends come faster than the disk takes them.</summary>
    public static ErrorCode Busy { get; } = new(
        1205, "Too many appends are waiting for the journal", "Append less at once, raise BufferBytes or AppendsWaitingMax, or use a faster disk.");

    /// <summary>A reader asks for records that retention has dropped.</summary>
    public static ErrorCode RecordsDropped { get; } = new(
        1206, "Records are no longer in the journal", "Begin at the journal's first record, or keep more of it.");

    /// <summary>A file of the journal cannot be opened or read.</summary>
    public static ErrorCode Inaccessible { get; } = new(
        1207, "Journal cannot be opened or read", "Check that the folder exists, that this user may read and write it, and that its disk works.");
}
