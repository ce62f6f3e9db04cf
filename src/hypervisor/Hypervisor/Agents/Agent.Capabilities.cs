using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Durability;

namespace Sirsi.Hypervisor.Agents;

/// <summary>What the agent may do.</summary>
public sealed partial class Agent
{
    private CapabilityGrant? _grant;

    /// <summary>Its capabilities, every use and refusal counted; null for an agent that was given none.</summary>
    public CapabilityGrant? Grant => Volatile.Read(ref _grant);

    /// <summary>Takes a capability from it and from all it has given it on to, or with null all of them: their next call fails.</summary>
    /// <exception cref="HypervisorException">The agent is durable, and it could not be stored. It is in force all the same, until the host is opened again.</exception>
    public async ValueTask RevokeAsync(Capability? capability)
    {
        if (Grant is not { } grant) return;
        if (capability is null) grant.Revoke();
        else grant.Revoke(capability);
        if (Durable is not null)
            await Host.Ledger!.CommitAsync(new FactWriter().Fact(FactKind.CapabilityRevoked, Id).Put(capability?.ToString() ?? "").Written);
    }

    /// <summary>Whether it may, and an agent of its type at all, counted as a use or a refusal.</summary>
    internal bool May(string action, string subject)
    {
        bool isWithinType = Type.Ceiling is not { } ceiling || ceiling.Find(action, subject) >= 0;
        if (isWithinType && Grant is { } grant)
        {
            CapabilityVerdict verdict = grant.Check(action, subject);
            if (verdict is CapabilityVerdict.Expired or CapabilityVerdict.Revoked) _turn?.OnMissing();
            return verdict is CapabilityVerdict.Allowed;
        }

        Host.OnRefused(Session, new CapabilityRefusal(Id.ToString(), $"{action}:{subject}", CapabilityVerdict.NotGranted, null));
        return false;
    }

    /// <summary>What it was spawned with, derived from what its parent or its session may.</summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.CapabilityRefused"/>: they do not cover it.</exception>
    internal void TakeCapabilities(CapabilitySet capabilities, DateTimeOffset? expiresAt)
    {
        if (capabilities.Count == 0) return;
        if (Type.Ceiling is { } ceiling && capabilities.FirstOrDefault(capability => !ceiling.Covers(capability)) is { } beyond)
            throw new HypervisorException(HypervisorErrors.CapabilityRefused, $"{beyond} cannot be given to an agent of '{Type.Name}': its module was not granted it.");
        CapabilityGrant? above = ParentAgent is { } parent ? parent.Grant : Session.Grant;
        CapabilityRefusal? refusal = null;
        _grant = above?.Derive(Id.ToString(), capabilities, expiresAt, out refusal);
        if (_grant is not null) return;
        throw new HypervisorException(HypervisorErrors.CapabilityRefused,
            $"{refusal?.Asked ?? capabilities.ToString()} cannot be given to an agent of '{Type.Name}': {(ParentAgent is null ? "its session" : "its parent")} may not do it.");
    }

    private void WriteCapabilities(FactWriter facts)
    {
        if (Grant is not { } grant) return;
        foreach (Capability capability in grant.Capabilities) facts.Fact(FactKind.CapabilityGranted, Id).Put(capability.ToString());
        if (grant.Snapshot().ExpiresAt is { } expiresAt) facts.Fact(FactKind.CapabilitiesExpire, Id).Put(expiresAt);
    }

    /// <summary>As the journal left them. What its parent or its session no longer covers is not given back.</summary>
    private void RestoreCapabilities(AgentImage image)
    {
        CapabilityGrant? above = ParentAgent is { } parent ? parent.Grant : Session.Grant;
        if (image.Capabilities.Count == 0 || above is null) return;
        var covered = new CapabilitySet(image.Capabilities.Select(Capability.Parse).Where(above.Capabilities.Covers));
        _grant = above.Derive(Id.ToString(), covered, image.CapabilitiesExpireAt, out _);
        foreach (string revoked in image.Revoked)
        {
            if (revoked.Length == 0) _grant?.Revoke();
            else _grant?.Revoke(Capability.Parse(revoked));
        }
    }
}
