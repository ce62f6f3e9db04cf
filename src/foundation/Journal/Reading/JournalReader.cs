using System.Buffers.Binary;
using Sirsi.Core.Hosting;
using Sirsi.Journal.Format;
using Sirsi.Journal.Reading;
using Sirsi.Journal.Recovery;

namespace Sirsi.Journal;

/// <summary>
/// Reads a journal forwards, record by record, without garbage for a record, and can wait for new ones:
/// <c>while (await reader.ReadAsync(cancellation)) Use(reader.Current);</c>. Never shows part of a group that is not whole. One call at
/// a time; any number of readers at once.
/// </summary>
public sealed class JournalReader : IDisposable
{
    private readonly ReadSource _source;
    private readonly HostEnvironment _environment;
    private HostFile? _file;
    private GroupCursor? _cursor;
    private long _segment;
    private ReadLimit _limit;
    private long _next;
    private long? _fromTime;

    /// <summary>In the current group: where the next record begins, and how many are left.</summary>
    private int _offset;
    private int _left;

    /// <summary>The current record's bytes in the group.</summary>
    private Range _data;
    private bool _isClosed;

    internal JournalReader(HostEnvironment environment, ReadSource source, long fromSequence, long? fromTime)
    {
        _environment = environment;
        _source = source;
        _next = fromSequence;
        _fromTime = fromTime;
    }

    /// <summary>The number of the record that is read next.</summary>
    public long NextSequence => _next;

    /// <summary>The record last read. Its bytes are valid until the next call of <see cref="ReadAsync"/> or <see cref="WaitAsync"/>.</summary>
    /// <exception cref="InvalidOperationException">Nothing has been read.</exception>
    public JournalRecord Current => _cursor is { } cursor && _data.End.Value > 0
        ? new JournalRecord(_next - 1, cursor.Group.Time, _left == 0, cursor.Body[_data])
        : throw new InvalidOperationException("No record is current: read one first.");

    /// <summary>
    /// Follows the journal of another process, or of this one, without writing and without a lock. It shows what has reached the operating
    /// system: after a loss of power, some of it may turn out never to have been stored.
    /// </summary>
    /// <param name="environment">Where files and time come from.</param>
    /// <param name="folder">The journal's folder.</param>
    /// <param name="fromSequence">The number of the first record to read, 1 or more.</param>
    /// <param name="pollInterval">How often a waiting reader looks for news; default 50 ms, at least 1 ms.</param>
    /// <exception cref="JournalException">There is no such folder.</exception>
    public static JournalReader OpenFolder(HostEnvironment environment, string folder, long fromSequence = 1, TimeSpan? pollInterval = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(fromSequence, 1);
        return new JournalReader(environment, Follow(environment, folder, pollInterval), fromSequence, fromTime: null);
    }

    /// <inheritdoc cref="OpenFolder(HostEnvironment, string, long, TimeSpan?)"/>
    /// <param name="environment">Where files and time come from.</param>
    /// <param name="folder">The journal's folder.</param>
    /// <param name="from">Records written before are passed over.</param>
    /// <param name="pollInterval">How often a waiting reader looks for news; default 50 ms, at least 1 ms.</param>
    public static JournalReader OpenFolder(HostEnvironment environment, string folder, DateTimeOffset from, TimeSpan? pollInterval = null) =>
        new(environment, Follow(environment, folder, pollInterval), fromSequence: 1, JournalTime.Of(from));

    /// <summary>Goes to the next record; false when there is none yet.</summary>
    /// <exception cref="JournalException">The journal is damaged there, the record was dropped, or the disk failed.</exception>
    public ValueTask<bool> ReadAsync(CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        if (_left == 0) return ReadNextGroupAsync(cancellation);
        Step();
        return new(true);
    }

    /// <summary>Waits until there is a record to read; false when there is none after <paramref name="timeout"/>.</summary>
    /// <param name="timeout">0 to 24 days.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="JournalException">As of <see cref="ReadAsync"/>.</exception>
    /// <exception cref="ObjectDisposedException">The reader was closed, or the journal it belongs to.</exception>
    public async ValueTask<bool> WaitAsync(TimeSpan timeout, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        ObjectDisposedException.ThrowIf(_isClosed, this);
        long began = _environment.Time.GetTimestamp();
        while (_left == 0 && !await TryLoadGroupAsync(cancellation))
        {
            TimeSpan rest = timeout - _environment.Time.GetElapsedTime(began);
            if (rest <= TimeSpan.Zero) return false;
            await _source.WhenThereMayBeAsync(_next, rest, cancellation);
        }

        return true;
    }

    /// <summary>Closes the files it has open.</summary>
    public void Dispose()
    {
        _isClosed = true;
        _left = 0;
        LeaveSegment();
    }

