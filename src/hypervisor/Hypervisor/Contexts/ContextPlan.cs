namespace Sirsi.Hypervisor.Contexts;

/// <summary>What the state will be when everything on its way to the disk is there: commits are checked against it and numbered by it.</summary>
internal sealed class ContextPlan(ContextState state, ContextOptions options)
{
    private readonly Dictionary<string, ContextEntry> _planned = new(StringComparer.Ordinal);

    /// <summary>What the last commit has replaced in the plan, the oldest first.</summary>
    private readonly List<(string Key, ContextEntry? Before)> _replaced = [];
    private long _revision;
    private long _bytes;
    private int _count;

    /// <summary>Everything is there.</summary>
    public void Begin()
    {
        _planned.Clear();
        (_revision, _bytes, _count) = (state.Revision, state.Bytes, state.Count);
    }

    /// <summary>Plans a commit; gives why it cannot be, and has planned nothing then.</summary>
    public HypervisorException? Plan(ContextCommit commit, DateTimeOffset now)
    {
        _replaced.Clear();
        long bytes = _bytes;
        var entries = new List<ContextEntry>(commit.Writes.Count);
        foreach (ContextIntent write in commit.Writes)
        {
            ContextEntry? current = Find(write.Key);
            HypervisorException? problem = ConflictOf(commit, write, current) ?? Plan(commit, write, current, entries, now);
            if (problem is null) continue;
            TakeBack(entries.Count, bytes);
            return problem;
        }

        (commit.Entries, commit.Growth) = (entries, _bytes - bytes);
        return null;
    }

    /// <summary>The commit planned last does not come to be after all.</summary>
    public void TakeBack(ContextCommit commit) => TakeBack(commit.Entries.Count, _bytes - commit.Growth);

    /// <summary>Plans again, after <see cref="Begin"/>, what was planned before.</summary>
    public void Keep(ContextCommit commit)
    {
        foreach (ContextEntry entry in commit.Entries) Put(entry, Find(entry.Key));
    }

    private HypervisorException? Plan(ContextCommit commit, ContextIntent write, ContextEntry? current, List<ContextEntry> entries, DateTimeOffset now)
    {
        if (write.Value is null && current is null) return null;
        long version = write.Value is null ? 0 : (current?.Version ?? 0) + 1;
        var entry = new ContextEntry(write.Key, write.Value ?? default, version, _revision + 1, now, commit.By);
        _replaced.Add((write.Key, _planned.GetValueOrDefault(write.Key)));
        Put(entry, current);
        entries.Add(entry);
        if (entry.IsDeleted || entry.Bytes <= (current?.Bytes ?? 0)) return null;
        return ProblemOf(options, _count, _bytes);
    }

    /// <summary>Why a context cannot have so many keys and bytes; null when it can.</summary>
    public static HypervisorException? ProblemOf(ContextOptions options, int count, long bytes)
    {
        if (count > options.KeysMax) return new HypervisorException(HypervisorErrors.QuotaExceeded, $"The context of the session would have {count} keys; {options.KeysMax} is its quota.");
        return bytes <= options.BytesMax ? null : new HypervisorException(HypervisorErrors.QuotaExceeded, $"The context of the session would take {bytes} bytes; {options.BytesMax} is its quota.");
    }

    private static HypervisorException? ConflictOf(ContextCommit commit, ContextIntent write, ContextEntry? current)
    {
        if (write.Expected is not { } expected) return null;
        long actual = current?.Version ?? 0;
        bool isSeen = write.SeenRevision < 0 || write.SeenRevision == (current?.Revision ?? 0);
        if (expected == actual && isSeen) return null;
        commit.Conflicting = actual;
        return new HypervisorException(HypervisorErrors.ContextConflict, ContextWrite.ConflictOf(write.Key, expected, actual));
    }

    private ContextEntry? Find(string key) => _planned.TryGetValue(key, out ContextEntry? planned) ? (planned.IsDeleted ? null : planned) : state.Find(key);

    private void Put(ContextEntry entry, ContextEntry? current)
    {
        _revision = entry.Revision;
        _bytes += (entry.IsDeleted ? 0 : entry.Bytes) - (current?.Bytes ?? 0);
        _count += (entry.IsDeleted ? 0 : 1) - (current is null ? 0 : 1);
        _planned[entry.Key] = entry;
    }

    private void TakeBack(int count, long bytes)
    {
        _revision -= count;
        _bytes = bytes;
        for (int place = _replaced.Count - 1; place >= 0; place--)
        {
            (string key, ContextEntry? before) = _replaced[place];
            bool was = Find(key) is not null;
            if (before is null) _planned.Remove(key);
            else _planned[key] = before;
            _count += (Find(key) is null ? 0 : 1) - (was ? 1 : 0);
        }

        _replaced.Clear();
    }
}
