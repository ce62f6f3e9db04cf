using Sirsi.Core.Hosting;
using Sirsi.Journal.Appending;
using Sirsi.Journal.Format;

namespace Sirsi.Journal.Recovery;

/// <summary>
/// Opens the segments of a folder for writing: complete ones by their footers alone, the last one by reading it through. Changes
/// nothing before all is found sound.
/// </summary>
internal sealed class FolderRecovery(HostEnvironment environment, HostFolder folder, JournalOptions options, SegmentTable table)
{
    public Guid? JournalId { get; private set; }

    public ActiveSegment? Active { get; private set; }

    public long LastTime { get; private set; }

    public async Task<JournalRecovery> RunAsync(CancellationToken cancellation)
    {
        long began = environment.Time.GetTimestamp();
        List<(long FirstSequence, string Name)> segments = SegmentFile.List(folder);
        TornTail? torn = null;
        for (int i = 0; i < segments.Count; i++)
        {
            (long firstSequence, string name) = segments[i];
            if (i > 0 && firstSequence != table.NextSequence)
                throw JournalException.Damaged(name, 0, $"records {table.NextSequence} to {firstSequence - 1} before it are missing");
            torn = await OpenAsync(name, isLast: i == segments.Count - 1, cancellation);
        }

        foreach (string name in folder.List())
        {
            if (SegmentName.IsUnfinished(name)) folder.Delete(name);
        }

        return new JournalRecovery(segments.Count, table.FirstSequence, table.NextSequence, torn, environment.Time.GetElapsedTime(began));
    }

    private async Task<TornTail?> OpenAsync(string name, bool isLast, CancellationToken cancellation)
    {
        HostFile file = folder.Open(name, isLast ? HostFileAccess.Append : HostFileAccess.Read);
        try
        {
            SegmentHeader header = await SegmentFile.ReadHeaderAsync(file, name, cancellation);
            JournalId ??= header.JournalId;
            if (JournalId != header.JournalId) throw JournalException.Damaged(name, 0, "it belongs to another journal");
            SegmentFooter? footer = await SegmentFile.ReadFooterAsync(file, header, cancellation);
            if (footer is not null && (!isLast || await TryCompleteAsync(file, header, footer, name, cancellation)))
            {
                table.AddSealed(new SealedSegment(header.FirstSequence, footer, file.Length));
                LastTime = Math.Max(LastTime, footer.LastTime);
                return null;
            }

            if (!isLast) throw JournalException.Damaged(name, file.Length, "it has no sound footer although later segments exist");
            return await ResumeAsync(file, header, name, vouchedTo: footer?.DataEnd ?? 0, cancellation);
        }
        finally
        {
            if (Active is null) file.Dispose();
        }
    }

    /// <summary>
    /// The last segment may have been completed a moment before the end, or its last flush may have failed: index and footer are stored once
    /// more. False when the index is not whole; then the segment is read through.
    /// </summary>
    private static async Task<bool> TryCompleteAsync(HostFile file, SegmentHeader header, SegmentFooter footer, string name, CancellationToken cancellation)
    {
        try
        {
            _ = await SegmentFile.ReadIndexAsync(file, name, header, footer, cancellation);
        }
        catch (JournalException)
        {
            return false;
        }

        var bytes = new byte[file.Length - footer.DataEnd];
        int length = await SegmentFile.ReadAsync(file, footer.DataEnd, bytes, cancellation);
        await file.WriteAsync(footer.DataEnd, bytes.AsMemory(0, length), CancellationToken.None);
        await file.FlushAsync(CancellationToken.None);
        return true;
    }

    private async Task<TornTail?> ResumeAsync(HostFile file, SegmentHeader header, string name, int vouchedTo, CancellationToken cancellation)
    {
        SegmentScan scan = await SegmentScan.RunAsync(file, header, (int)file.Length, cancellation);
        scan.Vouch(vouchedTo);
        if (scan.IsDamaged)
            throw JournalException.Damaged(name, scan.End, $"there is no sound group of records, although all up to byte {scan.VouchedTo} had been stored");
        var active = ActiveSegment.Resume(file, header, options, scan);
        if (scan.TornBytes > 0) await active.EraseBeyondPositionAsync();
        await active.RewriteUnsyncedAsync();
        LastTime = Math.Max(LastTime, scan.LastTime);
        Active = active;
        table.Begin(header.FirstSequence, scan);
        return scan.TornBytes > 0 ? new TornTail(name, scan.End, scan.TornBytes) : null;
    }
}
