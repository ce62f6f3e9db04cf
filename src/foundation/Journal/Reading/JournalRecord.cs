using Sirsi.Journal.Format;

namespace Sirsi.Journal;

/// <summary>A record as it is read. Its bytes are valid until the reader goes on.</summary>
public readonly ref struct JournalRecord
{
    private readonly long _time;

    internal JournalRecord(long sequence, long time, bool isLastOfGroup, ReadOnlySpan<byte> data)
    {
        Sequence = sequence;
        _time = time;
        IsLastOfGroup = isLastOfGroup;
        Data = data;
    }

    /// <summary>Its number: records are numbered from 1 without gaps, in the order they were stored.</summary>
    public long Sequence { get; }

    /// <summary>When it was written, to the microsecond; never before that of the record before it.</summary>
    public DateTimeOffset Time => JournalTime.ToInstant(_time);

    /// <summary>Whether the group of records that were appended together ends with it.</summary>
    public bool IsLastOfGroup { get; }

    /// <summary>What was appended.</summary>
    public ReadOnlySpan<byte> Data { get; }
}
