using Sirsi.Cli.Commands.Agents;
using Sirsi.Cli.Output;
using Sirsi.Hypervisor.Tasks;

namespace Sirsi.Cli.Commands.Tasks;

/// <summary>Tasks of a session and who of them waits for whom; or one of them with those that wait for it, however far.</summary>
internal sealed class TaskWaits
{
    private const int LinesMax = 2_000;
    private const int DepthMax = 40;
    private const int WidthMax = 100;

    private readonly Dictionary<TaskId, SessionTask> _tasks;
    private readonly Dictionary<TaskId, List<SessionTask>> _waiting = [];
    private readonly SessionTask? _root;

    public TaskWaits(IReadOnlyList<SessionTask> tasks, SessionTask? root)
    {
        (_root, _tasks) = (root, tasks.ToDictionary(static task => task.Id));
        foreach (SessionTask task in tasks)
        {
            foreach (TaskDependency dependency in task.After)
            {
                if (!_waiting.TryGetValue(dependency.Task, out List<SessionTask>? waiting)) _waiting.Add(dependency.Task, waiting = []);
                waiting.Add(task);
            }
        }

        All = root is null ? tasks : Behind(root);
        if (root is not null) _tasks = All.ToDictionary(static task => task.Id);
    }

    /// <summary>The tasks it shows, in the order of their submission.</summary>
    public IReadOnlyList<SessionTask> All { get; }

    public bool Has(TaskId id) => _tasks.ContainsKey(id);

    /// <summary>A tree in lines: below each task those that wait for it. One that waits for several is told once.</summary>
    public IEnumerable<string> Tree()
    {
        (string Name, string Detail)[] lines = [.. Lines()];
        int width = Math.Min(WidthMax, lines.Where(static line => line.Detail.Length > 0).Max(static line => line.Name.Length));
        return lines.Select(line => line.Detail.Length > 0 ? $"{line.Name.PadRight(width)}  {line.Detail}" : line.Name);
    }

    private IEnumerable<(string Name, string Detail)> Lines()
    {
        var told = new HashSet<TaskId>();
        int lines = 0;
        var open = new Stack<(SessionTask Task, string Before, string Branch)>();
        IEnumerable<SessionTask> roots = _root is not null ? [_root] : All.Where(task => !task.After.Any(dependency => Has(dependency.Task)));
        foreach (SessionTask root in roots.Reverse()) open.Push((root, "", ""));
        while (open.TryPop(out (SessionTask Task, string Before, string Branch) at))
        {
            if (++lines > LinesMax)
            {
                yield return ($"… and more: {Amounts.Count(All.Count)} tasks in all; --json has them all.", "");
                yield break;
            }

            bool isFirst = told.Add(at.Task.Id);
            string name = at.Before + at.Branch + PlainText.Of(at.Task.Spec.DisplayName);
            yield return isFirst ? (name, $"{TaskReport.Word(at.Task.State),-9}  {at.Task.Id}{AlsoAfter(at.Task)}") : (name + ", as above", "");
            if (!isFirst) continue;
            SessionTask[] below = [.. _waiting.GetValueOrDefault(at.Task.Id) ?? []];
            // What is too deep goes on at the same depth.
            string before = at.Before.Length / 3 >= DepthMax ? at.Before : at.Before + at.Branch switch { "├─ " => "│  ", "└─ " => "   ", _ => "" };
            for (int i = below.Length - 1; i >= 0; i--) open.Push((below[i], before, i == below.Length - 1 ? "└─ " : "├─ "));
        }
    }

    private string AlsoAfter(SessionTask task)
    {
        if (task.After.Length < 2) return "";
        IEnumerable<string> names = task.After.Take(5).Select(dependency => _tasks.TryGetValue(dependency.Task, out SessionTask? known) ? PlainText.Of(known.Spec.DisplayName) : dependency.Task.ToString());
        return $"  after {string.Join(task.Spec.AfterAny ? " or " : ", ", names)}{(task.After.Length > 5 ? ", …" : "")}";
    }

    private List<SessionTask> Behind(SessionTask root)
    {
        var found = new HashSet<TaskId> { root.Id };
        var open = new Queue<SessionTask>([root]);
        while (open.TryDequeue(out SessionTask? task))
        {
            foreach (SessionTask waiting in _waiting.GetValueOrDefault(task.Id) ?? [])
                if (found.Add(waiting.Id)) open.Enqueue(waiting);
        }

        return [.. _tasks.Values.Where(task => found.Contains(task.Id))];
    }
}
