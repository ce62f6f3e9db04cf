using System.Globalization;

namespace Sirsi.Hypervisor.Tests.Ledgers;

/// <summary>An account that hands amounts on to others, for so many hops; all of them together neither gain nor lose anything.</summary>
internal sealed class Teller : IAgentBehavior
{
    public const string Name = "teller";
    public const int Hops = 6;
    private const int AmountMax = 100;

    public static AgentType Type { get; } = new(Name, static () => new Teller()) { Durability = AgentDurability.Durable };

    /// <summary>So many that know each other.</summary>
    public static async Task<Agent[]> SpawnAsync(Lives lives, int count)
    {
        Agent[] tellers = [.. await Task.WhenAll(Enumerable.Range(0, count).Select(_ => lives.SpawnAsync(Name)))];
        string all = string.Join(' ', tellers.Select(static teller => teller.Id));
        foreach (Agent teller in tellers) Assert.True((await lives.AskAsync(teller, "know", all)).IsReplied);
        return tellers;
    }

    /// <summary>What a number comes to over all of them: <c>begun</c>, <c>handled</c> or <c>balance</c>.</summary>
    public static int Sum(Lives lives, Agent[] tellers, string name) =>
        tellers.Sum(teller => lives.Read(teller, name) is { Length: > 0 } number ? int.Parse(number, CultureInfo.InvariantCulture) : 0);

    public ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message)
    {
        if (message.IsAsked) turn.Reply(default);
        if (message.Type == "know")
        {
            turn.SetVariable("all", message.Payload);
            return ValueTask.CompletedTask;
        }

        int[] parts = [.. World.Text(message.Payload).Split(' ').Select(int.Parse)];
        (int chain, int hop, int amount) = (parts[0], parts[1], parts[2]);
        int passed = hop < Hops ? (chain + hop) % AmountMax : 0;
        if (hop < Hops)
        {
            turn.TryGetVariable("all", out ReadOnlyMemory<byte> known);
            string[] all = World.Text(known).Split(' ');
            turn.Tell(AgentId.Parse(all[(chain * 5 + hop * 11) % all.Length]), "transfer", World.Bytes($"{chain} {hop + 1} {passed}"));
        }

        Add(turn, "balance", amount - passed);
        Add(turn, "handled", 1);
        if (hop == 1) Add(turn, "begun", 1);
        return ValueTask.CompletedTask;
    }

    private static void Add(AgentTurn turn, string name, int amount)
    {
        int before = turn.TryGetVariable(name, out ReadOnlyMemory<byte> value) ? int.Parse(World.Text(value), CultureInfo.InvariantCulture) : 0;
        turn.SetVariable(name, World.Bytes((before + amount).ToString(CultureInfo.InvariantCulture)));
    }
}
