using System.Collections.Immutable;
using Sirsi.Hypervisor.Agents;

namespace Sirsi.Hypervisor.Native;

/// <summary>
/// An executable that agents can be made of: a process for each agent that is in memory, which is given a line of JSON for each thing that happens and answers with lines of what it does (<c>docs/guides/native-agents.md</c>). It runs
/// as the host's user, with all that this user may: what hems WebAssembly agents in does not hold here, so each program has to be allowed by the operator (<see cref="AgentHostOptions.NativePrograms"/>).
/// Immutable.
/// </summary>
/// <param name="Path">The executable, an absolute path. It is started as it is, by no shell.</param>
public sealed record NativeProgram(string Path)
{
    /// <summary>What it is started with; default nothing.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>Its environment variables, all of them: nothing of the host's is handed on. Default none.</summary>
    public ImmutableDictionary<string, string> Environment { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Where it is started; null, the default, for the folder it is in.</summary>
    public string? WorkingFolder { get; init; }

    /// <summary>How long a turn may take before the process is killed, its start included; default 30 s.</summary>
    public TimeSpan TurnTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest line it may answer with, in bytes; default 1 MiB.</summary>
    public int LineBytesMax { get; init; } = 1 << 20;

    /// <summary>The longest text that one turn may write to its standard error, in characters; the rest is dropped. Default 64 Ki.</summary>
    public int LogCharactersPerTurn { get; init; } = 64 << 10;

    /// <summary>Every broken rule, in words for the one who describes the program; empty when it is valid.</summary>
    public IEnumerable<string> Problems()
    {
        if (!System.IO.Path.IsPathFullyQualified(Path)) yield return "Path is not absolute.";
        if (Arguments.IsDefault || Arguments.Any(static argument => argument is null)) yield return "Arguments has none in it, or is none.";
        if (WorkingFolder is { } folder && !System.IO.Path.IsPathFullyQualified(folder)) yield return "WorkingFolder is not absolute.";
        if (TurnTimeout <= TimeSpan.Zero || TurnTimeout > TimeSpan.FromDays(1)) yield return $"TurnTimeout is {TurnTimeout}; it must be above 0 and at most a day.";
        if (LineBytesMax is < 64 or > 64 << 20) yield return $"LineBytesMax is {LineBytesMax}; it must be 64 to 64 MiB.";
        if (LogCharactersPerTurn < 0) yield return $"LogCharactersPerTurn is {LogCharactersPerTurn}; it must be 0 or more.";
    }

    /// <summary>The type of agents that run this program.</summary>
    /// <param name="name">The type's name.</param>
    /// <param name="log">Takes what processes write to their standard error: the agent, and a piece of the text. Called on any thread; short, and throws nothing.</param>
    /// <exception cref="ArgumentException">The name is none, or the program breaks rules.</exception>
    public AgentType ToType(string name, Action<AgentId, string>? log = null)
    {
        string problems = string.Join(' ', Problems());
        if (problems.Length > 0) throw new ArgumentException(problems, nameof(name));
        return new AgentType(name, () => new NativeBehavior(this, log)) { TurnTimeout = TurnTimeout, HibernateAfter = TimeSpan.FromMinutes(5) };
    }
}
