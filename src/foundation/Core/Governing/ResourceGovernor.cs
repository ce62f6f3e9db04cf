using Sirsi.Core.Errors;
using Sirsi.Core.Hosting;

namespace Sirsi.Core.Governing;

/// <summary>
/// Limits and meters operations. An operation acquires a permit, runs, and gives it back. Permits are granted first come first
/// served within a priority; nothing overtakes. Governors nest (process → tenant → session → agent): an operation counts at its
/// governor and every ancestor and waits until all of them let it go, and where an ancestor is the bottleneck its children take
/// turns. Safe for any number of threads. What waits resumes on the environment's executor.
/// </summary>
/// <remarks>
/// Processor time is measured per turn, by the account of the thread that runs it, and charged to the governor and its ancestors
/// (see <see cref="OperationPermit"/>). A governor that has overdrawn its share admits nothing and holds running operations at their
/// checkpoints until time has paid the debt, so the cap holds on average over about a second, whatever the length of a turn.
/// </remarks>
public sealed partial class ResourceGovernor : IDisposable
{
    /// <summary>The most governors one above the other.</summary>
    public const int DepthMax = 16;

    private static long _lastNumber;

    private readonly GovernorOptions _options;
    private readonly ResourceGovernor? _parent;

    /// <summary>From the root down to this.</summary>
    private readonly ResourceGovernor[] _path;

    /// <summary>A governor without parent.</summary>
    /// <param name="name">What people call it, for example <c>process</c>.</param>
    /// <param name="options">Its limits.</param>
    /// <param name="environment">Its clock and executor.</param>
    /// <exception cref="ArgumentException">The options break rules; the message names every one.</exception>
    public ResourceGovernor(string name, GovernorOptions options, HostEnvironment environment)
        : this(name, options, parent: null, new GovernorTree(Checked(environment), Checked(options).DeterministicSeed))
    {
    }

    private ResourceGovernor(string name, GovernorOptions options, ResourceGovernor? parent, GovernorTree tree)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        string problems = string.Join(' ', parent is null ? options.Problems() : options.ProblemsAsChild(tree.IsDeterministic));
        if (problems.Length > 0) throw new ArgumentException(problems, nameof(options));
        Name = name;
        Tree = tree;
        Number = Interlocked.Increment(ref _lastNumber);
        _options = options;
        _parent = parent;
        _path = parent is null ? [this] : [.. parent._path, this];
        if (_path.Length > DepthMax) throw new ArgumentException($"Governors nest at most {DepthMax} deep.", nameof(parent));
        _line = new WaitLine(this, ofCheckpoints: false);
        _checkpoints = new WaitLine(this, ofCheckpoints: true);
        _isSandbox = options.Sandbox || parent is { _isSandbox: true };
        IsMetered = options.CpuCap is not null || parent is { IsMetered: true };
        StartBuckets();
        _readsTime = _hasIoRate || _hasCpuCap || parent is { _readsTime: true };
    }

    /// <summary>What people call it.</summary>
    public string Name { get; }

    internal GovernorTree Tree { get; }

    /// <summary>Tells governors apart without keeping them alive.</summary>
    internal long Number { get; }

    /// <summary>Whether processor time is capped here or above, and so measured.</summary>
    internal bool IsMetered { get; }

    /// <summary>A governor under this one.</summary>
    /// <exception cref="ArgumentException">The options break rules; the message names every one.</exception>
    /// <exception cref="CoreException">This governor is closed.</exception>
    public ResourceGovernor CreateChild(string name, GovernorOptions options)
    {
        var child = new ResourceGovernor(name, Checked(options), this, Tree);
        lock (Tree.Gate)
        {
            if (_isClosed) throw ClosedException();
            AddChild(child);
        }

        return child;
    }

    /// <inheritdoc cref="AcquireAsync(OperationKind, OperationPriority, CancellationToken)"/>
    public ValueTask<OperationPermit> AcquireAsync(OperationKind kind, CancellationToken cancellation) =>
        AcquireAsync(kind, OperationPriority.Normal, cancellation);

    /// <summary>A permit for one operation, at once or when its turn comes. Await the result directly, once.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled; no permit was taken.</exception>
    /// <exception cref="CoreException">
    /// <see cref="CoreErrors.SandboxRefused"/>, <see cref="CoreErrors.GovernorQueueFull"/> or <see cref="CoreErrors.GovernorClosed"/>.
    /// </exception>
    public ValueTask<OperationPermit> AcquireAsync(OperationKind kind, OperationPriority priority, CancellationToken cancellation)
    {
        ThrowUnlessDefined(kind, priority);
        if (cancellation.IsCancellationRequested)
        {
            CountCancelled();
            return ValueTask.FromCanceled<OperationPermit>(cancellation);
        }

        return TryAdmit(kind, priority, willWait: true, out PermitSlot? slot) switch
        {
            Admission.Granted => new ValueTask<OperationPermit>(Begin(slot!)),
            Admission.Busy => WaitAsync(kind, priority, cancellation),
            Admission.RefusedBySandbox => ValueTask.FromException<OperationPermit>(SandboxException(kind)),
            _ => ValueTask.FromException<OperationPermit>(ClosedException()),
        };
    }

    /// <summary>A permit for one operation if there is one right now and nobody of this or a higher priority waits for it.</summary>
    public Admission TryAcquire(OperationKind kind, OperationPriority priority, out OperationPermit permit)
    {
        ThrowUnlessDefined(kind, priority);
        Admission admission = TryAdmit(kind, priority, willWait: false, out PermitSlot? slot);
        permit = slot is null ? default : Begin(slot);
        return admission;
    }

    /// <inheritdoc cref="OperationPermit.CheckpointAsync"/>
    internal ValueTask CheckpointAsync(CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested) return ValueTask.FromCanceled(cancellation);
        CpuFlow.SettleIf(IsMetered);
        return TryPass() ? ValueTask.CompletedTask : WaitAtCheckpointAsync(cancellation);
    }

    /// <summary>From here on the caller's flow is charged for <paramref name="slot"/>'s operation.</summary>
    internal void BeginMetering(PermitSlot slot)
    {
        if (!IsMetered || !CpuFlow.Enter(this, out ResourceGovernor? before)) return;
        slot.ChargedBefore = before;
        slot.IsMetered = true;
    }

    internal CoreException ClosedException() => new(CoreErrors.GovernorClosed, $"The governor '{Name}' is closed.");

    private OperationPermit Begin(PermitSlot slot)
    {
        BeginMetering(slot);
        return new OperationPermit(slot);
    }

    private CoreException SandboxException(OperationKind kind) =>
        new(CoreErrors.SandboxRefused, $"The governor '{Name}' runs in a sandbox, where no operation of the kind {kind} is allowed.");

    private static void ThrowUnlessDefined(OperationKind kind, OperationPriority priority)
    {
        if ((uint)kind >= OperationKinds.Count) throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such kind of operation.");
        if ((uint)priority >= OperationKinds.Priorities)
            throw new ArgumentOutOfRangeException(nameof(priority), priority, "There is no such priority.");
    }

    private static T Checked<T>(T value, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(value))] string? name = null)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(value, name);
        return value;
    }
}
