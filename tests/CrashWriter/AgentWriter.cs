using System.Collections.Immutable;
using System.Globalization;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor;
using Sirsi.Store;

namespace Sirsi.CrashWriter;

/// <summary>
/// Hosts durable accounts that exchange transfers, and tells a server of some. Lines:
/// <list type="bullet">
/// <item><c>open MILLISECONDS</c>: the host is, so long after it was asked to be.</item>
/// <item><c>started N</c>: the chain is acknowledged.</item>
/// </list>
/// </summary>
internal sealed class AgentWriter(Uri server)
{
    private static readonly HostEnvironment Host = HostEnvironment.Production;

    public async Task RunAsync(string place, int accounts, ProjectScope scope, int firstChain)
    {
        long began = Host.Time.GetTimestamp();
        AgentTypes types = new AgentTypes().Register(Account.Type(server));
        await using AgentHost host = await AgentHost.OpenAsync(Host, types, await Account.OptionsAsync(place));
        Told.Line(string.Create(CultureInfo.InvariantCulture, $"open {(int)Host.Time.GetElapsedTime(began).TotalMilliseconds}"));
        Session session = host.Sessions(scope).FirstOrDefault() ?? await host.OpenSessionAsync(scope, new SessionOptions { Capabilities = Account.Capabilities });
        ImmutableArray<Agent> all = await SpawnAsync(session, accounts);
        Told.Line("spawned");
        for (int chain = firstChain; ; chain++)
        {
            Agent account = all[chain % all.Length];
            SendOutcome outcome = await account.TellAsync("transfer", Account.Start(chain), TimeSpan.FromSeconds(30), $"chain {chain}");
            if (outcome is not (SendOutcome.Accepted or SendOutcome.Repeated)) throw new InvalidOperationException($"chain {chain}: {outcome}: {account.LastError}");
            Told.Line(string.Create(CultureInfo.InvariantCulture, $"started {chain}"));
            while (all.Sum(static agent => agent.MailboxCount) > 200) await Task.Delay(1);
        }
    }

    /// <summary>All accounts, which know each other; a life before may have got so far or not.</summary>
    private static async Task<ImmutableArray<Agent>> SpawnAsync(Session session, int accounts)
    {
        await Task.WhenAll(Enumerable.Range(0, accounts - session.AgentCount).Select(_ => session.SpawnAsync(Account.TypeName, new SpawnOptions { Capabilities = Account.Capabilities }).AsTask()));
        ImmutableArray<Agent> all = session.Agents();
        byte[] ids = [.. all.SelectMany(static agent => agent.Id.Value.ToByteArray(bigEndian: true))];
        await Task.WhenAll(all.Select(agent => agent.TellAsync("know", ids, key: "know").AsTask()));
        return all;
    }
}
