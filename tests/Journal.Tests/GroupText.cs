using System.Globalization;
using System.Text;

namespace Sirsi.Journal.Tests;

/// <summary>A group whose every record tells the group's number, its own place, and how many there are.</summary>
internal sealed record GroupText(int Number, int Records, int Padding)
{
    public RecordGroup ToGroup()
    {
        var group = new RecordGroup();
        for (int i = 0; i < Records; i++) group.Add(Record(i));
        return group;
    }

    public byte[] Record(int place) => Encoding.ASCII.GetBytes($"{Number} {place} {Records} {new string('.', Padding)}");

    /// <summary>Adds the group when its last record has been read; fails when any of it is not as it was written.</summary>
    public static void Collect(JournalRecord record, Dictionary<long, GroupText> groups)
    {
        string[] parts = Encoding.ASCII.GetString(record.Data).Split(' ');
        var text = new GroupText(Value(parts[0]), Value(parts[2]), parts[3].Length);
        int place = Value(parts[1]);
        Assert.Equal(text.Record(place), record.Data.ToArray());
        Assert.Equal(place == text.Records - 1, record.IsLastOfGroup);
        long first = record.Sequence - place;
        if (place == 0) groups.Add(first, text);
        else Assert.Equal(text, groups[first]);
    }

    private static int Value(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);
}
