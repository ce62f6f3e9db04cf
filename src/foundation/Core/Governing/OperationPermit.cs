namespace Sirsi.Core.Governing;

/// <summary>
/// The right to run one operation. Give it back by disposing of it, once; doing so again, also of a copy, does nothing. Any thread may.
/// Where processor time is capped, the asynchronous flow that received the permit is charged for its turns until it disposes of
/// it, on whatever threads they run: so await <see cref="ResourceGovernor.AcquireAsync(OperationKind, CancellationToken)"/> in the method
/// that does the work, not in a helper that hands the permit on.
/// </summary>
public readonly struct OperationPermit : IDisposable, IEquatable<OperationPermit>
{
    private readonly PermitSlot? _slot;

    internal OperationPermit(PermitSlot slot)
    {
        _slot = slot;
        Sequence = slot.Sequence;
    }

    /// <summary>Its place in the order in which the tree of governors admitted operations, from 1; 0 for the default permit.</summary>
    public long Sequence { get; }

    /// <summary>Whether it has not been given back.</summary>
    public bool IsHeld => _slot is { } slot && Volatile.Read(ref slot.Sequence) == Sequence;

    /// <summary>
    /// Where a long operation lets the governor rule: completes at once while there is processor time left and nothing is paused,
    /// and otherwise when that is so again. A CPU cap is kept closely by operations that come here every 10 ms or oftener.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The permit has been given back.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled; the permit is still held.</exception>
    public ValueTask CheckpointAsync(CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(!IsHeld, typeof(OperationPermit));
        return _slot!.Governor!.CheckpointAsync(cancellation);
    }

    /// <summary>Gives the permit back.</summary>
    public void Dispose() => _slot?.Tree.Release(_slot, Sequence);

    /// <inheritdoc/>
    public bool Equals(OperationPermit other) => ReferenceEquals(_slot, other._slot) && Sequence == other.Sequence;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is OperationPermit other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Sequence.GetHashCode();

    /// <summary>Whether both are the same permit.</summary>
    public static bool operator ==(OperationPermit left, OperationPermit right) => left.Equals(right);

    /// <summary>Whether they are different permits.</summary>
    public static bool operator !=(OperationPermit left, OperationPermit right) => !left.Equals(right);
}

/// <summary>What a permit points to. Used again for other permits; the sequence number tells whose it is now, 0 for nobody's.</summary>
internal sealed class PermitSlot(GovernorTree tree)
{
    public long Sequence;

    public GovernorTree Tree { get; } = tree;

    public ResourceGovernor? Governor { get; set; }

    public OperationKind Kind { get; set; }

    /// <summary>Whether the flow of the holder is charged through this permit, and whom it was charged to before.</summary>
    public bool IsMetered { get; set; }

    public ResourceGovernor? ChargedBefore { get; set; }

    public PermitSlot? NextFree { get; set; }
}
