using System.Collections.Immutable;
using System.CommandLine;
using Sirsi.Cli.Commands.Agents;
using Sirsi.Hypervisor.Tasks;

namespace Sirsi.Cli.Commands.Tasks;

/// <summary>The options that say what a task is to do and by whom.</summary>
internal sealed class SpecOptions
{
    private readonly Option<string> _payload = new("--payload", "-p") { Description = "What it is to be done with; @FILE takes it from a file, @- from standard input.", HelpName = "TEXT|@FILE", DefaultValueFactory = static _ => "" };
    private readonly Option<string?> _name = new("--name") { Description = "What people call it. Default: its type.", HelpName = "NAME" };
    private readonly Option<string> _priority = new("--priority") { Description = "How urgent it is.", HelpName = "PRIORITY", DefaultValueFactory = static _ => "normal" };
    private readonly Option<string?> _agentType = new("--agent-type") { Description = "Which type of agent is to do it. Default: any that takes tasks.", HelpName = "TYPE" };
    private readonly Option<string[]> _labels = new("--label") { Description = "A label that the agent's type must have; any number of times.", HelpName = "LABEL" };
    private readonly Option<string[]> _tags = new("--tag") { Description = "A word to find it by; any number of times.", HelpName = "TAG" };
    private readonly Option<string> _timeout = Durations.Option("--timeout", "How long one attempt may take.", "30s");
    private readonly Option<int> _attempts = new("--attempts") { Description = "How often it is tried before it is dead.", HelpName = "N", DefaultValueFactory = static _ => TaskRetry.Default.AttemptsMax };

    public SpecOptions()
    {
        _priority.AcceptOnlyFromAmong([.. Priorities]);
        _attempts.Bound(static number => number is >= 1 and <= 10_000, "--attempts is 1 to 10,000.");
    }

    /// <summary>The words for how urgent a task is.</summary>
    public static ImmutableArray<string> Priorities { get; } = [.. Enum.GetNames<TaskPriority>().Select(static name => name.ToLowerInvariant())];

    /// <summary>All of them.</summary>
    public ImmutableArray<Option> All => [_payload, _name, _priority, _agentType, _labels, _tags, _timeout, _attempts];

    public void AddTo(Verb verb)
    {
        foreach (Option option in All) verb.Add(option);
    }

    public TaskSpec Read(CommandCall call, string type) => new(type, InputBytes.Read(call.Terminal, call.Get(_payload)!))
    {
        Name = call.Get(_name),
        Priority = Enum.Parse<TaskPriority>(call.Get(_priority)!, ignoreCase: true),
        AgentType = call.Get(_agentType),
        Labels = [.. call.Get(_labels) ?? []],
        Tags = [.. call.Get(_tags) ?? []],
        Timeout = Durations.Read(call.Get(_timeout)!),
        Retry = TaskRetry.Default with { AttemptsMax = call.Get(_attempts) },
    };
}
