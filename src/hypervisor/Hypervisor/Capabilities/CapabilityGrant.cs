namespace Sirsi.Hypervisor.Capabilities;

/// <summary>
/// The capabilities somebody holds, and a check of every use. What is not granted is refused. Grants are derived from one another (tenant → session → agent → child) and
/// only ever narrow: what a grant allows, all it was derived from allow at that instant. Revoking or shortening one reaches all that were derived from it at their very next check.
/// Safe for any number of threads; a check takes no lock and allocates nothing.
/// </summary>
public sealed class CapabilityGrant
{
    /// <summary>The most grants derived one from another.</summary>
    public const int DepthMax = 16;

    /// <summary>The most capabilities taken out of one grant one by one; revoke it whole instead.</summary>
    public const int RevokedMax = 64;

    private readonly CapabilityGrant? _parent;
    private readonly TimeProvider _time;
    private readonly Action<CapabilityRefusal>? _onRefused;

    private volatile bool _isRevoked;
    private volatile Capability[]? _revoked;
    private long _expiresTicks = long.MaxValue;
    private long[]? _uses;
    private long _refused;

    private CapabilityGrant(string holder, CapabilitySet capabilities, CapabilityGrant? parent, TimeProvider time, Action<CapabilityRefusal>? onRefused)
    {
        ArgumentException.ThrowIfNullOrEmpty(holder);
        ArgumentNullException.ThrowIfNull(capabilities);
        Holder = holder;
        Capabilities = capabilities;
        _parent = parent;
        _time = time;
        _onRefused = onRefused;
    }

    /// <summary>Whose grant it is.</summary>
    public string Holder { get; }

    /// <summary>What was granted; how much of it is left, <see cref="Check"/> says.</summary>
    public CapabilitySet Capabilities { get; }

    /// <summary>A grant that is derived from none.</summary>
    /// <param name="holder">Whose it is.</param>
    /// <param name="capabilities">What it grants.</param>
    /// <param name="time">The clock that ends it and all that are derived from it.</param>
    /// <param name="onRefused">Is told of every refusal here and below, on the thread of who was refused; it must be quick and not throw.</param>
    public static CapabilityGrant CreateRoot(string holder, CapabilitySet capabilities, TimeProvider time, Action<CapabilityRefusal>? onRefused = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        return new CapabilityGrant(holder, capabilities, parent: null, time, onRefused);
    }

    /// <summary>A grant under this one, or null and the first capability that none of this grant's covers. A refusal counts as one of this grant's.</summary>
    /// <param name="holder">Whose it is to be.</param>
    /// <param name="wanted">What it is to grant; <see cref="Capabilities"/> for all of this one's.</param>
    /// <param name="expiresAt">When it ends at the latest; null for when this one does.</param>
    /// <param name="refusal">Why there is none, when there is none.</param>
    /// <exception cref="InvalidOperationException">It would be more than <see cref="DepthMax"/> deep.</exception>
    public CapabilityGrant? Derive(string holder, CapabilitySet wanted, DateTimeOffset? expiresAt, out CapabilityRefusal? refusal)
    {
        var child = new CapabilityGrant(holder, wanted, this, _time, _onRefused);
        child.Renew(expiresAt);
        if (Depth() == DepthMax) throw new InvalidOperationException($"Grants are derived at most {DepthMax} deep.");
        refusal = null;
        CapabilityVerdict verdict = Standing("", "");
        if (verdict is not CapabilityVerdict.Allowed)
        {
            refusal = Refuse(holder, wanted.ToString(), verdict, Holder);
            return null;
        }

        if (ReferenceEquals(wanted, Capabilities) || wanted.FirstOrDefault(capability => !Capabilities.Covers(capability)) is not { } missing) return child;
        refusal = Refuse(holder, missing.ToString(), CapabilityVerdict.NotGranted, Holder);
        return null;
    }

    /// <summary>Whether the holder may do it, counted as a use or a refusal.</summary>
    /// <param name="action">The action, as in a capability.</param>
    /// <param name="subject">With what, in the form in which it will be acted upon; empty where the action has no subject.</param>
    public bool Allows(string action, ReadOnlySpan<char> subject) => Check(action, subject) is CapabilityVerdict.Allowed;

    /// <summary>As <see cref="Allows"/>, with the reason.</summary>
    public CapabilityVerdict Check(string action, ReadOnlySpan<char> subject)
    {
        ArgumentNullException.ThrowIfNull(action);
        CapabilityVerdict verdict = Standing(action, subject);
        if (verdict is CapabilityVerdict.Allowed)
        {
            int found = Capabilities.Find(action, subject);
            if (found >= 0)
            {
                Interlocked.Increment(ref (_uses ?? CreateUses())[found]);
                return verdict;
            }

            verdict = CapabilityVerdict.NotGranted;
        }

        Refuse(Holder, Text(action, subject), verdict, parent: null);
        return verdict;
    }

