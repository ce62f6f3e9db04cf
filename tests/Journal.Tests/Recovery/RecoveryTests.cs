using Sirsi.Core.Hosting;

namespace Sirsi.Journal.Tests.Recovery;

public sealed class RecoveryTests
{
    private readonly DeterministicHost _host = new(seed: 1);

    [Fact]
    public void A_journal_opened_again_goes_on_where_it_stopped() => _host.Run(async () =>
    {
        for (int life = 0; life < 5; life++)
        {
            await using SegmentedJournal journal = await Small.OpenAsync(_host.Environment);
            Assert.Equal((life * 30) + 1, journal.Recovery.NextSequence);
            Assert.Null(journal.Recovery.TornTail);
            await Small.AppendAsync(journal, 30);
        }

        using JournalReader reader = JournalReader.OpenFolder(_host.Environment, "j");
        Assert.Equal(Small.Numbers(1, 150), await Small.ReadAsync(reader));
    });

    [Fact]
    public void Opening_and_closing_again_and_again_adds_nothing() => _host.Run(async () =>
    {
        await using (SegmentedJournal journal = await Small.OpenAsync(_host.Environment)) await Small.AppendAsync(journal, 3);
        string name = _host.Files.OpenFolder("j").List()[^1];
        byte[] before = await Small.BytesAsync(_host.Environment, name);
        for (int i = 0; i < 5; i++) await (await Small.OpenAsync(_host.Environment)).DisposeAsync();
        Assert.Equal(before, await Small.BytesAsync(_host.Environment, name));
    });

    [Fact]
    public void A_torn_tail_is_cut_off_and_told() => _host.Run(async () =>
    {
        string name = await WriteAndLosePowerAsync(5);
        long end = 64 + (5 * 136);
        await Small.OverwriteAsync(_host.Environment, name, end, [0, 0, 7, 0, 1, 2, 3, 4, 5]);
        await using (SegmentedJournal journal = await Small.OpenAsync(_host.Environment))
        {
            Assert.Equal(new TornTail(name, end, 9), journal.Recovery.TornTail);
            Assert.Equal(6, journal.Recovery.NextSequence);
            await Small.AppendAsync(journal, 1);
        }

        await using SegmentedJournal again = await Small.OpenAsync(_host.Environment);
        Assert.Null(again.Recovery.TornTail);
        using JournalReader reader = again.OpenReader(1);
        Assert.Equal(Small.Numbers(1, 6), await Small.ReadAsync(reader));
    });

    [Fact]
    public void Damage_in_what_a_later_group_vouches_for_is_an_error_with_its_place_and_changes_nothing() => _host.Run(async () =>
    {
        string name = await WriteAndLosePowerAsync(5);
        await Small.OverwriteAsync(_host.Environment, name, 64 + (2 * 136) + 50, [0xFF]);
        byte[] before = await Small.BytesAsync(_host.Environment, name);
        JournalException damage = await Assert.ThrowsAsync<JournalException>(() => Small.OpenAsync(_host.Environment));
        Assert.Equal(JournalErrors.Damaged, damage.Code);
        Assert.Contains($"{name} is damaged at byte {64 + (2 * 136)}", damage.Message, StringComparison.Ordinal);
        Assert.Equal(before, await Small.BytesAsync(_host.Environment, name));
    });

    [Fact]
    public void Any_byte_changed_in_a_journal_that_was_closed_is_noticed_or_does_no_harm() => _host.Run(async () =>
    {
        await using (SegmentedJournal journal = await Small.OpenAsync(_host.Environment)) await Small.AppendAsync(journal, 25);
        int noticed = 0;
        foreach (string name in _host.Files.OpenFolder("j").List())
        {
            byte[] bytes = await Small.BytesAsync(_host.Environment, name);
            int end = Array.FindLastIndex(bytes, static value => value != 0) + 1;
            for (int at = 0; at < end; at++)
            {
                await Small.OverwriteAsync(_host.Environment, name, at, [(byte)(bytes[at] ^ 0x10)]);
                if (await IsNoticedAsync()) noticed++;
                await RestoreAsync(name, bytes);
            }
        }

        Assert.True(noticed > 3_000, $"{noticed} changes noticed");
    });

