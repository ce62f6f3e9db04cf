namespace Sirsi.Bus.Leases;

/// <summary>
/// Tells who of a roster is gone: whose beat has stood still for a whole lease, by this process's own clock, so clocks of machines need not agree. While
/// the roster could not be read nobody is suspected. Not thread-safe.
/// </summary>
internal sealed class RosterWatch(TimeProvider time, TimeSpan lease)
{
    private readonly Dictionary<Guid, (long Beat, long Since)> _seen = [];
    private long _readAt;

    /// <summary>Takes in a roster as it was read just now; gives those that are gone.</summary>
    public HashSet<Guid> Look(Roster roster, Guid self)
    {
        long now = time.GetTimestamp();
        bool wasBlind = time.GetElapsedTime(_readAt, now) > lease / 2;
        _readAt = now;
        HashSet<Guid> gone = [];
        foreach (RosterEntry entry in roster.Members)
        {
            if (wasBlind || !_seen.TryGetValue(entry.Id, out (long Beat, long Since) seen) || seen.Beat != entry.Beat) _seen[entry.Id] = (entry.Beat, now);
            else if (entry.Id != self && time.GetElapsedTime(seen.Since, now) > lease) gone.Add(entry.Id);
        }

        if (_seen.Count > 2 * roster.Members.Count)
            foreach (Guid id in _seen.Keys.Where(id => !roster.Has(id)).ToArray()) _seen.Remove(id);
        return gone;
    }
}
