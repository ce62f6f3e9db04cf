using System.Globalization;
using Sirsi.Core.Hosting;

namespace Sirsi.Journal.Tests.Crashes;

/// <summary>A real process appends to a real disk and is killed at random moments, again and again on the same journal.</summary>
public sealed class KillTests
{
    private readonly Dictionary<long, (int Group, int Records)> _acknowledged = [];

    [Theory, Trait("Suite", "slow")]
    [InlineData(JournalSync.Durable)]
    [InlineData(JournalSync.Interval)]
    [InlineData(JournalSync.Memory)]
    public Task A_killed_process_loses_nothing_it_has_acknowledged(JournalSync sync) => KillAsync(kills: 5, seed: 1, sync);

    [Fact, Trait("Suite", "full")]
    public async Task Two_hundred_kills_lose_nothing()
    {
        // Each life reads the journal from its beginning: a new one now and then keeps that short.
        int seed = Environment.TickCount;
        for (int journal = 0; journal < 10; journal++)
        {
            await KillAsync(kills: 20, unchecked(seed + journal), JournalSync.Durable);
            _acknowledged.Clear();
        }
    }

    private async Task KillAsync(int kills, int seed, JournalSync sync)
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var folder = new TemporaryFolder();
        for (int kill = 0; kill < kills; kill++)
        {
            await RunAndKillAsync(folder.File("j"), firstGroup: kill * 10_000_000, sync, random.Next(1, 400));
            await VerifyAsync(folder.File("j"));
        }

        Assert.True(_acknowledged.Count > kills, $"{_acknowledged.Count} groups were acknowledged in {kills} lives");
        TestContext.Current.TestOutputHelper!.WriteLine($"{_acknowledged.Count} groups acknowledged");
    }

    private async Task RunAndKillAsync(string folder, int firstGroup, JournalSync sync, int milliseconds)
    {
        using DoomedProcess process = DoomedProcess.Start("CrashWriter", ["journal", folder, $"{firstGroup}", $"{sync}"]);
        await process.UntilItSpeaksAsync();
        Task<Dictionary<long, GroupText>> following = FollowAsync(folder, process);
        await Task.Delay(milliseconds);
        IReadOnlyList<string> told = await process.KillAsync();
        Dictionary<long, GroupText> followed = await following;
        Assert.StartsWith("open ", told[0], StringComparison.Ordinal);
        foreach (string whole in told.Skip(1))
        {
            long[] numbers = [.. whole.Split(' ').Select(static digits => long.Parse(digits, CultureInfo.InvariantCulture))];
            _acknowledged.Add(numbers[0], ((int)numbers[1], (int)numbers[2]));
        }

        Assert.All(_acknowledged.Keys, sequence => Assert.True(followed.ContainsKey(sequence), $"the follower has not seen the group at {sequence}"));
    }

    /// <summary>Reads what the other process writes, from the beginning, until it is dead: each record whole and in order.</summary>
    private static async Task<Dictionary<long, GroupText>> FollowAsync(string folder, DoomedProcess process)
    {
        var found = new Dictionary<long, GroupText>();
        using JournalReader reader = JournalReader.OpenFolder(HostEnvironment.Production, folder, pollInterval: TimeSpan.FromMilliseconds(2));
        long expected = 1;
        bool isLastLook;
        do
        {
            isLastLook = process.HasExited;
            while (await reader.ReadAsync())
            {
                Assert.Equal(expected++, reader.Current.Sequence);
                GroupText.Collect(reader.Current, found);
            }

            if (!isLastLook) await reader.WaitAsync(TimeSpan.FromMilliseconds(20));
        }
        while (!isLastLook);
        return found;
    }

    private async Task VerifyAsync(string folder)
    {
        var found = new Dictionary<long, GroupText>();
        await using SegmentedJournal journal = await SegmentedJournal.OpenAsync(HostEnvironment.Production, folder, new JournalOptions());
        using JournalReader reader = journal.OpenReader(1);
        while (await reader.ReadAsync()) GroupText.Collect(reader.Current, found);
        foreach ((long sequence, (int group, int records)) in _acknowledged)
        {
            Assert.True(found.TryGetValue(sequence, out GroupText? there), $"the group at {sequence} is gone");
            Assert.Equal((group, records), (there.Number, there.Records));
        }

        Assert.Equal(found.Count, found.Values.Select(static text => text.Number).Distinct().Count());
    }
}
