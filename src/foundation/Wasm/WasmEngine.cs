using System.Collections.Concurrent;
using Sirsi.Wasm.Interpreter;

namespace Sirsi.Wasm;

/// <summary>
/// Loads modules and holds what they share: options, limits and a stock of guest stacks. Thread-safe; modules it loads are immutable and
/// thread-safe too, while an instance and all it owns belong to one thread at a time.
/// </summary>
public sealed class WasmEngine
{
    private const int StacksKept = 16;

    private readonly ConcurrentBag<GuestStack> _stacks = [];
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
    }

    /// <summary>Its features and limits.</summary>
    public WasmOptions Options { get; }

    internal TimeProvider Time { get; }

    /// <summary>How many instances are alive: made, and not yet found dead by the garbage collector.</summary>
    public int InstanceCount => Volatile.Read(ref _instances);

    /// <summary>Decodes and validates a module.</summary>
    /// <exception cref="WasmException">It is malformed, invalid, above a limit, or needs a feature that is off.</exception>
    public WasmModule Load(ReadOnlyMemory<byte> bytes) => ModuleLoader.Load(this, bytes);

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

    internal GuestStack TakeStack(int bytes) =>
        bytes == Options.Budget.StackBytes && _stacks.TryTake(out GuestStack? stack) ? stack : new GuestStack(bytes);

    internal void ReturnStack(GuestStack stack)
    {
        if (stack.Bytes == Options.Budget.StackBytes && _stacks.Count < StacksKept) _stacks.Add(stack);
    }
}
