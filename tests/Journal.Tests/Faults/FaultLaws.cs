using Sirsi.Core.Hosting;

namespace Sirsi.Journal.Tests.Faults;

/// <summary>Whatever the disk does: what was acknowledged is there, in order, no group in part, none twice, none that was refused.</summary>
public sealed class FaultLaws
{
    [Fact]
    public void After_losses_of_power_every_acknowledged_group_is_there_once_and_whole() =>
        Check.That(seed: 1, runs: 1_500, static random => new Story(random, new DiskFaults(), losesPower: true).Run());

    [Fact]
    public void A_disk_that_is_full_at_times_costs_nothing_acknowledged_and_stores_nothing_refused() =>
        Check.That(seed: 2, runs: 1_500, static random => new Story(random, new DiskFaults(Full: 0.05), losesPower: random.Next(2) == 0).Run());

    [Fact]
    public void Writes_and_flushes_that_fail_cost_nothing_acknowledged() =>
        Check.That(seed: 3, runs: 1_500, static random =>
            new Story(random, new DiskFaults(Full: 0.01, WriteFails: 0.02, FlushFails: 0.03), losesPower: random.Next(2) == 0).Run());

    [Fact]
    public void Without_flushing_the_end_of_the_process_costs_nothing() =>
        Check.That(seed: 4, runs: 500, static random =>
            new Story(random, new DiskFaults(), losesPower: false, random.Next(2) == 0 ? JournalSync.Interval : JournalSync.Memory).Run());

    [Fact]
    public void Without_flushing_a_loss_of_power_costs_nothing_but_the_end() =>
        Check.That(seed: 10, runs: 1_000, static random =>
            new Story(random, new DiskFaults(), losesPower: true, random.Next(2) == 0 ? JournalSync.Interval : JournalSync.Memory).Run());

    /// <summary>Linux shows bytes whose flush has failed as if they were stored; a journal that believed it would lose them later.</summary>
    [Fact]
    public void What_is_found_after_a_failed_flush_is_there_after_a_loss_of_power_too() => Check.That(seed: 11, runs: 2_000, static random =>
    {
        var host = new DeterministicHost(random.Next());
        var disk = new FaultyDisk(host.Environment.Executor, random.Next());
        HostEnvironment environment = host.Environment with { Files = disk };
        host.Run(async () =>
        {
            SegmentedJournal journal = await Small.OpenAsync(environment);
            await Small.AppendAsync(journal, random.Next(1, 20));
            disk.FlushFailsAfter = random.Next(4);
            var appends = new List<Task>();
            for (int i = 0; i < 40; i++) appends.Add(AppendAnyhowAsync(journal, Small.Record(journal.NextSequence + i)));
            foreach (Task append in appends) await append;
            await journal.DisposeAsync();
            SegmentedJournal again = await Small.OpenAsync(environment);
            long next = again.NextSequence;
            await Small.AppendAsync(again, random.Next(3));
            disk.LosePower();
            await again.DisposeAsync();
            await using SegmentedJournal last = await Small.OpenAsync(environment);
            Assert.InRange(last.NextSequence, next, long.MaxValue);
            using JournalReader reader = last.OpenReader(1);
            Assert.Equal(last.NextSequence - 1, (await Small.ReadAsync(reader)).Count);
        });
    });

    [Fact, Trait("Suite", "full")]
    public void The_same_on_very_many_seeds()
    {
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        Check.That(seed, runs: 100_000, static random =>
            new Story(random, new DiskFaults(Full: random.Next(3) * 0.02, WriteFails: random.Next(3) * 0.01, FlushFails: random.Next(3) * 0.02),
                losesPower: random.Next(3) > 0).Run());
    }

    private static async Task AppendAnyhowAsync(SegmentedJournal journal, byte[] record)
    {
        try
        {
            await journal.AppendAsync(record);
        }
        catch (JournalException)
        {
            // Its flush failed, or one before it.
        }
    }

    /// <summary>A few lives of one journal: opened, checked, appended to by several at once, and ended one way or another.</summary>
    private sealed class Story(Random random, DiskFaults faults, bool losesPower, JournalSync sync = JournalSync.Durable)
    {
        private readonly DeterministicHost _host = new(random.Next(), random.Next(2) == 0 ? StepOrder.Arrival : StepOrder.Seeded);
        private readonly Dictionary<long, GroupText> _certain = [];
        private readonly HashSet<int> _attempted = [];
        private readonly HashSet<int> _refused = [];
        private FaultyDisk _disk = null!;
        private int _group;
        private bool _endMayBeLost;

