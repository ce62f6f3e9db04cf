using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Sirsi.Core.Documents;
using Sirsi.Core.Errors;
using Sirsi.Hypervisor.Tasks;
using YamlDotNet.RepresentationModel;

namespace Sirsi.Cli.Commands.Tasks;

/// <summary>Reads a file of tasks that name each other: <c>schema: sirsi.tasks/1</c>, then <c>tasks</c>. JSON is read as the YAML it is.</summary>
internal sealed class TaskFile(string source, DateTimeOffset now)
{
    private const string Schema = "sirsi.tasks/1";
    private const int DepthMax = 6;
    private const int LengthMax = 64 << 20;

    private static readonly ImmutableArray<string> Known =
    [
        "name", "type", "payload", "priority", "after", "afterAny", "whenDependencyFails", "agentType", "labels", "capability", "notBefore", "deadline", "timeout", "attempts", "concurrencyKey", "key", "tags",
    ];

    private readonly List<(SourcePosition At, string What)> _problems = [];

    /// <summary>The tasks, in the order of the file.</summary>
    /// <exception cref="CliException">Something is wrong; the message tells all of it, with the places.</exception>
    public ImmutableArray<TaskSpec> Read(string text)
    {
        ImmutableArray<TaskSpec> specs = [];
        if (text.Length > LengthMax) throw new CliException(CliErrors.TasksRefused, $"{source}: it is longer than {LengthMax >> 20} Mi characters.");
        if (PlainYaml.ReadMapping(text, source, DepthMax, out string reason, out SourcePosition at) is { } root) specs = Tasks(root);
        else _problems.Add((at, reason));
        if (_problems.Count == 0) return specs;
        IEnumerable<string> lines = _problems.OrderBy(static problem => problem.At.Line).ThenBy(static problem => problem.At.Column).Select(static problem => $"{problem.At}: {problem.What}");
        throw new CliException(CliErrors.TasksRefused, string.Join("\n  ", lines));
    }

    private ImmutableArray<TaskSpec> Tasks(YamlMappingNode root)
    {
        Dictionary<string, YamlNode> members = Members(root, ["schema", "tasks"]);
        if (Text(members, "schema", root) is { } schema && schema != Schema) Tell(members["schema"], $"the schema is '{schema}'; this program reads {Schema}");
        YamlMappingNode[] nodes = [.. List(members, "tasks", root).OfType<YamlMappingNode>()];
        var read = nodes.Select(node => (Node: node, Members: Members(node, Known))).ToArray();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int place = 0; place < read.Length; place++)
        {
            string? name = Text(read[place].Members, "name", read[place].Node);
            if (name is not null && !places.TryAdd(name, place)) Tell(read[place].Members["name"], $"'{name}' is the name of another task already");
        }

