using System.Collections.Concurrent;
using System.Collections.Immutable;
using Sirsi.Wasm.Interpreter;
using Sirsi.Wasm.Memory;

namespace Sirsi.Wasm;

/// <summary>
/// Loads modules and holds what they share: options, limits, a stock of guest stacks, and what is to be compiled. Thread-safe; modules it loads are
/// immutable and thread-safe too, while an instance and all it owns belong to one thread at a time.
/// </summary>
public sealed class WasmEngine : IDisposable
{
    private const int StacksKept = 16;

    private readonly ConcurrentBag<GuestStack> _stacks = [];
    private readonly HeldMemory _stacksHeld = new(long.MaxValue);
    private GuestStack? _nextStack;
    private int _instances;

    /// <summary>An engine with the given clock (for deadlines) and options.</summary>
    /// <exception cref="ArgumentException">The options break rules; the message names all of them.</exception>
    public WasmEngine(TimeProvider time, WasmOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        Options = options ?? new();
        string problems = string.Join(' ', Options.Problems());
        if (problems.Length > 0) throw new ArgumentException(problems, nameof(options));
        Time = time;
        Held = new(Options.MemoryBytesMax);
        Kept = new(Options.KeptMemoriesMax, Options.KeptBytesMax);
        if (Options is { Engine: WasmEngineKind.Auto, Background: { } background }) Queue = new(background, Options.CompileQueueMax);
    }

    /// <summary>Its features and limits.</summary>
    public WasmOptions Options { get; }

    internal TimeProvider Time { get; }

    /// <summary>How many instances are alive: made, and neither disposed nor found dead by the garbage collector.</summary>
    public int InstanceCount => Volatile.Read(ref _instances);

    /// <summary>How many bytes the engine's memories have together.</summary>
    public long MemoryBytes => Held.Bytes;

    /// <summary>What all memories have.</summary>
    internal HeldMemory Held { get; }

    /// <summary>Memories of disposed instances that wait for the next.</summary>
    internal KeptMemories Kept { get; }

    /// <summary>What is compiled in the background; null when whoever needs code compiles it.</summary>
    internal Compiler.CompileQueue? Queue { get; }

    /// <summary>
    /// Compiles nothing in the background any more. What runs goes on, with the code there is. Need not be called: an engine that nothing refers to
    /// leaves nothing behind.
    /// </summary>
    public void Dispose() => Queue?.Dispose();

    /// <summary>Decodes and validates a module.</summary>
    /// <exception cref="WasmException">It is malformed, invalid, above a limit, or needs a feature that is off.</exception>
    public WasmModule Load(ReadOnlyMemory<byte> bytes) => ModuleLoader.Load(this, bytes);

    /// <summary>
    /// All that is wrong with a module, in its order, and nothing when <see cref="Load(ReadOnlyMemory{byte})"/> takes it. Of each function body the first error is told, and of other
    /// sections the first; where the rest of the module cannot be judged without what is wrong, as after an error in its types, it ends there. At most 101.
    /// </summary>
    public ImmutableArray<WasmProblem> Check(ReadOnlyMemory<byte> bytes) => ModuleLoader.Check(this, bytes);

    /// <summary>
    /// Decodes and validates a module while reading it, a section at a time; stops reading at the first error. The stream is read to
    /// its end
    /// and left open.
    /// </summary>
    /// <exception cref="WasmException">It is malformed, invalid, above a limit, or needs a feature that is off.</exception>
    public WasmModule Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return ModuleLoader.Load(this, stream);
    }

    internal void CountInstance()
    {
        if (Interlocked.Increment(ref _instances) <= Options.InstancesMax) return;

        // Some of them may be dead already and only not collected.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        if (Volatile.Read(ref _instances) <= Options.InstancesMax) return;
        ReleaseInstance();
        throw new WasmException(WasmErrorKind.LimitExceeded, $"more than {Options.InstancesMax} instances");
    }

    internal void ReleaseInstance() => Interlocked.Decrement(ref _instances);

    internal GuestStack TakeStack(int bytes)
    {
        if (bytes != Options.Budget.StackBytes) return new(bytes, _stacksHeld);
        if (Interlocked.Exchange(ref _nextStack, null) is { } next) return next;
        return _stacks.TryTake(out GuestStack? stack) ? stack : new(bytes, _stacksHeld);
    }

    internal void ReturnStack(GuestStack stack)
    {
        if (stack.Bytes != Options.Budget.StackBytes) return;
        if (Interlocked.CompareExchange(ref _nextStack, stack, null) is not null && _stacks.Count < StacksKept) _stacks.Add(stack);
    }
}
