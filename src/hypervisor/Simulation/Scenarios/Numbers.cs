using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Simulation.Scenarios;

/// <summary>Variables that are numbers.</summary>
internal static class Numbers
{
    public static int Number(this AgentTurn turn, string name, int otherwise = 0) => turn.TryGetVariable(name, out ReadOnlyMemory<byte> value) ? BitConverter.ToInt32(value.Span) : otherwise;

    public static void SetNumber(this AgentTurn turn, string name, int value) => turn.SetVariable(name, BitConverter.GetBytes(value));

    public static int Number(this Agent agent, string name, int otherwise = 0) =>
        agent.CopyVariables().TryGetValue(name, out ReadOnlyMemory<byte> value) ? BitConverter.ToInt32(value.Span) : otherwise;
}
