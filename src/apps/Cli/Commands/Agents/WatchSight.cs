using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Turns;
using Sirsi.Wasm.Extism;

namespace Sirsi.Cli.Commands.Agents;

/// <summary>Keeps what happens until it is shown; what comes while too much waits is only counted.</summary>
internal sealed class WatchSight(TimeProvider time) : HostSight
{
    private const int WaitingMax = 100_000;

    private readonly Channel<Sighting> _waiting = Channel.CreateBounded<Sighting>(WaitingMax);
    private long _missed;

    /// <summary>How many happenings were not kept.</summary>
    public long Missed => Interlocked.Read(ref _missed);

    public override void OnLogged(AgentId agent, ExtismLogLevel level, string text) =>
        Keep(new Sighting(time.GetUtcNow(), agent, "log", [("level", level.ToString().ToLowerInvariant()), ("text", text)]));

    public override void OnStatusChanged(Agent agent, StatusChange change) =>
        Keep(new Sighting(change.At, agent.Id, "status", [("agentType", agent.Type.Name), ("status", AgentReport.Word(change.Status)), ("reason", change.Reason)]));

    public override void OnTurnEnded(Agent agent, TurnEnd turn) => Keep(new Sighting(time.GetUtcNow(), agent.Id, "turn",
    [
        ("agentType", agent.Type.Name), ("kind", turn.Kind.ToString().ToLowerInvariant()), ("type", turn.Type), ("from", turn.From.ToString()), ("error", turn.Error ?? ""),
    ]));

    /// <summary>What happens, in its order, until the token ends it; what was kept by then comes too.</summary>
    public async IAsyncEnumerable<Sighting> ReadAsync([EnumeratorCancellation] CancellationToken over)
    {
        while (await ComesAsync(over))
            while (_waiting.Reader.TryRead(out Sighting? seen)) yield return seen;
        while (_waiting.Reader.TryRead(out Sighting? seen)) yield return seen;
    }

    private async Task<bool> ComesAsync(CancellationToken over)
    {
        try
        {
            return await _waiting.Reader.WaitToReadAsync(over);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Keep(Sighting seen)
    {
        if (!_waiting.Writer.TryWrite(seen)) Interlocked.Increment(ref _missed);
    }
}
