using System.Runtime.InteropServices;

namespace Sirsi.Hypervisor.Capabilities;

/// <summary>How often a capability has been used.</summary>
/// <param name="Capability">Which one.</param>
/// <param name="Count">How many requests it allowed. Where several would have, the first in the order of the set is counted.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct CapabilityUse(Capability Capability, long Count);

/// <summary>A grant at an instant, for reports. While it is being used the numbers may be some uses apart.</summary>
/// <param name="Holder">Whose grant it is.</param>
/// <param name="Uses">Each capability with its uses, in the order of the set.</param>
/// <param name="Allowed">Requests allowed, in total.</param>
/// <param name="Refused">Requests refused, and grants not derived from this one.</param>
/// <param name="ExpiresAt">When it ends, by itself or with what it was derived from; null for never.</param>
/// <param name="IsRevoked">Whether it was revoked, itself or with what it was derived from.</param>
/// <param name="Revoked">What was taken out of this very grant.</param>
public sealed record CapabilitySnapshot(
    string Holder, IReadOnlyList<CapabilityUse> Uses, long Allowed, long Refused, DateTimeOffset? ExpiresAt, bool IsRevoked, IReadOnlyList<Capability> Revoked);