    private static FolderSource Follow(HostEnvironment environment, string folder, TimeSpan? pollInterval)
    {
        ArgumentNullException.ThrowIfNull(environment);
        TimeSpan interval = pollInterval ?? TimeSpan.FromMilliseconds(50);
        ArgumentOutOfRangeException.ThrowIfLessThan(interval, TimeSpan.FromMilliseconds(1), nameof(pollInterval));
        if (!environment.Files.HasFolder(folder)) throw new JournalException(JournalErrors.Inaccessible, $"There is no journal at {folder}.");
        return new FolderSource(environment, environment.Files.OpenFolder(folder), interval);
    }

    private async ValueTask<bool> ReadNextGroupAsync(CancellationToken cancellation)
    {
        if (!await TryLoadGroupAsync(cancellation)) return false;
        Step();
        return true;
    }

    private void Step()
    {
        ReadOnlySpan<byte> body = _cursor!.Body;
        int start = _offset + GroupHeader.LengthSize;
        int length = start <= body.Length ? BinaryPrimitives.ReadInt32LittleEndian(body[_offset..]) : -1;
        if (length < 0 || length > body.Length - start || (_left == 1 && start + length != body.Length))
            throw JournalException.Damaged(SegmentName.Of(_segment), _cursor.GroupAt, "the lengths of its records do not add up");
        _data = start..(start + length);
        _offset = start + length;
        _left--;
        _next++;
    }

    /// <summary>Makes the group with the next record current; false when there is none yet.</summary>
    private async ValueTask<bool> TryLoadGroupAsync(CancellationToken cancellation)
    {
        _data = default;
        try
        {
            while (true)
            {
                if (_cursor is null && !await TryEnterSegmentAsync(cancellation)) return false;
                GroupRead outcome = await _cursor!.ReadAsync(_limit.End, cancellation);
                if (outcome is GroupRead.Group)
                {
                    if (TryEnterGroup()) return true;
                    continue;
                }

                if (_source.LimitOf(_segment, _file!) is not { } limit) throw Dropped();
                if (limit != _limit)
                {
                    _limit = limit;
                    continue;
                }

                if (_source.IsSure && _cursor.Position < limit.End)
                    throw JournalException.Damaged(SegmentName.Of(_segment), _cursor.Position, "there is no sound group of records");
                if (!limit.IsComplete) return false;
                if (_source.SegmentOf(_next) is not { } following) throw Dropped();
                if (following == _segment || following != _next)
                    throw JournalException.Damaged(SegmentName.Of(_segment), _cursor.Position, "there is no sound group of records");
                LeaveSegment();
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new JournalException(JournalErrors.Inaccessible, $"Segment {SegmentName.Of(_segment)} cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>Goes to the next record's place in the group; false when the group is before it.</summary>
    private bool TryEnterGroup()
    {
        GroupHeader group = _cursor!.Group;
        long first = _segment + group.RecordsBefore;
        if (first + group.RecordCount <= _next) return false;
        if (_fromTime is { } from && group.Time < from)
        {
            _next = first + group.RecordCount;
            return false;
        }

        _fromTime = null;
        _offset = 0;
        _left = group.RecordCount;
        long wanted = Math.Max(_next, first);
        _next = first;
        while (_next < wanted) Step();
        return true;
    }

    private async ValueTask<bool> TryEnterSegmentAsync(CancellationToken cancellation)
    {
        if (_fromTime is { } time) _next = Math.Max(_next, await _source.SegmentOfAsync(time, cancellation));
        if (_source.SegmentOf(_next) is not { } segment) throw Dropped();
        string name = SegmentName.Of(segment);
        try
        {
            _file = _source.Folder.Open(name, HostFileAccess.Read);
        }
        catch (FileNotFoundException)
        {
            return false; // Not begun yet, or just dropped, which the next call finds out.
        }

        _segment = segment;
        _limit = default;
        SegmentHeader header = await SegmentFile.ReadHeaderAsync(_file, name, cancellation);
        IndexEntry[] index = await SegmentFile.ReadFooterAsync(_file, header, cancellation) is { } footer
            ? await SegmentFile.ReadIndexAsync(_file, name, header, footer, cancellation)
            : _source.IndexOf(segment);
        int at = Array.FindLastIndex(index, entry => _fromTime is { } from ? entry.Time < from : segment + entry.RecordsBefore <= _next);
        _cursor = at < 0
            ? new GroupCursor(_file, header.Salt, SegmentHeader.Size)
            : new GroupCursor(_file, header.Salt, index[at].Position, index[at].RecordsBefore);
        return true;
    }

    private void LeaveSegment()
    {
        _data = default;
        _cursor?.Dispose();
        _file?.Dispose();
        (_cursor, _file) = (null, null);
    }

    private JournalException Dropped() => new(
        JournalErrors.RecordsDropped, $"Record {_next} is no longer in the journal; the first one there is {_source.FirstSequence}.");
}
