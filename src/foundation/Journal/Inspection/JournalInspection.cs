using Sirsi.Core.Errors;
using Sirsi.Core.Hosting;
using Sirsi.Journal.Format;
using Sirsi.Journal.Recovery;

namespace Sirsi.Journal;

/// <summary>What one segment holds, as far as it is sound.</summary>
/// <param name="Name">Its file's name.</param>
/// <param name="FirstSequence">The number of its first record.</param>
/// <param name="Groups">Groups of records in it.</param>
/// <param name="Records">Records in it.</param>
/// <param name="DataBytes">Bytes of its groups, with their headers.</param>
/// <param name="FileBytes">Length of the file, with room taken ahead.</param>
/// <param name="IsSealed">Whether it is complete, with index and footer.</param>
/// <param name="FirstTime">When its first group was written; null when it has none.</param>
/// <param name="LastTime">When its last group was written; null when it has none.</param>
public sealed record SegmentReport(
    string Name, long FirstSequence, int Groups, int Records, long DataBytes, long FileBytes, bool IsSealed, DateTimeOffset? FirstTime, DateTimeOffset? LastTime);

/// <summary>Something that is not as it should be.</summary>
/// <param name="Segment">The segment's file.</param>
/// <param name="Position">Where in the file, in bytes.</param>
/// <param name="Severity">An error is damage; a warning is a torn tail, which opening the journal cuts off.</param>
/// <param name="Message">What is wrong.</param>
public sealed record JournalProblem(string Segment, long Position, DiagnosticSeverity Severity, string Message);

/// <summary>
/// Reads all of a journal through and reports what is there and what is wrong, without stopping at the first problem, without a
/// lock, and without changing anything. While another process writes, the end may look torn.
/// </summary>
/// <param name="Segments">Each segment whose header is sound, in order.</param>
/// <param name="Problems">All that is wrong, in order.</param>
public sealed record JournalInspection(IReadOnlyList<SegmentReport> Segments, IReadOnlyList<JournalProblem> Problems)
{
    /// <summary>Inspects the journal in a folder.</summary>
    /// <exception cref="JournalException">There is no such folder, or its disk failed.</exception>
    public static async Task<JournalInspection> RunAsync(HostEnvironment environment, string folder, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(environment);
        if (!environment.Files.HasFolder(folder)) throw new JournalException(JournalErrors.Inaccessible, $"There is no journal at {folder}.");
        var inspector = new Inspector(environment.Files.OpenFolder(folder));
        try
        {
            await inspector.RunAsync(cancellation);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new JournalException(JournalErrors.Inaccessible, $"Journal {folder} cannot be read: {failure.Message}", failure);
        }

        return new JournalInspection(inspector.Segments, inspector.Problems);
    }

    private sealed class Inspector(HostFolder folder)
    {
        private long? _expected;
        private Guid? _journalId;

        public List<SegmentReport> Segments { get; } = [];

        public List<JournalProblem> Problems { get; } = [];

        public async Task RunAsync(CancellationToken cancellation)
        {
            List<(long FirstSequence, string Name)> segments = SegmentFile.List(folder);
            for (int i = 0; i < segments.Count; i++)
            {
                (long firstSequence, string name) = segments[i];
                if (_expected is { } expected && expected != firstSequence)
                    Report(name, 0, $"records {expected} to {firstSequence - 1} should come before it; they are missing or there twice");
                try
                {
                    await InspectAsync(name, isLast: i == segments.Count - 1, cancellation);
                }
                catch (JournalException damage)
                {
                    Report(name, 0, damage.Message);
                    _expected = null;
                }
            }
        }

        private async Task InspectAsync(string name, bool isLast, CancellationToken cancellation)
        {
            using HostFile file = folder.Open(name, HostFileAccess.Read);
            SegmentHeader header = await SegmentFile.ReadHeaderAsync(file, name, cancellation);
            _journalId ??= header.JournalId;
            if (_journalId != header.JournalId) Report(name, 0, "it belongs to another journal");
            SegmentFooter? footer = await SegmentFile.ReadFooterAsync(file, header, cancellation);
            SegmentScan scan = await SegmentScan.RunAsync(file, header, footer?.DataEnd ?? (int)file.Length, cancellation);
            Segments.Add(new SegmentReport(
                name, header.FirstSequence, scan.Groups, scan.Records, scan.End - SegmentHeader.Size, file.Length, footer is not null,
                scan.Groups > 0 ? JournalTime.ToInstant(scan.FirstTime) : null, scan.Groups > 0 ? JournalTime.ToInstant(scan.LastTime) : null));
            _expected = header.FirstSequence + (footer?.RecordCount ?? scan.Records);
            if (footer is not null) await CheckCompleteAsync(file, name, header, footer, scan, cancellation);
            else CheckUnfinished(name, isLast, scan);
        }

        private async Task CheckCompleteAsync(
            HostFile file, string name, SegmentHeader header, SegmentFooter footer, SegmentScan scan, CancellationToken cancellation)
        {
            if (scan.End != footer.DataEnd) Report(name, scan.End, $"there is no sound group of records, although groups go to byte {footer.DataEnd}");
            else if (scan.Records != footer.RecordCount) Report(name, scan.End, $"it has {scan.Records} records, although its footer says {footer.RecordCount}");
            IndexEntry[] index = await SegmentFile.ReadIndexAsync(file, name, header, footer, cancellation);
            if (scan.End == footer.DataEnd && !index.AsSpan().SequenceEqual(scan.Index.ToArray())) Report(name, footer.DataEnd, "its index does not fit its groups");
        }

        private void CheckUnfinished(string name, bool isLast, SegmentScan scan)
        {
            if (scan.IsDamaged) Report(name, scan.End, $"there is no sound group of records, although all up to byte {scan.VouchedTo} had been stored");
            else if (!isLast) Report(name, scan.End, "it has no sound footer although later segments exist");
            else if (scan.TornBytes > 0)
                Problems.Add(new JournalProblem(name, scan.End, DiagnosticSeverity.Warning, $"{scan.TornBytes} bytes at the end are no whole group; opening the journal cuts them off"));
        }

        private void Report(string name, long position, string message) =>
            Problems.Add(new JournalProblem(name, position, DiagnosticSeverity.Error, message));
    }
}
