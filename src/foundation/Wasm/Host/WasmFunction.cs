using Sirsi.Wasm.Host;
using Sirsi.Wasm.Interpreter;

namespace Sirsi.Wasm;

/// <summary>A function of an instance or of the host.</summary>
public sealed unsafe class WasmFunction : WasmExtern
{
    // Fields, because compiled code reads them.

    /// <summary>The instance it belongs to; null for one of the host.</summary>
    internal readonly WasmInstance? Instance;

    internal readonly CodeHeader* Header;

    internal WasmFunction(WasmInstance instance, int defined)
    {
        Instance = instance;
        Header = instance.Module.Headers + defined;
        ExternType = instance.Module.Content.Functions[instance.Module.Content.ImportedFunctions + defined];
    }

    internal WasmFunction(WasmFunctionType type, HostFunction host)
    {
        ExternType = type;
        Host = host;
    }

    /// <inheritdoc/>
    public override WasmFunctionType ExternType { get; }


    internal HostFunction? Host { get; }

    /// <summary>A function of the host that is given its arguments as values and fills in its results.</summary>
    public static WasmFunction FromHost(WasmFunctionType type, WasmHostCallback callback)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(callback);
        return new(type, new UntypedHostFunction(type, callback));
    }

    /// <summary>
    /// A function of the host from a delegate: <c>Action</c> or <c>Func</c> of up to four parameters of type int, uint, long, ulong,
    /// float or double, the
    /// first of which may be a <see cref="WasmCall"/>, the call that is under way. No value is boxed.
    /// </summary>
    /// <exception cref="ArgumentException">The delegate is of another kind.</exception>
    public static WasmFunction FromHost(Delegate callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return TypedHostFunction.Create(callback);
    }

    /// <summary>Calls with the engine's default budget.</summary>
    /// <exception cref="WasmTrap">The guest was stopped.</exception>
    /// <exception cref="ArgumentException">Arguments of another number or type.</exception>
    public WasmValue[] Invoke(params ReadOnlySpan<WasmValue> arguments)
    {
        if (Instance is null) throw new InvalidOperationException("A function of the host is called within a call: give one.");
        using WasmCall call = WasmCall.Begin(Instance.Module.Engine);
        return Invoke(call, arguments);
    }

    /// <summary>Calls within the budget of <paramref name="call"/>.</summary>
    /// <exception cref="WasmTrap">The guest was stopped.</exception>
    /// <exception cref="ArgumentException">Arguments of another number or type.</exception>
    public WasmValue[] Invoke(WasmCall call, params ReadOnlySpan<WasmValue> arguments)
    {
        var results = new WasmValue[ExternType.Results.Length];
        Invoke(call, arguments, results);
        return results;
    }

    /// <summary>Calls within the budget of <paramref name="call"/>, allocating nothing.</summary>
    /// <exception cref="WasmTrap">The guest was stopped.</exception>
    /// <exception cref="ArgumentException">Arguments or results of another number or type.</exception>
    public void Invoke(WasmCall call, ReadOnlySpan<WasmValue> arguments, Span<WasmValue> results)
    {
        ArgumentNullException.ThrowIfNull(call);
        WasmFunctionType type = ExternType;
        if (arguments.Length != type.Parameters.Length || results.Length != type.Results.Length)
            throw new ArgumentException($"The function is {type}.", nameof(arguments));
        for (int i = 0; i < arguments.Length; i++)
            if (arguments[i].Type != type.Parameters[i]) throw new ArgumentException($"The function is {type}.", nameof(arguments));
        ulong* frame = Open(call, out CallState state);
        try
        {
            int slot = 0;
            foreach (WasmValue argument in arguments)
            {
                call.Write(frame + slot, argument);
                slot += argument.Type.Slots();
            }

            call.Run(this, frame);
            slot = 0;
            for (int i = 0; i < results.Length; i++)
            {
                results[i] = call.Read(frame + slot, type.Results[i]);
                slot += type.Results[i].Slots();
            }
        }
        finally
        {
            Close(call, state);
        }
    }

    /// <summary>
    /// The function as a delegate that calls it without boxing or allocating: an <c>Action</c> or <c>Func</c> of up to four parameters of type
    /// int, uint, long, ulong, float or double, the first of which may be the <see cref="WasmCall"/> whose budget it is to spend. Without
    /// that each call has a budget of its own, the engine's default. Make it once and keep it.
    /// </summary>
    /// <exception cref="ArgumentException">The delegate is of another kind, or the function of another type.</exception>
    public T As<T>()
        where T : Delegate => (T)TypedGuestFunction.Create(this, typeof(T));

    /// <summary>Comes in; gives where the arguments go. Needs <see cref="Close"/>.</summary>
    internal ulong* Open(WasmCall call, out CallState state)
    {
        int thread = Environment.CurrentManagedThreadId;
        Instance?.Enter(thread);
        try
        {
            return call.Enter(Math.Max(ExternType.ParameterSlots, ExternType.ResultSlots), thread, out state);
        }
        catch
        {
            Instance?.Leave();
            throw;
        }
    }

    internal void Close(WasmCall call, in CallState state)
    {
        call.Leave(state);
        Instance?.Leave();
    }
}
