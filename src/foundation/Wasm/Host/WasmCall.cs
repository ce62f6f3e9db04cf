using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sirsi.Wasm.Host;
using Sirsi.Wasm.Interpreter;

namespace Sirsi.Wasm;

/// <summary>
/// A piece of guest work under one budget: one invocation, or several that share it. Also what a host function gets to see of the
/// call it is
/// in. Used by one thread at a time.
/// </summary>
public sealed unsafe partial class WasmCall : IDisposable
{
    // Fields, because compiled code reads and writes them.

    /// <summary>What is left of the slice of fuel in hand; may be negative for a moment.</summary>
    internal long Fuel;

    /// <summary>Fuel that is in no slice yet.</summary>
    internal long Reserve;

    /// <summary>How much fuel a slice has.</summary>
    internal long Slice;

    /// <summary>Why the guest is to stop at the end of its slice: 0, or a <see cref="WasmTrapKind"/>. Set by other threads.</summary>
    internal int Interrupt;

    /// <summary>Where the frames of compiled code must end.</summary>
    internal ulong* StackLimit;

    /// <summary>Below this address the host's stack is needed for other things.</summary>
    internal nint HostStackLimit;

    /// <summary>The first memory of the instance whose code runs, while compiled code runs.</summary>
    internal byte* MemoryBase;

    internal nuint MemoryLength;

    /// <summary>The globals of the instance whose code runs, while compiled code runs.</summary>
    internal ulong** Globals;

    /// <summary>The instance whose code runs.</summary>
    internal WasmInstance? Instance;

    /// <summary>Where interpreted code is, for stack traces; null while compiled code runs, which says so by <see cref="Site"/>.</summary>
    internal Instr* Ip;

    /// <summary>Where compiled code is: the offset of an instruction in the module's code.</summary>
    internal int Site = Compiler.CodeStubs.NoSite;

    /// <summary>The frame of the function that runs; what is true of it while the interpreter runs is in its own variables.</summary>
    internal ulong* Fp;

    internal CallRecord* Record;

    /// <summary>The function a stub of compiled code found itself called for.</summary>
    internal CodeHeader* Pending;

    /// <summary>What whoever made the call wants the functions of the host to find at it.</summary>
    internal object? Owner;

    /// <summary>More than a pass over a compiled function can overdraw.</summary>
    internal const int SliceLeast = 4 * Compiler.FunctionCompiler.BodyBytesMax / 3;

    /// <summary>How many calls of the host, or exceptions, there are between two looks at the clock.</summary>
    private const int LooksTogether = 64;

    private readonly WasmEngine _engine;
    private readonly GuestStack _stack;
    private readonly long _started;
    private readonly CancellationTokenRegistration _cancellation;
    private ReferenceHandles? _references;
    private Passage[] _passages = [];
    private int _passageCount;
    private int _passageBase;
    private bool _isDisposed;
    private int _thread;
    private uint _looks;

    /// <summary>A call with the given budget, or the engine's default one. The clock starts now.</summary>
    public WasmCall(WasmEngine engine, WasmBudget? budget = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        Budget = budget ?? engine.Options.Budget;
        if (budget is not null && !budget.IsSound)
            throw new ArgumentException(string.Join(' ', budget.Problems()), nameof(budget));
        _engine = engine;
        _stack = engine.TakeStack(Budget.StackBytes);
        _started = engine.Time.GetTimestamp();
        Top = _stack.Begin;
        Record = _stack.End;
        Reserve = Budget.Fuel;
        Slice = Math.Max(Budget.SliceFuel, engine.Options.SliceFuelLeast);
        if (Budget.Cancellation.CanBeCanceled)
        {
            _cancellation = Budget.Cancellation.UnsafeRegister(
                static call => ((WasmCall)call!).Interrupt = (int)WasmTrapKind.Cancelled, this);
        }
    }

    /// <summary>What it may spend.</summary>
    public WasmBudget Budget { get; }

    /// <summary>Fuel spent so far, at most the budget's.</summary>
    public long FuelUsed => Budget.Fuel - FuelLeft;

    /// <summary>Fuel that is left.</summary>
    public long FuelLeft => Math.Max(0, Fuel + Reserve);

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

    /// <summary>The first free slot of the guest stack.</summary>
    internal ulong* Top { get; private set; }

    internal ReferenceHandles References => _references ??= new();

