using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sirsi.Wasm.Interpreter;

namespace Sirsi.Wasm;

/// <summary>
/// A piece of guest work under one budget: one invocation, or several that share it. Also what a host function gets to see of the
/// call it is
/// in. Used by one thread at a time.
/// </summary>
public sealed unsafe class WasmCall : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly WasmEngine _engine;
    private readonly GuestStack _stack;
    private readonly long _started;
    private readonly ReferenceHandles _references = new();
    private CrossCall[] _crossCalls = [];
    private int _crossCount;
    private long _reserve;
    private bool _isDisposed;
    private int _thread;

    /// <summary>A call with the given budget, or the engine's default one. The clock starts now.</summary>
    public WasmCall(WasmEngine engine, WasmBudget? budget = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        Budget = budget ?? engine.Options.Budget;
        string problems = string.Join(' ', Budget.Problems());
        if (problems.Length > 0) throw new ArgumentException(problems, nameof(budget));
        _engine = engine;
        _stack = engine.TakeStack(Budget.StackBytes);
        _started = engine.Time.GetTimestamp();
        Top = _stack.Begin;
        Record = _stack.End;
        _reserve = Budget.Fuel;
    }

    /// <summary>What it may spend.</summary>
    public WasmBudget Budget { get; }

    /// <summary>Fuel spent so far, at most the budget's.</summary>
    public long FuelUsed => Budget.Fuel - FuelLeft;

    /// <summary>Fuel that is left.</summary>
    public long FuelLeft => Math.Max(0, Fuel + _reserve);

    /// <summary>
    /// Time that is left, at least zero; <see cref="Timeout.InfiniteTimeSpan"/> without a deadline. A host function that waits must not
    /// wait longer.
    /// </summary>
    public TimeSpan TimeLeft
    {
        get
        {
            if (Budget.Time == Timeout.InfiniteTimeSpan) return Budget.Time;
            TimeSpan left = Budget.Time - _engine.Time.GetElapsedTime(_started);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Within a host function: the instance that called it; else null.</summary>
    public WasmInstance? Caller { get; internal set; }

    /// <summary>What is left of the slice of fuel in hand; may be negative for a moment.</summary>
    internal long Fuel { get; set; }

    /// <summary>Where the guest is, for stack traces; what is true of it while the interpreter runs is in its own variables.</summary>
    internal Instr* Ip { get; set; }

    internal ulong* Fp { get; set; }

    internal CallRecord* Record { get; set; }

    /// <summary>The first free slot of the guest stack.</summary>
    internal ulong* Top { get; private set; }

    /// <summary>The instance whose code runs.</summary>
    internal WasmInstance? Instance { get; set; }

    internal ReferenceHandles References => _references;

    /// <summary>Spends fuel for work the host does on the guest's behalf.</summary>
    /// <exception cref="WasmTrap">There is not enough, or the deadline has passed, or the call was cancelled.</exception>
    public void Charge(long fuel)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fuel);
        Fuel -= Math.Min(fuel, long.MaxValue / 2);
        if (Fuel < 0) Refill();
    }

    /// <summary>Stops the guest when its time is over or it was cancelled: for host functions that have waited.</summary>
    /// <exception cref="WasmTrap">The deadline has passed, or the call was cancelled.</exception>
    public void ThrowIfStopped()
    {
        if (Budget.Cancellation.IsCancellationRequested) throw Trap(WasmTrapKind.Cancelled);
        if (TimeLeft == TimeSpan.Zero) throw Trap(WasmTrapKind.DeadlineExceeded);
    }

    /// <summary>Gives the stack back. The call cannot be used any more.</summary>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        if (Record == _stack.End) _engine.ReturnStack(_stack);
    }

    /// <summary>Hands out the next slice, after a look at the budget, the clock and the cancellation.</summary>
    internal void Refill()
    {
        if (_reserve + Fuel < 0)
        {
            Fuel = _reserve = 0;
            throw Trap(WasmTrapKind.OutOfFuel);
        }

        if (Budget.Cancellation.IsCancellationRequested) throw Trap(WasmTrapKind.Cancelled);
        if (Budget.Time != Timeout.InfiniteTimeSpan && _engine.Time.GetElapsedTime(_started) > Budget.Time)
            throw Trap(WasmTrapKind.DeadlineExceeded);
        long slice = Math.Max(-Fuel, Math.Min(_reserve, Budget.SliceFuel));
        _reserve -= slice;
        Fuel += slice;
    }

    /// <summary>Blocks until the work is done or the token is cancelled, and stops the guest when its budget says so.</summary>
    internal void Wait(Task? work, CancellationToken wake)
    {
        ThrowIfStopped();
        TimeSpan left = TimeLeft;
        using var deadline = left == Timeout.InfiniteTimeSpan
            ? new CancellationTokenSource()
            : new CancellationTokenSource(left < LongestWait ? left : LongestWait, _engine.Time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, Budget.Cancellation, wake);
        try
        {
#pragma warning disable VSTHRD002 // The guest is synchronous: its thread is the one to wait.
            if (work is null) any.Token.WaitHandle.WaitOne();
            else work.Wait(any.Token);
#pragma warning restore VSTHRD002
        }
        catch (Exception failure) when (failure is OperationCanceledException or AggregateException)
        {
            // Why it ended is looked at below, and by whoever asks the work for its result.
        }

        ThrowIfStopped();
    }

    internal WasmTrap Trap(WasmTrapKind kind, Exception? cause = null) => new(kind, StackTrace(), cause);

    /// <summary>Opens a frame on top of the guest stack.</summary>
    internal ulong* Enter(int slots, out CallState state)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (Record == _stack.End && Top == _stack.Begin) _thread = Environment.CurrentManagedThreadId;
        else if (_thread != Environment.CurrentManagedThreadId)
            throw new InvalidOperationException("The call is in use by another thread.");
        state = new() { Top = Top, Record = Record, Ip = Ip, Fp = Fp, CrossCount = _crossCount, Instance = Instance, Caller = Caller };
        if (Top + slots > (ulong*)Record || !RuntimeHelpers.TryEnsureSufficientExecutionStack()) throw Trap(WasmTrapKind.StackExhausted);
        ulong* frame = Top;
        Top += slots;
        return frame;
    }

    internal void Leave(CallState state)
    {
        Top = state.Top;
        Record = state.Record;
        Ip = state.Ip;
        Fp = state.Fp;
        Instance = state.Instance;
        Caller = state.Caller;
        Array.Clear(_crossCalls, state.CrossCount, _crossCount - state.CrossCount);
        _crossCount = state.CrossCount;
        if (Record == _stack.End) _references.Clear();
        GC.KeepAlive(_stack);
    }

    internal void Run(WasmFunction function, ulong* frame)
    {
        if (Fuel <= 0) Refill();
        WasmFunctionType type = function.ExternType;
        if (function.Host is { } host) RunHost(host, frame, frame + Math.Max(type.ParameterSlots, type.ResultSlots));
        else DispatchLoop.Run(this, function, frame);
        GC.KeepAlive(function);
    }

    /// <summary>Calls a function of the host; what it throws becomes a trap.</summary>
    internal void RunHost(HostFunction host, ulong* frame, ulong* top)
    {
        ulong* before = Top;
        WasmInstance? caller = Caller;
        if (top > (ulong*)Record) throw Trap(WasmTrapKind.StackExhausted);
        Top = top;
        Caller = Instance;
        try
        {
            host.Invoke(this, frame);
        }
        catch (Exception failure) when (failure is not WasmTrap)
        {
            throw Trap(WasmTrapKind.HostFailure, failure);
        }
        finally
        {
            Top = before;
            Caller = caller;
        }
    }

    internal void PushCross(WasmInstance instance, Instr* returnIp)
    {
        if (_crossCount == _crossCalls.Length) Array.Resize(ref _crossCalls, Math.Max(8, _crossCount * 2));
        _crossCalls[_crossCount++] = new() { Instance = instance, ReturnIp = returnIp };
    }

    internal Instr* PopCross(out WasmInstance instance)
    {
        ref CrossCall cross = ref _crossCalls[--_crossCount];
        instance = cross.Instance!;
        cross.Instance = null;
        return cross.ReturnIp;
    }

    internal void Write(ulong* slot, WasmValue value)
    {
        if (value.Type.IsReference())
        {
            slot[0] = _references.Handle(value.Reference);
            return;
        }

        slot[0] = value.Low;
        if (value.Type == WasmValueType.V128) slot[1] = value.High;
    }

    internal WasmValue Read(ulong* slot, WasmValueType type) => type switch
    {
        WasmValueType.I32 or WasmValueType.F32 => new(type, (uint)slot[0]),
        WasmValueType.V128 => new(type, slot[0], slot[1]),
        WasmValueType.I64 or WasmValueType.F64 => new(type, slot[0]),
        _ => new(type, 0, 0, _references[slot[0]]),
    };

    private ImmutableArray<WasmFrame> StackTrace() =>
        Instance is null || Ip is null ? [] : GuestBacktrace.Collect(this, _stack.End, _crossCalls.AsSpan(0, _crossCount));

    [StructLayout(LayoutKind.Auto)]
    internal struct CrossCall
    {
        internal WasmInstance? Instance;
        internal Instr* ReturnIp;
    }
}

/// <summary>What <see cref="WasmCall.Leave"/> restores.</summary>
[StructLayout(LayoutKind.Auto)]
internal unsafe struct CallState
{
    internal ulong* Top;
    internal CallRecord* Record;
    internal Instr* Ip;
    internal ulong* Fp;
    internal int CrossCount;
    internal WasmInstance? Instance;
    internal WasmInstance? Caller;
}
