using static Sirsi.Wasm.Host.DelegateType;

namespace Sirsi.Wasm;

/// <summary>A function of the host that works on values.</summary>
/// <param name="call">The call that is under way: its caller's instance, its fuel, its cancellation.</param>
/// <param name="arguments">One per parameter. Valid during the call only.</param>
/// <param name="results">To be filled in, one per result, each of its type.</param>
public delegate void WasmHostCallback(WasmCall call, ReadOnlySpan<WasmValue> arguments, Span<WasmValue> results);

/// <summary>A host function as the interpreter calls it: arguments lie in slots, results go over them.</summary>
internal abstract unsafe class HostFunction
{
    internal abstract void Invoke(WasmCall call, ulong* slots);
}

internal sealed unsafe class UntypedHostFunction(WasmFunctionType type, WasmHostCallback callback) : HostFunction
{
    internal override void Invoke(WasmCall call, ulong* slots)
    {
        var arguments = new WasmValue[type.Parameters.Length];
        var results = new WasmValue[type.Results.Length];
        int slot = 0;
        for (int i = 0; i < arguments.Length; i++)
        {
            arguments[i] = call.Read(slots + slot, type.Parameters[i]);
            slot += type.Parameters[i].Slots();
        }

        callback(call, arguments, results);
        slot = 0;
        for (int i = 0; i < results.Length; i++)
        {
            WasmValueType expected = type.Results[i];
            WasmValue result = results[i];
            if (result.Type != expected && !(result == default && expected.IsReference()))
                throw new InvalidOperationException($"Result {i} of the host function is {result.Type.Name()}, not {expected.Name()}.");
            call.Write(slots + slot, expected.IsReference() ? new(expected, 0, 0, result.Reference) : result);
            slot += expected.Slots();
        }
    }
}

/// <summary>Host functions made from delegates, without boxing: one class per number of parameters.</summary>
internal static class TypedHostFunction
{
    private static readonly Dictionary<Type, Type> Shapes = new()
    {
        [typeof(Action<>)] = typeof(Action1<>),
        [typeof(Action<,>)] = typeof(Action2<,>),
        [typeof(Action<,,>)] = typeof(Action3<,,>),
        [typeof(Action<,,,>)] = typeof(Action4<,,,>),
        [typeof(Func<>)] = typeof(Func0<>),
        [typeof(Func<,>)] = typeof(Func1<,>),
        [typeof(Func<,,>)] = typeof(Func2<,,>),
        [typeof(Func<,,,>)] = typeof(Func3<,,,>),
        [typeof(Func<,,,,>)] = typeof(Func4<,,,,>),
    };

    internal static WasmFunction Create(Delegate callback)
    {
        if (callback is Action plain) return new(new WasmFunctionType([], []), new Action0(plain));
        Type shape = callback.GetType();
        WasmFunctionType type = Of(shape);
        Type wrapper = Shapes[shape.GetGenericTypeDefinition()];
        return new(type, (HostFunction)Activator.CreateInstance(wrapper.MakeGenericType(shape.GetGenericArguments()), callback)!);
    }

    private sealed unsafe class Action0(Action body) : HostFunction
    {
        internal override void Invoke(WasmCall call, ulong* slots) => body();
    }

    private sealed unsafe class Action1<T1>(Action<T1> body) : HostFunction
    {
        internal override void Invoke(WasmCall call, ulong* slots) => body(Read<T1>(call, ref slots));
    }

    private sealed unsafe class Action2<T1, T2>(Action<T1, T2> body) : HostFunction
    {
        internal override void Invoke(WasmCall call, ulong* slots) => body(Read<T1>(call, ref slots), Read<T2>(call, ref slots));
    }

    private sealed unsafe class Action3<T1, T2, T3>(Action<T1, T2, T3> body) : HostFunction
    {
        internal override void Invoke(WasmCall call, ulong* slots) =>
            body(Read<T1>(call, ref slots), Read<T2>(call, ref slots), Read<T3>(call, ref slots));
    }

    private sealed unsafe class Action4<T1, T2, T3, T4>(Action<T1, T2, T3, T4> body) : HostFunction
    {
        internal override void Invoke(WasmCall call, ulong* slots) =>
            body(Read<T1>(call, ref slots), Read<T2>(call, ref slots), Read<T3>(call, ref slots), Read<T4>(call, ref slots));
    }

    private sealed unsafe class Func0<TR>(Func<TR> body) : HostFunction
    {
        internal override void Invoke(WasmCall call, ulong* slots) => Write(slots, body());
    }

    private sealed unsafe class Func1<T1, TR>(Func<T1, TR> body) : HostFunction
    {
        internal override void Invoke(WasmCall call, ulong* slots)
        {
            ulong* result = slots;
            Write(result, body(Read<T1>(call, ref slots)));
        }
    }

    private sealed unsafe class Func2<T1, T2, TR>(Func<T1, T2, TR> body) : HostFunction
    {
        internal override void Invoke(WasmCall call, ulong* slots)
        {
            ulong* result = slots;
            Write(result, body(Read<T1>(call, ref slots), Read<T2>(call, ref slots)));
        }
    }

    private sealed unsafe class Func3<T1, T2, T3, TR>(Func<T1, T2, T3, TR> body) : HostFunction
    {
        internal override void Invoke(WasmCall call, ulong* slots)
        {
            ulong* result = slots;
            Write(result, body(Read<T1>(call, ref slots), Read<T2>(call, ref slots), Read<T3>(call, ref slots)));
        }
    }

    private sealed unsafe class Func4<T1, T2, T3, T4, TR>(Func<T1, T2, T3, T4, TR> body) : HostFunction
    {
        internal override void Invoke(WasmCall call, ulong* slots)
        {
            ulong* result = slots;
            Write(result, body(Read<T1>(call, ref slots), Read<T2>(call, ref slots), Read<T3>(call, ref slots), Read<T4>(call, ref slots)));
        }
    }
}