    /// <summary>Whether no invocation is under way. (Compiled code leaves no records.)</summary>
    private bool IsIdle => Record == _stack.End && Top == _stack.Begin;

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
        _cancellation.Dispose();
        if (IsIdle) _engine.ReturnStack(_stack);
    }

    /// <summary>Hands out the next slice, after a look at the budget, the clock and the cancellation.</summary>
    internal void Refill()
    {
        if (Interrupt != 0 || Reserve + Fuel < 0) throw Stopped();
        ThrowIfStopped();
        TakeSlice();
    }

    /// <summary>
    /// For what takes longer than its fuel tells, as calls of the host may: looks at the clock and the cancellation every few times.
    /// </summary>
    internal void LookNowAndThen()
    {
        if (++_looks % LooksTogether == 0) ThrowIfStopped();
    }

    /// <summary>Why the guest cannot go on past the end of its slice.</summary>
    internal WasmTrap Stopped()
    {
        if (Interrupt != 0 && Reserve + Fuel >= 0) return Trap((WasmTrapKind)Interrupt);
        Fuel = Reserve = 0;
        return Trap(WasmTrapKind.OutOfFuel);
    }

    /// <summary>Called by the watch: stops the guest at the end of its slice when its time is over.</summary>
    internal void InterruptWhenLate()
    {
        if (TimeLeft == TimeSpan.Zero) Interrupt = (int)WasmTrapKind.DeadlineExceeded;
    }

    internal WasmTrap Trap(WasmTrapKind kind, Exception? cause = null) => new(kind, StackTrace(), cause);

    /// <summary>A call that is made now and begins now, under the engine's default budget.</summary>
    internal static WasmCall Begin(WasmEngine engine)
    {
        var call = new WasmCall(engine);

        // No time has passed yet: the clock need not be looked at again for the first slice.
        if (!call.Budget.Cancellation.IsCancellationRequested) call.TakeSlice();
        return call;
    }

    /// <summary>Opens a frame on top of the guest stack for the thread that asks.</summary>
    internal ulong* Enter(int slots, int thread, out CallState state)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (IsIdle)
        {
            _thread = thread;
            HostStackLimit = Compiler.HostStack.Limit;
        }
        else if (_thread != thread)
        {
            throw new InvalidOperationException("The call is in use by another thread.");
        }

        if (Top + slots > (ulong*)Record || !HasHostStack()) throw Trap(WasmTrapKind.StackExhausted);
        Unsafe.SkipInit(out state);
        state.Top = Top;
        state.Record = Record;
        state.Ip = Ip;
        state.Fp = Fp;
        state.Site = Site;
        state.StackLimit = StackLimit;
        state.PassageCount = _passageCount;
        state.PassageBase = _passageBase;
        state.Instance = Instance;
        state.Caller = Caller;
        _passageBase = _passageCount;
        Ip = null;
        Site = Compiler.CodeStubs.NoSite;
        ulong* frame = Top;
        Top += slots;
        return frame;
    }

    internal void Leave(in CallState state)
    {
        Top = state.Top;
        Record = state.Record;
        Ip = state.Ip;
        Fp = state.Fp;
        Site = state.Site;
        StackLimit = state.StackLimit;
        Instance = state.Instance;
        Caller = state.Caller;
        PassageCount = state.PassageCount;
        _passageBase = state.PassageBase;
        if (_references is not null && IsIdle) _references.Clear();
        GC.KeepAlive(_stack);
    }

    internal void Run(WasmFunction function, ulong* frame)
    {
        if (Fuel <= 0) Refill();
        WasmFunctionType type = function.ExternType;
        if (function.Host is { } host) RunHost(host, frame, frame + Math.Max(type.ParameterSlots, type.ResultSlots));
        else GuestCode.Run(this, function.Instance!, function.Header, frame);
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

    /// <summary>Makes an instance the one whose code runs, with the hot copies compiled code wants.</summary>
    internal void Switch(WasmInstance instance)
    {
        Instance = instance;
        Globals = instance.Globals;
        if (instance.Memories.Length == 0) return;
        MemoryBase = instance.Memories[0].Base;
        MemoryLength = (nuint)instance.Memories[0].Length;
    }

    internal void Write(ulong* slot, WasmValue value)
    {
        if (value.Type.IsReference())
        {
            // From here on it may get to wherever references get.
            (value.Reference as WasmFunction)?.Instance?.MarkLinked();
            slot[0] = References.Handle(value.Reference);
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
        _ => new(type, 0, 0, References[slot[0]]),
    };

    private void TakeSlice()
    {
        // What is left in reserve is whole slices: compiled code hands out no others.
        long slices = Reserve % Slice;
        if (slices == 0) slices = Math.Min(Reserve, Slice);
        if (Fuel + slices < 0) slices += Math.Min(Reserve - slices, (-Fuel - slices + Slice - 1) / Slice * Slice);
        Reserve -= slices;
        Fuel += slices;
    }

    private bool HasHostStack()
    {
        byte here;
        return (nint)(&here) > HostStackLimit || RuntimeHelpers.TryEnsureSufficientExecutionStack();
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
    internal int Site;
    internal ulong* StackLimit;
    internal int PassageCount;
    internal int PassageBase;
    internal WasmInstance? Instance;
    internal WasmInstance? Caller;
}
