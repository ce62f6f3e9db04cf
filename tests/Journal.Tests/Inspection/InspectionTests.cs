using Sirsi.Core.Errors;
using Sirsi.Core.Hosting;

namespace Sirsi.Journal.Tests.Inspection;

public sealed class InspectionTests
{
    private readonly DeterministicHost _host = new(seed: 1);

    [Fact]
    public void A_sound_journal_has_no_problems_and_all_its_records_are_counted() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_host.Environment);
        await Small.AppendAsync(journal, 60);
        JournalInspection inspection = await JournalInspection.RunAsync(_host.Environment, "j");
        Assert.Empty(inspection.Problems);
        Assert.Equal(60, inspection.Segments.Sum(static segment => segment.Records));
        Assert.All(inspection.Segments.SkipLast(1), static segment => Assert.True(segment.IsSealed));
        Assert.False(inspection.Segments[^1].IsSealed);
        Assert.Equal(_host.Environment.Time.GetUtcNow(), inspection.Segments[0].FirstTime);
        Assert.Equal(14 * 136, inspection.Segments[0].DataBytes);
    });

    [Fact]
    public void All_problems_are_reported_with_their_places_and_nothing_is_changed() => _host.Run(async () =>
    {
        await using (SegmentedJournal journal = await Small.OpenAsync(_host.Environment)) await Small.AppendAsync(journal, 80);
        IReadOnlyList<string> names = _host.Files.OpenFolder("j").List();
        await Small.OverwriteAsync(_host.Environment, names[0], 64 + (3 * 136) + 40, [1]);
        await Small.OverwriteAsync(_host.Environment, names[2], 3, [1]);
        JournalInspection inspection = await JournalInspection.RunAsync(_host.Environment, "j");
        Assert.Equal([(names[0], 64L + (3 * 136)), (names[2], 0)], inspection.Problems.Select(static problem => (problem.Segment, problem.Position)));
        Assert.All(inspection.Problems, static problem => Assert.Equal(DiagnosticSeverity.Error, problem.Severity));
        Assert.Equal(names.Count - 1, inspection.Segments.Count);
    });

    [Fact]
    public void A_torn_tail_is_a_warning_and_a_missing_segment_an_error() => _host.Run(async () =>
    {
        SegmentedJournal journal = await Small.OpenAsync(_host.Environment);
        await Small.AppendAsync(journal, 50);
        _host.Files.LosePower(new Random(1));
        await journal.DisposeAsync();
        HostFolder folder = _host.Files.OpenFolder("j");
        IReadOnlyList<string> names = folder.List();
        folder.Delete(names[1]);
        JournalInspection before = await JournalInspection.RunAsync(_host.Environment, "j");
        await Small.OverwriteAsync(_host.Environment, names[^1], 64 + before.Segments[^1].DataBytes, [9, 9, 9]);
        JournalInspection inspection = await JournalInspection.RunAsync(_host.Environment, "j");
        Assert.Equal([DiagnosticSeverity.Error, DiagnosticSeverity.Warning], inspection.Problems.Select(static problem => problem.Severity));
        Assert.Contains("records 15 to 28 should come before it", inspection.Problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("3 bytes at the end", inspection.Problems[1].Message, StringComparison.Ordinal);
    });

    [Fact]
    public void A_folder_that_is_not_there_is_not_made() => _host.Run(async () =>
    {
        await Assert.ThrowsAsync<JournalException>(() => JournalInspection.RunAsync(_host.Environment, "nowhere"));
        Assert.False(_host.Files.HasFolder("nowhere"));
    });
}
