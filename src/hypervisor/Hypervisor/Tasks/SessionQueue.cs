using System.Runtime.InteropServices;
using Sirsi.Hypervisor.Sessions;

namespace Sirsi.Hypervisor.Tasks;

/// <summary>A tenant among the others, and its sessions among each other.</summary>
internal sealed class TenantShare(int weight) : FairShare(weight)
{
    public FairQueue<SessionQueue> Sessions { get; } = new();
}

/// <summary>A session's tasks that are ready, and its agents that are idle. Guarded by the dispatcher.</summary>
internal sealed class SessionQueue(Session session, TenantShare tenant) : FairShare(1)
{
    private const int ClassesKept = 64;

    private readonly Dictionary<ClassKey, WorkClass> _classes = [];
    private readonly LinkedList<Worker> _idle = [];
    private readonly Dictionary<string, KeyUse> _keys = new(StringComparer.Ordinal);
    private long _idleVersion;

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct ClassKey(string? AgentType, AgentId Agent, string? Capability, string Labels);

    private sealed class KeyUse
    {
        public SessionTask? Holder { get; set; }

        public List<SessionTask> Waiting { get; } = [];
    }

    public Session Session => session;

    public TenantShare Tenant => tenant;

    /// <summary>Its tasks that are known.</summary>
    public TaskBag Tasks { get; } = new();

    /// <summary>Its tasks by idempotency key.</summary>
    public Dictionary<string, SessionTask> Keyed { get; } = new(StringComparer.Ordinal);

    /// <summary>Tasks that have ended, in the order of their ends.</summary>
    public Queue<SessionTask> Ended { get; } = new();

    /// <summary>Tasks that have not ended, and what their payloads take.</summary>
    public int Open { get; set; }

    public long PayloadBytes { get; set; }

    /// <summary>A task is ready.</summary>
    public void Add(SessionTask task)
    {
        TaskSpec spec = task.Spec;
        var key = new ClassKey(spec.AgentType, spec.Agent, spec.Capability, spec.Labels.IsEmpty ? "" : string.Join('\n', spec.Labels.Order(StringComparer.Ordinal)));
        if (!_classes.TryGetValue(key, out WorkClass? group)) _classes.Add(key, group = new WorkClass(spec));
        task.Class = group;
        group.Add(task);
    }

    /// <summary>An agent has nothing to do.</summary>
    public void AddIdle(Worker worker)
    {
        if (worker.Place is not null || worker.Attempt is not null) return;
        worker.Place = _idle.AddLast(worker);
        _idleVersion++;
    }

    /// <summary>An agent has something to do, or is gone.</summary>
    public void RemoveIdle(Worker worker)
    {
        if (worker.Place is null) return;
        _idle.Remove(worker.Place);
        worker.Place = null;
    }

    /// <summary>The most urgent task for which there is an agent, and that agent; both are taken out. Null when there is none.</summary>
    public (SessionTask Task, Worker Worker)? Take(TimeProvider time, TimeSpan ageing)
    {
        while (Best(time, ageing) is { } best)
        {
            best.Class.Remove(best.Task);
            best.Task.Class = null;
            if (!TakesKey(best.Task)) continue;
            RemoveIdle(best.Worker);
            return (best.Task, best.Worker);
        }

        return null;
    }

    /// <summary>An attempt is over: whoever waited for its key is ready again.</summary>
    public void GiveUpKey(SessionTask task)
    {
        if (task.Spec.ConcurrencyKey is not { } key || !_keys.TryGetValue(key, out KeyUse? use) || use.Holder != task) return;
        use.Holder = null;
        foreach (SessionTask waiting in use.Waiting)
        {
            if (waiting.State is TaskState.Ready) Add(waiting);
        }

        _keys.Remove(key);
    }

    private (WorkClass Class, SessionTask Task, Worker Worker)? Best(TimeProvider time, TimeSpan ageing)
    {
        (WorkClass Class, SessionTask Task, Worker Worker)? best = null;
        int most = -1;
        List<ClassKey>? empty = null;
        foreach ((ClassKey key, WorkClass group) in _classes)
        {
            if (group.NoneFitsAt == _idleVersion) continue;
            if (group.Peek(time, ageing, out int urgency) is not { } task)
            {
                if (_classes.Count > ClassesKept) (empty ??= []).Add(key);
                continue;
            }

            if (urgency < most || (urgency == most && best!.Value.Task.Number < task.Number)) continue;
            if (group.FindIdle(_idle) is { } worker) (best, most) = ((group, task, worker), urgency);
            else group.NoneFitsAt = _idleVersion;
        }

        foreach (ClassKey key in empty ?? []) _classes.Remove(key);
        return best;
    }

    /// <summary>True when no other task with its key runs; else it waits for that one.</summary>
    private bool TakesKey(SessionTask task)
    {
        if (task.Spec.ConcurrencyKey is not { } key) return true;
        ref KeyUse? use = ref CollectionsMarshal.GetValueRefOrAddDefault(_keys, key, out _);
        use ??= new KeyUse();
        if (use.Holder is not null)
        {
            use.Waiting.Add(task);
            return false;
        }

        use.Holder = task;
        return true;
    }
}