        if (nodes.Length == 0) Tell(root, "there are no tasks");
        return [.. read.Select(task => Task(task.Node, task.Members, places))];
    }

    private TaskSpec Task(YamlMappingNode node, Dictionary<string, YamlNode> members, Dictionary<string, int> places)
    {
        var spec = new TaskSpec(Text(members, "type", node) ?? "?", Encoding.UTF8.GetBytes(Optional(members, "payload") ?? ""))
        {
            Name = Optional(members, "name"),
            Priority = Word(members, "priority", TaskPriority.Normal),
            After = [.. List(members, "after", null).Select(after => Dependency(after, places)).OfType<TaskDependency>()],
            AfterAny = Optional(members, "afterAny") is { } any && Parsed(members, "afterAny", any, "true or false", bool.TryParse, false),
            WhenDependencyFails = Word(members, "whenDependencyFails", WhenDependencyFails.Skip),
            AgentType = Optional(members, "agentType"),
            Labels = Texts(members, "labels"),
            Capability = Optional(members, "capability"),
            NotBefore = Instant(members, "notBefore"),
            Deadline = Instant(members, "deadline"),
            ConcurrencyKey = Optional(members, "concurrencyKey"),
            IdempotencyKey = Optional(members, "key"),
            Tags = Texts(members, "tags"),
        };
        if (Optional(members, "timeout") is { } timeout) spec = spec with { Timeout = Parsed(members, "timeout", timeout, "a time such as 30s or 5m", Durations.TryParse, spec.Timeout) };
        if (Optional(members, "attempts") is { } attempts)
            spec = spec with { Retry = spec.Retry with { AttemptsMax = Parsed(members, "attempts", attempts, "a whole number", static (string text, out int number) => int.TryParse(text, CultureInfo.InvariantCulture, out number), 3) } };
        foreach (string problem in spec.Problems()) Tell(node, problem.TrimEnd('.'));
        return spec;
    }

    /// <summary>A name, or <c>task</c> and <c>on</c>: its success, or its end.</summary>
    private TaskDependency? Dependency(YamlNode node, Dictionary<string, int> places)
    {
        Dictionary<string, YamlNode> members = node is YamlMappingNode mapping ? Members(mapping, ["task", "on"]) : [];
        string? name = node is YamlScalarNode { Value: { } plain } ? plain : Text(members, "task", node);
        if (name is null) return null;
        if (!places.TryGetValue(name, out int place))
        {
            Tell(node, $"'{name}' is no task of this file; {NearestName.Hint(name, [.. places.Keys])}");
            return null;
        }

        string on = Optional(members, "on") ?? "success";
        if (on is not ("success" or "end")) Tell(members["on"], $"'on' is success or end; '{on}' is neither");
        return TaskDependency.On(place) with { IsOnEnd = on == "end" };
    }

    private Dictionary<string, YamlNode> Members(YamlMappingNode mapping, ImmutableArray<string> known)
    {
        var members = new Dictionary<string, YamlNode>(StringComparer.Ordinal);
        foreach ((YamlNode key, YamlNode value) in mapping.Children)
        {
            if (key is YamlScalarNode { Value: { } name } && known.Contains(name, StringComparer.Ordinal)) members[name] = value;
            else Tell(key, $"'{key}' is no member here; {NearestName.Hint(key.ToString(), known)}");
        }

        return members;
    }

    private string? Text(Dictionary<string, YamlNode> members, string name, YamlNode owner)
    {
        if (!members.ContainsKey(name)) Tell(owner, $"'{name}' is missing");
        return Optional(members, name);
    }

    private string? Optional(Dictionary<string, YamlNode> members, string name)
    {
        if (!members.TryGetValue(name, out YamlNode? node)) return null;
        if (node is YamlScalarNode { Value: { } text }) return text;
        Tell(node, $"'{name}' must be a text");
        return null;
    }

    private IEnumerable<YamlNode> List(Dictionary<string, YamlNode> members, string name, YamlNode? owner)
    {
        if (!members.TryGetValue(name, out YamlNode? node))
        {
            if (owner is not null) Tell(owner, $"'{name}' is missing");
            return [];
        }

        if (node is not YamlSequenceNode list)
        {
            Tell(node, $"'{name}' must be a list");
            return [];
        }

        foreach (YamlNode item in list.Children.Where(item => name == "tasks" && item is not YamlMappingNode)) Tell(item, "a task must be a mapping");
        return list.Children;
    }

    private ImmutableArray<string> Texts(Dictionary<string, YamlNode> members, string name) => [.. List(members, name, null).Select(node =>
    {
        if (node is YamlScalarNode { Value: { } text }) return text;
        Tell(node, $"'{name}' must be a list of texts");
        return "?";
    })];

    private T Word<T>(Dictionary<string, YamlNode> members, string name, T fallback)
        where T : struct, Enum
    {
        if (Optional(members, name) is not { } text) return fallback;
        string words = string.Join(", ", Enum.GetNames<T>().Select(static word => word.ToLowerInvariant()));
        return Parsed(members, name, text, $"one of {words}", static (string word, out T value) => Enum.TryParse(word, ignoreCase: true, out value) && !char.IsAsciiDigit(word[0]), fallback);
    }

    private DateTimeOffset? Instant(Dictionary<string, YamlNode> members, string name) =>
        Optional(members, name) is { } text ? Parsed(members, name, text, "a time from now such as 2h, or a date such as 2026-12-24T18:00Z", (string word, out DateTimeOffset value) => Instants.TryParse(word, now, out value), now) : null;

    private T Parsed<T>(Dictionary<string, YamlNode> members, string name, string text, string must, TryParse<T> parse, T fallback)
    {
        if (parse(text, out T value)) return value;
        Tell(members[name], $"'{name}' must be {must}; '{text}' is not");
        return fallback;
    }

    private void Tell(YamlNode node, string what) => _problems.Add((new SourcePosition(source, (int)node.Start.Line, (int)node.Start.Column), what));

    private delegate bool TryParse<T>(string text, out T value);
}