    /// <summary>Ends this grant, and with it all that were derived from it, for good.</summary>
    public void Revoke() => _isRevoked = true;

    /// <summary>Takes what <paramref name="capability"/> allows out of this grant and all that were derived from it, for good.</summary>
    /// <exception cref="InvalidOperationException">There are <see cref="RevokedMax"/> already.</exception>
    public void Revoke(Capability capability)
    {
        ArgumentNullException.ThrowIfNull(capability);
        while (true)
        {
            Capability[]? before = _revoked;
            Capability[] kept = [.. (before ?? []).Where(other => !capability.Covers(other))];
            if (Array.Exists(kept, other => other.Covers(capability))) return;
            if (kept.Length == RevokedMax) throw new InvalidOperationException($"At most {RevokedMax} capabilities are taken out of one grant.");
#pragma warning disable CS0420 // Interlocked has the meaning of volatile.
            if (Interlocked.CompareExchange(ref _revoked, [.. kept, capability], before) == before) return;
#pragma warning restore CS0420
        }
    }

    /// <summary>Sets when this grant ends, earlier or later than before; null for never. None outlives what it was derived from.</summary>
    public void Renew(DateTimeOffset? expiresAt) => Volatile.Write(ref _expiresTicks, expiresAt?.UtcTicks ?? long.MaxValue);

    /// <summary>How it stands and what it was used for.</summary>
    public CapabilitySnapshot Snapshot()
    {
        var uses = new CapabilityUse[Capabilities.Count];
        long allowed = 0;
        for (int i = 0; i < uses.Length; i++)
        {
            long count = _uses is { } counted ? Interlocked.Read(ref counted[i]) : 0;
            uses[i] = new CapabilityUse(Capabilities[i], count);
            allowed += count;
        }

        long expires = long.MaxValue;
        bool revoked = false;
        for (CapabilityGrant? grant = this; grant is not null; grant = grant._parent)
        {
            expires = Math.Min(expires, Volatile.Read(ref grant._expiresTicks));
            revoked |= grant._isRevoked;
        }

        DateTimeOffset? expiresAt = expires == long.MaxValue ? null : new DateTimeOffset(expires, TimeSpan.Zero);
        return new CapabilitySnapshot(Holder, uses, allowed, Interlocked.Read(ref _refused), expiresAt, revoked, [.. _revoked ?? []]);
    }

    /// <summary>Whether this grant and all it was derived from hold, and none has what is asked for taken out.</summary>
    private CapabilityVerdict Standing(string action, ReadOnlySpan<char> subject)
    {
        long now = long.MinValue;
        for (CapabilityGrant? grant = this; grant is not null; grant = grant._parent)
        {
            if (grant._isRevoked) return CapabilityVerdict.Revoked;
            long expires = Volatile.Read(ref grant._expiresTicks);
            if (expires != long.MaxValue)
            {
                if (now == long.MinValue) now = _time.GetUtcNow().UtcTicks;
                if (now >= expires) return CapabilityVerdict.Expired;
            }

            if (grant._revoked is not { } revoked) continue;
            foreach (Capability capability in revoked)
                if (capability.TakesOut(action, subject)) return CapabilityVerdict.Revoked;
        }

        return CapabilityVerdict.Allowed;
    }

    private CapabilityRefusal Refuse(string holder, string asked, CapabilityVerdict verdict, string? parent)
    {
        Interlocked.Increment(ref _refused);
        string cut = asked.Length <= CapabilityRefusal.AskedLengthMax ? asked : asked[..CapabilityRefusal.AskedLengthMax];
        var refusal = new CapabilityRefusal(holder, cut, verdict, parent);
        _onRefused?.Invoke(refusal);
        return refusal;
    }

    private long[] CreateUses()
    {
        long[] created = new long[Capabilities.Count];
        return Interlocked.CompareExchange(ref _uses, created, null) ?? created;
    }

    private int Depth()
    {
        int depth = 0;
        for (CapabilityGrant? grant = this; grant is not null; grant = grant._parent) depth++;
        return depth;
    }

    private static string Text(string action, ReadOnlySpan<char> subject) =>
        subject.IsEmpty ? action : $"{action}:{subject[..Math.Min(subject.Length, CapabilityRefusal.AskedLengthMax)]}";
}
