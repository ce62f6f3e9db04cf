using Sirsi.Bus.Events;

namespace Sirsi.Bus.Local;

/// <summary>What of a group outlives the process.</summary>
/// <param name="Group">Its name.</param>
/// <param name="Cursors">What is done, by partition.</param>
internal sealed record GroupRecord(string Group, PartitionCursor[] Cursors);

/// <summary>Where groups are kept.</summary>
internal interface IGroupMemory : IAsyncDisposable
{
    /// <summary>All that were saved.</summary>
    IReadOnlyList<GroupRecord> Load();

    /// <summary>
    /// Saves a group as it is at the call, which the caller keeps from changing until the call returns; completes when that is as safe as it gets.
    /// </summary>
    ValueTask SaveAsync(GroupRecord record, CancellationToken cancellation);

    /// <summary>
    /// Saves a group as it is at the call, without anybody waiting. While the one before is under way it is left out, and <paramref name="again"/> called when that has ended, to ask anew.
    /// </summary>
    void SaveSoon(GroupRecord record, Action again);
}

/// <summary>Keeps nothing: groups end with the process.</summary>
internal sealed class NoGroupMemory : IGroupMemory
{
    public IReadOnlyList<GroupRecord> Load() => [];

    public ValueTask SaveAsync(GroupRecord record, CancellationToken cancellation) => default;

    public void SaveSoon(GroupRecord record, Action again)
    {
    }

    public ValueTask DisposeAsync() => default;
}

/// <summary>
/// A group of this process: how far each partition is, and which member owns it. Partitions are dealt out evenly, in the order in which members joined; one
/// that is to move stays with its owner until nothing of it is in flight.
/// </summary>
internal sealed class LocalGroup(string name, PartitionCursor[] cursors, IGroupMemory memory)
{
    private readonly List<LocalSource> _members = [];
    private readonly LocalSource?[] _owners = new LocalSource?[cursors.Length];
    private EventFilter? _filter;
    private Action? _saveAgain;

    /// <summary>Guards the group and the cursors.</summary>
    public Lock Lock { get; } = new();

    public string Name => name;

    public PartitionCursor[] Cursors => cursors;

    public int Members
    {
        get
        {
            lock (Lock) return _members.Count;
        }
    }

    public long Floor()
    {
        lock (Lock) return cursors.Min(static cursor => cursor.Floor);
    }

    public bool IsDone(int partition, long position, ReadOnlySpan<byte> bytes)
    {
        lock (Lock)
        {
            if (cursors[partition].IsDone(position)) return true;
            return _filter is not null && !(EventScan.TryRead(bytes, out EventScan scan) && _filter.Matches(scan));
        }
    }

    public void Join(LocalSource member, EventFilter filter)
    {
        lock (Lock)
        {
            _filter = filter;
            _members.Add(member);
            DealOut();
        }
    }

    public void Leave(LocalSource member)
    {
        lock (Lock)
        {
            _members.Remove(member);
            for (int partition = 0; partition < _owners.Length; partition++)
                if (_owners[partition] == member) TakeBack(partition);
            DealOut();
        }
    }

    /// <summary>Whether a member owns a partition. Under the lock.</summary>
    public bool IsOwner(LocalSource member, int partition) => _owners[partition] == member;

    public void Release(LocalSource member, int partition)
    {
        lock (Lock)
        {
            if (_owners[partition] != member) return;
            TakeBack(partition);
            DealOut();
        }
    }

    public ValueTask SaveAsync(CancellationToken cancellation)
    {
        lock (Lock) return memory.SaveAsync(new GroupRecord(name, cursors), cancellation);
    }

    /// <summary>Under the lock.</summary>
    public void SaveSoon() => memory.SaveSoon(new GroupRecord(name, cursors), _saveAgain ??= SaveAgain);

    private void SaveAgain()
    {
        lock (Lock) SaveSoon();
    }

    private void TakeBack(int partition)
    {
        _owners[partition] = null;
        cursors[partition].Rewind();
    }

    private void DealOut()
    {
        if (_members.Count == 0) return;
        for (int partition = 0; partition < _owners.Length; partition++)
        {
            LocalSource target = _members[partition % _members.Count];
            if (_owners[partition] == target)
            {
                target.Keep(partition);
            }
            else if (_owners[partition] is { } owner)
            {
                owner.WantElsewhere(partition);
            }
            else
            {
                _owners[partition] = target;
                target.Keep(partition);
            }
        }
    }
}
