using System.Globalization;
using System.Runtime.InteropServices;

namespace Sirsi.Bus.Tests.Embedded;

/// <summary>An event of the program that is killed: its publisher, and its number there.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct EventName(int Publisher, int Number)
{
    public override string ToString() => $"{Publisher} {Number}";
}

/// <summary>What an embedded bus holds after a kill.</summary>
/// <param name="Stored">How many events of each publisher: those numbered from 0.</param>
/// <param name="Letters">The dead letters, with their reasons.</param>
internal sealed record BusRemains(int[] Stored, IReadOnlyDictionary<EventName, string> Letters);

/// <summary>
/// What was told of each event in all lives of a killed program, and the laws: what was published and acknowledged is in the log; a key's next event comes when the one before has ended;
/// what is settled does not come again; a dead letter was condemned, or never answered. Lines are those of <c>CrashWriter bus</c>.
/// </summary>
internal sealed class KillLedger(int publishers, int keysOfPublisher)
{
    /// <summary>Reasons of the bus's own: the process died with its last delivery, or was so slow that its time was up.</summary>
    private static readonly string[] Unanswered = ["delivered before, and never answered", "not answered in time"];

    private readonly Standing[][] _events = [.. Enumerable.Range(0, publishers).Select(static _ => Array.Empty<Standing>())];
    private readonly int[] _acknowledgedUntil = [.. Enumerable.Repeat(-1, publishers)];
    private readonly int[,] _firstOpen = new int[publishers, keysOfPublisher];

    [Flags]
    private enum Standing : byte
    {
        None = 0,
        Acknowledged = 1,
        Condemned = 2,
        Settled = 4,
    }

    public long Received { get; private set; }

    public long Published => _acknowledgedUntil.Sum(static last => last + 1L);

    public long Settled => Count(static standing => standing.HasFlag(Standing.Settled));

    /// <summary>Where each publisher goes on: a little before the last acknowledgement, so that there are repetitions to be recognized.</summary>
    public IEnumerable<string> FirstNumbers(Random random) =>
        _acknowledgedUntil.Select(last => Math.Max(0, last + 1 - random.Next(8)).ToString(CultureInfo.InvariantCulture));

    /// <summary>Takes in what a life has told and left.</summary>
    public void Take(IEnumerable<string> lines, BusRemains remains)
    {
        for (int publisher = 0; publisher < publishers; publisher++)
        {
            Assert.True(remains.Stored[publisher] >= _events[publisher].Length, $"Events of publisher {publisher} are gone: of {_events[publisher].Length}, {remains.Stored[publisher]} are left.");
            Array.Resize(ref _events[publisher], remains.Stored[publisher]);
            for (int key = 0; key < keysOfPublisher; key++) _firstOpen[publisher, key] = Math.Max(_firstOpen[publisher, key], key);
        }

        int[,] latest = new int[publishers, keysOfPublisher];
        foreach (string line in lines) Take(line, remains, latest);
        foreach ((EventName name, string reason) in remains.Letters)
        {
            if (Unanswered.Contains(reason)) continue;
            Assert.Equal($"poison {name}", reason);
            Assert.True(At(name).HasFlag(Standing.Condemned), $"Event {name} is a dead letter, and was not rejected for the last time.");
        }

        ForEach((name, standing) =>
        {
            if (standing != (Standing.Condemned | Standing.Settled)) return;
            Assert.True(remains.Letters.ContainsKey(name), $"The dead letter of event {name} is gone.");
        });
    }

    /// <summary>How many events the group has before it, at least and at most.</summary>
    public (long Min, long Max) Lag(BusRemains remains)
    {
        long stored = remains.Stored.Sum(static count => (long)count);
        long ended = 0;
        ForEach((name, standing) => ended += standing != Standing.None || remains.Letters.ContainsKey(name) ? 1 : 0);
        return (stored - ended, stored - Settled);
    }

    private void Take(string line, BusRemains remains, int[,] latest)
    {
        string[] words = line.Split(' ');
        if (words.Length < 3) return;
        var name = new EventName(Number(words[1]), Number(words[2]));
        Assert.True(name.Number < _events[name.Publisher].Length, $"{line}: it is not in the log.");
        switch (words[0])
        {
            case "published":
                _acknowledgedUntil[name.Publisher] = Math.Max(_acknowledgedUntil[name.Publisher], name.Number);
                break;
            case "received":
                Receive(name, line, remains, ref latest[name.Publisher, name.Number % keysOfPublisher]);
                break;
            case "acknowledged":
                At(name) |= Standing.Acknowledged;
                break;
            case "condemned":
                At(name) |= Standing.Condemned;
                break;
            case "settled":
                Assert.NotEqual(Standing.None, At(name));
                At(name) |= Standing.Settled;
                break;
            default:
                Assert.Fail($"What is this? {line}");
                break;
        }
    }

    private void Receive(EventName name, string line, BusRemains remains, ref int latest)
    {
        Received++;
        Assert.False(At(name).HasFlag(Standing.Settled), $"{line}: it was settled before.");
        Assert.True(name.Number >= latest, $"{line}: after {latest} of its key.");
        latest = name.Number;
        ref int firstOpen = ref _firstOpen[name.Publisher, name.Number % keysOfPublisher];
        while (firstOpen < name.Number && HasEnded(name with { Number = firstOpen }, remains)) firstOpen += keysOfPublisher;
        Assert.True(firstOpen >= name.Number, $"{line}: {firstOpen} of its key has not ended.");
    }

    private bool HasEnded(EventName name, BusRemains remains) =>
        At(name) != Standing.None || (remains.Letters.TryGetValue(name, out string? reason) && Unanswered.Contains(reason));

    private ref Standing At(EventName name) => ref _events[name.Publisher][name.Number];

    private long Count(Func<Standing, bool> fits) => _events.Sum(events => events.LongCount(fits));

    private void ForEach(Action<EventName, Standing> action)
    {
        for (int publisher = 0; publisher < publishers; publisher++)
            for (int number = 0; number < _events[publisher].Length; number++) action(new EventName(publisher, number), _events[publisher][number]);
    }

    private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);
}