        public void Run()
        {
            _disk = new FaultyDisk(_host.Environment.Executor, random.Next());
            var options = new JournalOptions
            {
                Sync = sync,
                BufferBytes = 512 + (random.Next(4) * 300),
                SegmentBytes = 2_048 + (random.Next(4) * 1_500),
                ReserveBytes = 4_096,
                AppendsWaitingMax = random.Next(3) == 0 ? 2 : 1_000,
            };
            for (int life = random.Next(1, 5); life > 0; life--) _host.Run(() => LiveAsync(options));
            _disk.Faults = default;
            _host.Run(async () =>
            {
                await using SegmentedJournal journal = await OpenAsync(options);
                await VerifyAsync(journal);
            });
        }

        private async Task LiveAsync(JournalOptions options)
        {
            _disk.Faults = faults;
            if (losesPower && random.Next(4) > 0) _disk.PowerGoesAfter = random.Next(1, 60);
            try
            {
                await using SegmentedJournal journal = await OpenAsync(options);
                await VerifyAsync(journal);
                var appenders = new List<Task>();
                for (int i = random.Next(1, 6); i > 0; i--) appenders.Add(AppendSomeAsync(journal, random.Next(1, 12)));
                foreach (Task appender in appenders) await appender;
                if (losesPower && random.Next(3) == 0) LosePower();
            }
            catch (JournalException failure) when (failure.Code == JournalErrors.Inaccessible)
            {
                // Refused by the disk while it was opened or read.
            }

            // A disk whose power is gone gives nothing more; else the next life may find what the system still had in its memory.
            if (losesPower && (_disk.PowerGoesAfter is not null || random.Next(2) == 0)) LosePower();
        }

        private void LosePower()
        {
            _disk.LosePower();
            _endMayBeLost = sync is not JournalSync.Durable;
        }

        private Task<SegmentedJournal> OpenAsync(JournalOptions options) =>
            SegmentedJournal.OpenAsync(_host.Environment with { Files = _disk }, "j", options);

        private async Task AppendSomeAsync(SegmentedJournal journal, int groups)
        {
            for (int i = 0; i < groups; i++)
            {
                if (random.Next(10) == 0) await Task.Delay(TimeSpan.FromMilliseconds(random.Next(1_500)), _host.Environment.Time);
                var text = new GroupText(++_group, random.Next(1, 4), random.Next(60));
                try
                {
                    long sequence = await journal.AppendAsync(text.ToGroup());
                    _certain.Add(sequence, text);
                }
                catch (JournalException failure) when (failure.Code == JournalErrors.Failed)
                {
                    _attempted.Add(text.Number);
                }
                catch (JournalException failure) when (failure.Code == JournalErrors.DiskFull || failure.Code == JournalErrors.Busy)
                {
                    _refused.Add(text.Number);
                }
            }
        }

        private async Task VerifyAsync(SegmentedJournal journal)
        {
            var found = new Dictionary<long, GroupText>();
            using JournalReader reader = journal.OpenReader(1);
            while (await reader.ReadAsync()) GroupText.Collect(reader.Current, found);
            if (_endMayBeLost)
                foreach (long lost in _certain.Keys.Where(sequence => sequence >= journal.NextSequence).ToList()) _certain.Remove(lost);
            _endMayBeLost = false;
            foreach ((long sequence, GroupText text) in _certain) Assert.True(found.TryGetValue(sequence, out GroupText? there) && there == text, $"{text} is not at {sequence}");
            Assert.Equal(found.Count, found.Values.Select(static text => text.Number).Distinct().Count());
            Assert.DoesNotContain(found.Values, text => _refused.Contains(text.Number));
            Assert.All(found.Values.Except(_certain.Values), text => Assert.Contains(text.Number, _attempted));
            Assert.Equal(journal.NextSequence, reader.NextSequence);
            // What has been found once was flushed anew when the journal was opened.
            foreach ((long sequence, GroupText text) in found) _certain[sequence] = text;
        }
    }
}
