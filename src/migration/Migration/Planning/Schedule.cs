namespace Sirsi.Migration.Planning;

/// <summary>
/// Gives each step its start. List scheduling: whenever somebody is free, the ready step with the longest chain behind it starts
/// (R. L. Graham, SIAM Journal on Applied Mathematics 17, 1969, on the bounds of such schedules). Copies also need the line,
/// which carries one at a time. Steps are given in an order that respects their dependencies.
/// </summary>
internal sealed class Schedule
{
    private readonly TimeSpan[] _durations;
    private readonly int[][] _dependsOn;
    private readonly List<int>?[] _dependants;
    private readonly TimeSpan[] _tail;

    private Schedule(TimeSpan[] durations, int[][] dependsOn)
    {
        (_durations, _dependsOn) = (durations, dependsOn);
        _dependants = new List<int>?[durations.Length];
        _tail = new TimeSpan[durations.Length];
        for (int step = 0; step < durations.Length; step++)
            foreach (int before in dependsOn[step])
                (_dependants[before] ??= []).Add(step);
        for (int step = durations.Length - 1; step >= 0; step--)
        {
            TimeSpan longest = TimeSpan.Zero;
            foreach (int after in _dependants[step] ?? [])
                if (_tail[after] > longest)
                    longest = _tail[after];
            _tail[step] = longest + durations[step];
        }

        Starts = new TimeSpan[durations.Length];
    }

    /// <summary>When each step starts.</summary>
    public TimeSpan[] Starts { get; }

    /// <summary>Schedules steps.</summary>
    /// <param name="durations">How long each takes.</param>
    /// <param name="dependsOn">The lower-numbered steps each waits for, without repeats.</param>
    /// <param name="isCopy">Whether it needs the line.</param>
    /// <param name="crew">How many run side by side.</param>
    public static Schedule Of(TimeSpan[] durations, int[][] dependsOn, bool[] isCopy, int crew)
    {
        var schedule = new Schedule(durations, dependsOn);
        schedule.Run(isCopy, crew);
        return schedule;
    }

    /// <summary>The longest chain of steps, in order: the lowest-numbered where several are equally long.</summary>
    public List<int> CriticalPath()
    {
        List<int> path = [];
        int at = -1;
        for (int step = 0; step < _durations.Length; step++)
            if (_dependsOn[step].Length == 0 && (at < 0 || _tail[step] > _tail[at]))
                at = step;
        while (at >= 0)
        {
            path.Add(at);
            TimeSpan rest = _tail[at] - _durations[at];
            int next = -1;
            foreach (int after in _dependants[at] ?? [])
                if (_tail[after] == rest && (next < 0 || after < next))
                    next = after;
            at = next;
        }

        return path;
    }

    private void Run(bool[] isCopy, int crew)
    {
        var waitsFor = new int[_durations.Length];
        var ready = new PriorityQueue<int, (long Tail, int Step)>();
        var readyCopies = new PriorityQueue<int, (long Tail, int Step)>();
        var running = new PriorityQueue<int, (TimeSpan End, int Step)>();
        for (int step = 0; step < _durations.Length; step++)
        {
            waitsFor[step] = _dependsOn[step].Length;
            if (waitsFor[step] == 0) MakeReady(step);
        }

        TimeSpan now = TimeSpan.Zero;
        bool lineFree = true;
        while (true)
        {
            while (running.Count < crew && TakeNext(out int step))
            {
                Starts[step] = now;
                if (isCopy[step]) lineFree = false;
                running.Enqueue(step, (now + _durations[step], step));
            }

            if (!running.TryDequeue(out int ended, out (TimeSpan End, int Step) key)) return;
            now = key.End;
            End(ended);
            while (running.TryPeek(out _, out key) && key.End == now) End(running.Dequeue());
        }

        void MakeReady(int step) => (isCopy[step] ? readyCopies : ready).Enqueue(step, (-_tail[step].Ticks, step));

        void End(int step)
        {
            if (isCopy[step]) lineFree = true;
            foreach (int after in _dependants[step] ?? [])
                if (--waitsFor[after] == 0)
                    MakeReady(after);
        }

        bool TakeNext(out int step)
        {
            step = -1;
            bool work = ready.TryPeek(out _, out (long Tail, int Step) first);
            bool copy = readyCopies.TryPeek(out _, out (long Tail, int Step) firstCopy) && lineFree;
            if (!work && !copy) return false;
            step = copy && (!work || firstCopy.CompareTo(first) < 0) ? readyCopies.Dequeue() : ready.Dequeue();
            return true;
        }
    }
}
