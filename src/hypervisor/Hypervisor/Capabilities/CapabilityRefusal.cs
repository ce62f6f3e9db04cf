namespace Sirsi.Hypervisor.Capabilities;

/// <summary>What a check came to.</summary>
public enum CapabilityVerdict
{
    /// <summary>It may be done.</summary>
    Allowed,

    /// <summary>No capability of the holder allows it.</summary>
    NotGranted,

    /// <summary>The grant, or one it was derived from, has come to its end.</summary>
    Expired,

    /// <summary>The grant, or one it was derived from, was revoked, or what was asked for was taken out of it.</summary>
    Revoked,
}

/// <summary>A request that was refused.</summary>
/// <param name="Holder">Whose grant it was; for a grant that was not derived, whose it would have been.</param>
/// <param name="Asked">The action and the subject, as a capability is written; for a grant that was not derived the capability that is not covered. Cut to
/// <see cref="AskedLengthMax"/> characters.</param>
/// <param name="Verdict">Why.</param>
/// <param name="Parent">For a grant that was not derived: whose capabilities did not suffice. Null for a request.</param>
public sealed record CapabilityRefusal(string Holder, string Asked, CapabilityVerdict Verdict, string? Parent = null)
{
    /// <summary>The most characters of <see cref="Asked"/>.</summary>
    public const int AskedLengthMax = Capability.ActionLengthMax + 1 + Capability.ScopeLengthMax;

    /// <summary>A sentence for the user.</summary>
    public override string ToString() => Parent is null
        ? $"'{Holder}' may not '{Asked}': {Reason("it was not granted", "the grant")}."
        : $"The grant of '{Holder}' may not hold '{Asked}': {Reason($"'{Parent}' does not have it", $"the grant of '{Parent}'")}.";

    private string Reason(string notGranted, string grant) => Verdict switch
    {
        CapabilityVerdict.Expired => $"{grant} has expired",
        CapabilityVerdict.Revoked => $"{grant} was revoked",
        _ => notGranted,
    };
}
