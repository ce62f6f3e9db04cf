using System.Globalization;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Contexts;

namespace Sirsi.Hypervisor.Tests.Contexts;

/// <summary>What tests of the shared context have in common.</summary>
internal static class Shared
{
    /// <summary>All that agents may do to the context.</summary>
    public static CapabilitySet Everything { get; } = CapabilitySet.Parse(["context.read", "context.write"]);

    public static SessionOptions Allowing { get; } = new() { Capabilities = Everything };

    public static ReadOnlyMemory<byte> Number(long number) => World.Bytes(number.ToString(CultureInfo.InvariantCulture));

    public static long Number(ContextEntry? entry) => entry is null ? 0 : long.Parse(World.Text(entry.Value), CultureInfo.InvariantCulture);

    public static ContextWrite Put(this World world, string key, string value, long? expected = null) =>
        world.Machine.Run(() => world.Session.Context.PutAsync(key, World.Bytes(value), expected).AsTask());

    public static ContextWrite Delete(this World world, string key, long? expected = null) =>
        world.Machine.Run(() => world.Session.Context.DeleteAsync(key, expected).AsTask());

    /// <summary>An agent that may read and write the context.</summary>
    public static Agent SpawnSharing(this World world, Action<AgentTurn, AgentMessage> onMessage, Func<AgentType, AgentType>? configure = null, CapabilitySet? capabilities = null) =>
        world.SpawnSharing(() => new Behaving(onMessage), configure, capabilities);

    public static Agent SpawnSharing(this World world, Func<IAgentBehavior> create, Func<AgentType, AgentType>? configure = null, CapabilitySet? capabilities = null)
    {
        var type = new AgentType($"sharing{world.Types.All.Length}", create);
        world.Types.Register(configure?.Invoke(type) ?? type);
        return world.Machine.Run(() => world.Session.SpawnAsync(type.Name, new SpawnOptions { Capabilities = capabilities ?? Everything }).AsTask());
    }

    public static AgentType Durable(AgentType type) => type with { Durability = AgentDurability.Durable };

    /// <summary>Adds one to the key that the message names, and counts what it has handled.</summary>
    public static async ValueTask IncrementAsync(AgentTurn turn, AgentMessage message)
    {
        turn.TryGetContext(message.Type, out ContextEntry? entry);
        await Task.Yield();
        turn.PutContext(message.Type, Number(Number(entry) + 1), entry?.Version ?? 0).ThrowIfConflict();
        long handled = turn.TryGetVariable("handled", out ReadOnlyMemory<byte> held) ? BitConverter.ToInt64(held.Span) : 0;
        turn.SetVariable("handled", BitConverter.GetBytes(handled + 1));
    }

    public static long Handled(Agent agent) => agent.CopyVariables().TryGetValue("handled", out ReadOnlyMemory<byte> held) ? BitConverter.ToInt64(held.Span) : 0;
}
