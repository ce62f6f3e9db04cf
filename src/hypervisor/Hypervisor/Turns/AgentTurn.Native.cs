using Sirsi.Hypervisor.Native;

namespace Sirsi.Hypervisor.Turns;

/// <summary>What native programs are told and allowed.</summary>
public sealed partial class AgentTurn
{
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.NativeNotAllowed"/>.</exception>
    internal void ThrowUnlessAllowed(NativeProgram program)
    {
        if (!Host.AllowsNative(program.Path)) throw new HypervisorException(HypervisorErrors.NativeNotAllowed, $"{program.Path} is not among the native programs that the host may start.");
    }

    /// <summary>What the turns before have kept.</summary>
    internal IReadOnlyDictionary<string, ReadOnlyMemory<byte>> CopyVariables() => _agent.CopyVariables();
}
