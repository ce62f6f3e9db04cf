using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Http;
using Sirsi.Store;
using Sirsi.Store.Postgres;

namespace Sirsi.CrashWriter;

/// <summary>
/// An account that hands amounts on: a chain of transfers goes from account to account for so many hops. Each account counts the chains that began at it and the transfers it handled,
/// and tells a server of every tenth one, in a request that is a step.
/// </summary>
internal sealed class Account(Uri server) : IAgentBehavior
{
    public const string TypeName = "account";
    public const int Hops = 40, Balance = 1_000;
    private const string All = "all", Begun = "begun", Handled = "handled", Held = "balance";

    /// <summary>The process is killed again and again, which no message is to be held responsible for.</summary>
    public static AgentType Type(Uri server) =>
        new(TypeName, () => new Account(server)) { Durability = AgentDurability.Durable, Supervision = new SupervisionOptions { ProcessEndsMax = 1_000 } };

    /// <summary>What an account may do.</summary>
    public static CapabilitySet Capabilities { get; } = CapabilitySet.Parse(["net.http:127.0.0.1:*"]);

    /// <summary>A host of accounts in a folder, or in a PostgreSQL database, which is then whoever asks' to dispose of.</summary>
    public static async Task<AgentHostOptions> OptionsAsync(string place)
    {
        AgentHostOptions options = new() { CheckpointBytes = 1 << 20, Http = new HttpOptions { AllowedPrivateHosts = ["127.0.0.1"] } };
        if (!place.StartsWith("postgres://", StringComparison.Ordinal)) return options with { Folder = place };
        Database database = await Database.OpenAsync(PostgresOptions.Parse(place), [DatabaseLedger.Tables], HostEnvironment.Production, CancellationToken.None);
        return options with { Ledger = new DatabaseLedger(database) { LeaseTime = TimeSpan.FromSeconds(1) } };
    }

    public static (int Begun, int Handled, int Balance) Read(Agent account)
    {
        IReadOnlyDictionary<string, ReadOnlyMemory<byte>> variables = account.CopyVariables();
        return (Number(variables, Begun), Number(variables, Handled), Number(variables, Held));
    }

    /// <summary>The first transfer of a chain.</summary>
    public static byte[] Start(int chain) => Transfer(chain, hop: 1, amount: 0);

    public async ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message)
    {
        if (message.Type == "know")
        {
            turn.SetVariable(All, message.Payload);
            return;
        }

        (int chain, int hop, int amount) = Parts(message.Payload.Span);
        if (hop % 10 == 0)
        {
            string effect = string.Create(CultureInfo.InvariantCulture, $"{chain} {hop}");
            HttpAnswer answer = await turn.HttpAsync(new HttpRequest("POST", server.ToString()) { Body = Encoding.UTF8.GetBytes(effect) });
            if (!answer.IsSuccess) throw new InvalidOperationException(answer.ToString());
        }

        int passed = (chain + hop) % 17;
        if (hop < Hops) turn.Tell(Next(turn, chain, hop), "transfer", Transfer(chain, hop + 1, passed));
        else passed = 0;
        Add(turn, Held, amount - passed);
        Add(turn, Handled, 1);
        if (hop == 1) Add(turn, Begun, 1);
    }

    private static AgentId Next(AgentTurn turn, int chain, int hop)
    {
        turn.TryGetVariable(All, out ReadOnlyMemory<byte> all);
        int count = all.Length / 16, place = (int)((chain * 7_919L + hop * 104_729L) % count);
        return new AgentId(new Guid(all.Span.Slice(16 * place, 16), bigEndian: true));
    }

    private static void Add(AgentTurn turn, string name, int amount)
    {
        int before = turn.TryGetVariable(name, out ReadOnlyMemory<byte> value) ? BinaryPrimitives.ReadInt32LittleEndian(value.Span) : name == Held ? Balance : 0;
        byte[] after = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(after, before + amount);
        turn.SetVariable(name, after);
    }

    private static int Number(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> variables, string name) =>
        variables.TryGetValue(name, out ReadOnlyMemory<byte> value) ? BinaryPrimitives.ReadInt32LittleEndian(value.Span) : name == Held ? Balance : 0;

    private static byte[] Transfer(int chain, int hop, int amount)
    {
        byte[] bytes = new byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, chain);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), hop);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), amount);
        return bytes;
    }

    private static (int Chain, int Hop, int Amount) Parts(ReadOnlySpan<byte> bytes) =>
        (BinaryPrimitives.ReadInt32LittleEndian(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]));
}