    [Fact]
    public void A_segment_that_is_missing_or_is_another_journals_is_damage() => _host.Run(async () =>
    {
        await using (SegmentedJournal journal = await Small.OpenAsync(_host.Environment)) await Small.AppendAsync(journal, 50);
        HostFolder folder = _host.Files.OpenFolder("j");
        string second = folder.List()[1];
        byte[] bytes = await Small.BytesAsync(_host.Environment, second);
        folder.Delete(second);
        Assert.Equal(JournalErrors.Damaged, (await Assert.ThrowsAsync<JournalException>(() => Small.OpenAsync(_host.Environment))).Code);

        await using (SegmentedJournal other = await SegmentedJournal.OpenAsync(_host.Environment, "other", Small.Options)) await Small.AppendAsync(other, 50);
        using (HostFile foreign = _host.Files.OpenFolder("other").Open(second, HostFileAccess.Read))
        {
            bytes = new byte[foreign.Length];
            await foreign.ReadAsync(0, bytes, CancellationToken.None);
        }

        using (HostFile file = folder.Open(second, HostFileAccess.Append)) await file.AppendAsync(bytes, CancellationToken.None);
        JournalException damage = await Assert.ThrowsAsync<JournalException>(() => Small.OpenAsync(_host.Environment));
        Assert.Contains("another journal", damage.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void A_later_version_is_refused_by_its_own_code() => _host.Run(async () =>
    {
        string name = await WriteAndLosePowerAsync(1);
        await Small.OverwriteAsync(_host.Environment, name, 8, [2]);
        Assert.Equal(JournalErrors.VersionUnknown, (await Assert.ThrowsAsync<JournalException>(() => Small.OpenAsync(_host.Environment))).Code);
    });

    [Fact]
    public async Task A_folder_has_one_writer_and_the_refusal_names_it()
    {
        using var temporary = new TemporaryFolder();
        await HostEnvironment.Production.Executor.RunAsync(async () =>
        {
            await using SegmentedJournal journal = await SegmentedJournal.OpenAsync(HostEnvironment.Production, temporary.File("j"), Small.Options);
            JournalException refused = await Assert.ThrowsAsync<JournalException>(
                () => SegmentedJournal.OpenAsync(HostEnvironment.Production, temporary.File("j"), Small.Options));
            Assert.Equal(JournalErrors.FolderInUse, refused.Code);
            Assert.Contains($"process {Environment.ProcessId}, started 20", refused.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Bytes_that_look_like_a_journal_may_be_records_of_one() => Check.That(seed: 6, runs: 100, random =>
    {
        var host = new DeterministicHost(random.Next());
        host.Run(async () =>
        {
            var options = new JournalOptions { BufferBytes = 8_192, SegmentBytes = 16_384, ReserveBytes = 4_096 };
            await using (SegmentedJournal journal = await Small.OpenAsync(host.Environment, options))
            {
                await Small.AppendAsync(journal, 5);
                byte[] itself = await Small.BytesAsync(host.Environment, host.Files.OpenFolder("j").List()[0]);
                await journal.AppendAsync(itself.AsMemory(0, 2_000));
                host.Files.LosePower(random);
            }

            await using SegmentedJournal again = await Small.OpenAsync(host.Environment, options);
            Assert.Equal(7, again.NextSequence);
        });
    });

    private async Task<string> WriteAndLosePowerAsync(int records)
    {
        SegmentedJournal journal = await Small.OpenAsync(_host.Environment);
        await Small.AppendAsync(journal, records);
        _host.Files.LosePower(new Random(1));
        await journal.DisposeAsync();
        return _host.Files.OpenFolder("j").List()[^1];
    }

    /// <summary>Opening or reading fails, or all is there.</summary>
    private async Task<bool> IsNoticedAsync()
    {
        JournalInspection inspection = await JournalInspection.RunAsync(_host.Environment, "j");
        try
        {
            await using SegmentedJournal journal = await Small.OpenAsync(_host.Environment);
            using JournalReader reader = journal.OpenReader(1);
            List<long> read = await Small.ReadAsync(reader);
            Assert.Equal(Small.Numbers(1, 25), read);
            return inspection.Problems.Count > 0;
        }
        catch (JournalException)
        {
            Assert.NotEmpty(inspection.Problems);
            return true;
        }
    }

    private async Task RestoreAsync(string name, byte[] bytes)
    {
        using HostFile file = _host.Files.OpenFolder("j").Open(name, HostFileAccess.Append);
        file.Truncate(0);
        await file.AppendAsync(bytes, CancellationToken.None);
    }
}
