using System.Runtime.InteropServices;

namespace Sirsi.Hypervisor.Contexts;

/// <summary>Whether something was written.</summary>
public enum ContextOutcome
{
    /// <summary>It was; or there was nothing to delete.</summary>
    Written,

    /// <summary>It was not: the key does not have the version that was expected.</summary>
    Conflict,
}

/// <summary>What came of a write to a session's context.</summary>
/// <param name="Outcome">Whether it was written.</param>
/// <param name="Key">The key.</param>
/// <param name="Version">The version that the key has now, 0 when it does not exist. In a turn: which it will have, if nobody else writes it before.</param>
/// <param name="Expected">The version that was expected; null for whichever.</param>
/// <param name="Revision">Which write of the session it was; 0 when nothing was written, and in a turn, where it is not known yet.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ContextWrite(ContextOutcome Outcome, string Key, long Version, long? Expected, long Revision)
{
    /// <summary>Whether the key is as it was to be.</summary>
    public bool IsWritten => Outcome is ContextOutcome.Written;

    /// <summary>
    /// Throws when it was not written. A turn that lets this pass while others wrote to the context runs again at once, as one that loses the race for a key at its end does (<see cref="ContextOptions.ConflictsMax"/>); else it fails.
    /// </summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.ContextConflict"/>; the message names the key and both versions.</exception>
    public void ThrowIfConflict()
    {
        if (!IsWritten) throw new HypervisorException(HypervisorErrors.ContextConflict, ToString());
    }

    /// <summary>A sentence that names the key and its versions.</summary>
    public override string ToString() => IsWritten
        ? $"'{Key}' has version {Version}."
        : ConflictOf(Key, Expected ?? 0, Version);

    /// <summary>The sentence for a key that does not have the version that was expected.</summary>
    internal static string ConflictOf(string key, long expected, long actual) => (expected, actual) switch
    {
        _ when expected == actual => $"'{key}' has version {actual}, as was expected, but it was deleted and made again meanwhile.",
        (0, _) => $"'{key}' was expected not to exist (version 0), and has version {actual}.",
        (_, 0) => $"'{key}' was expected to have version {expected}, and does not exist (version 0).",
        _ => $"'{key}' was expected to have version {expected}, and has version {actual}.",
    };
}
