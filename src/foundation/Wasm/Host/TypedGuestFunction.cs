using static Sirsi.Wasm.Host.DelegateType;

namespace Sirsi.Wasm.Host;

/// <summary>Functions of guests as delegates, without boxing: one class per number of parameters.</summary>
internal static unsafe class TypedGuestFunction
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

    /// <summary>A delegate of the given kind that calls the function.</summary>
    internal static Delegate Create(WasmFunction function, Type shape)
    {
        Type? body = shape == typeof(Action) ? typeof(Action0) : null;
        Type[] types = shape.GetGenericArguments();
        if (body is null && shape.IsGenericType && Shapes.TryGetValue(shape.GetGenericTypeDefinition(), out Type? open))
            body = open.MakeGenericType(types);
        if (body is null) throw new ArgumentException($"{shape} is not an Action or Func of up to four parameters.", nameof(shape));
        if (!Of(shape).Equals(function.ExternType))
            throw new ArgumentException($"The function is {function.ExternType}, which {shape} is not.", nameof(shape));
        if (function.Instance is null && (types.Length == 0 || types[0] != typeof(WasmCall)))
            throw new ArgumentException("A function of the host is called within a call: the first parameter is to be one.", nameof(shape));
        object target = Activator.CreateInstance(body, function)!;
        return Delegate.CreateDelegate(shape, target, "Call");
    }

    private static Visit Begin(WasmFunction function)
    {
        var own = new WasmCall(function.Instance!.Module.Engine);
        return new(function, own, own);
    }

    /// <summary>Begins within the call that is the first argument, if it is one.</summary>
    private static Visit Begin<T>(WasmFunction function, T first)
    {
        if (typeof(T) != typeof(WasmCall)) return Begin(function);
        var given = (WasmCall?)(object?)first;
        ArgumentNullException.ThrowIfNull(given, nameof(first));
        return new(function, given, null);
    }

    /// <summary>From the first argument to the result.</summary>
    private ref struct Visit
    {
        private readonly WasmFunction _function;
        private readonly WasmCall _call;
        private readonly WasmCall? _own;
        private readonly CallState _state;
        private readonly ulong* _frame;
        private ulong* _next;

        internal Visit(WasmFunction function, WasmCall call, WasmCall? own)
        {
            (_function, _call, _own) = (function, call, own);
            try
            {
                _next = _frame = function.Open(call, out _state);
            }
            catch
            {
                own?.Dispose();
                throw;
            }
        }

        internal void Put<T>(T value)
        {
            if (typeof(T) != typeof(WasmCall)) Write(_next++, value);
        }

        internal readonly void Run() => _call.Run(_function, _frame);

        internal readonly T Run<T>()
        {
            Run();
            ulong* result = _frame;
            return Read<T>(_call, ref result);
        }

        internal readonly void Dispose()
        {
            _function.Close(_call, _state);
            _own?.Dispose();
        }
    }

    private sealed class Action0(WasmFunction function)
    {
        public void Call()
        {
            using Visit visit = Begin(function);
            visit.Run();
        }
    }

    private sealed class Action1<T1>(WasmFunction function)
    {
        public void Call(T1 a)
        {
            using Visit visit = Begin(function, a);
            visit.Put(a);
            visit.Run();
        }
    }

    private sealed class Action2<T1, T2>(WasmFunction function)
    {
        public void Call(T1 a, T2 b)
        {
            using Visit visit = Begin(function, a);
            visit.Put(a);
            visit.Put(b);
            visit.Run();
        }
    }

    private sealed class Action3<T1, T2, T3>(WasmFunction function)
    {
        public void Call(T1 a, T2 b, T3 c)
        {
            using Visit visit = Begin(function, a);
            visit.Put(a);
            visit.Put(b);
            visit.Put(c);
            visit.Run();
        }
    }

    private sealed class Action4<T1, T2, T3, T4>(WasmFunction function)
    {
        public void Call(T1 a, T2 b, T3 c, T4 d)
        {
            using Visit visit = Begin(function, a);
            visit.Put(a);
            visit.Put(b);
            visit.Put(c);
            visit.Put(d);
            visit.Run();
        }
    }

    private sealed class Func0<TR>(WasmFunction function)
    {
        public TR Call()
        {
            using Visit visit = Begin(function);
            return visit.Run<TR>();
        }
    }

    private sealed class Func1<T1, TR>(WasmFunction function)
    {
        public TR Call(T1 a)
        {
            using Visit visit = Begin(function, a);
            visit.Put(a);
            return visit.Run<TR>();
        }
    }

    private sealed class Func2<T1, T2, TR>(WasmFunction function)
    {
        public TR Call(T1 a, T2 b)
        {
            using Visit visit = Begin(function, a);
            visit.Put(a);
            visit.Put(b);
            return visit.Run<TR>();
        }
    }

    private sealed class Func3<T1, T2, T3, TR>(WasmFunction function)
    {
        public TR Call(T1 a, T2 b, T3 c)
        {
            using Visit visit = Begin(function, a);
            visit.Put(a);
            visit.Put(b);
            visit.Put(c);
            return visit.Run<TR>();
        }
    }

    private sealed class Func4<T1, T2, T3, T4, TR>(WasmFunction function)
    {
        public TR Call(T1 a, T2 b, T3 c, T4 d)
        {
            using Visit visit = Begin(function, a);
            visit.Put(a);
            visit.Put(b);
            visit.Put(c);
            visit.Put(d);
            return visit.Run<TR>();
        }
    }
}
