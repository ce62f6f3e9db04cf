using static Sirsi.Wasm.Host.DelegateType;

namespace Sirsi.Wasm.Host;

/// <summary>Functions of guests as delegates, without boxing: one class per number of parameters.</summary>
internal static unsafe class TypedGuestFunction
{
    /// <summary>By the number of parameters.</summary>
    private static readonly Type[] Actions = [typeof(Action0), typeof(Action1<>), typeof(Action2<,>), typeof(Action3<,,>), typeof(Action4<,,,>)];

    private static readonly Type[] Funcs = [typeof(Func0<>), typeof(Func1<,>), typeof(Func2<,,>), typeof(Func3<,,,>), typeof(Func4<,,,,>)];

    /// <summary>A delegate of the given kind that calls the function.</summary>
    internal static Delegate Create(WasmFunction function, Type shape)
    {
        if (!Of(shape).Equals(function.ExternType))
            throw new ArgumentException($"The function is {function.ExternType}, which {shape} is not.", nameof(shape));
        Type[] types = shape.GetGenericArguments();
        bool isWithin = types.Length > 0 && types[0] == typeof(WasmCall);
        if (function.Instance is null && !isWithin)
            throw new ArgumentException("A function of the host is called within a call: the first parameter is to be one.", nameof(shape));
        if (isWithin) types = types[1..];
        Type body = (function.ExternType.Results.Length == 0 ? Actions : Funcs)[function.ExternType.Parameters.Length];
        if (body.IsGenericTypeDefinition) body = body.MakeGenericType(types);
        return Delegate.CreateDelegate(shape, Activator.CreateInstance(body, function)!, isWithin ? "Within" : "Alone");
    }

    private static Visit Alone(WasmFunction function)
    {
        WasmCall own = WasmCall.Begin(function.Instance!.Module.Engine);
        return new(function, own, own);
    }

    private static Visit Within(WasmFunction function, WasmCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return new(function, call, null);
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

        internal void Put<T>(T value) => Write(_next++, value);

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
        public void Alone()
        {
            using Visit visit = TypedGuestFunction.Alone(function);
            visit.Run();
        }

        public void Within(WasmCall call)
        {
            using Visit visit = TypedGuestFunction.Within(function, call);
            visit.Run();
        }
    }

    private sealed class Action1<T1>(WasmFunction function)
    {
        public void Alone(T1 a)
        {
            using Visit visit = TypedGuestFunction.Alone(function);
            visit.Put(a);
            visit.Run();
        }

        public void Within(WasmCall call, T1 a)
        {
            using Visit visit = TypedGuestFunction.Within(function, call);
            visit.Put(a);
            visit.Run();
        }
    }

    private sealed class Action2<T1, T2>(WasmFunction function)
    {
        public void Alone(T1 a, T2 b)
        {
            using Visit visit = TypedGuestFunction.Alone(function);
            visit.Put(a);
            visit.Put(b);
            visit.Run();
        }

        public void Within(WasmCall call, T1 a, T2 b)
        {
            using Visit visit = TypedGuestFunction.Within(function, call);
            visit.Put(a);
            visit.Put(b);
            visit.Run();
        }
    }

    private sealed class Action3<T1, T2, T3>(WasmFunction function)
    {
        public void Alone(T1 a, T2 b, T3 c)
        {
            using Visit visit = TypedGuestFunction.Alone(function);
            visit.Put(a);
            visit.Put(b);
            visit.Put(c);
            visit.Run();
        }

        public void Within(WasmCall call, T1 a, T2 b, T3 c)
        {
            using Visit visit = TypedGuestFunction.Within(function, call);
            visit.Put(a);
            visit.Put(b);
            visit.Put(c);
            visit.Run();
        }
    }

    private sealed class Action4<T1, T2, T3, T4>(WasmFunction function)
    {
        public void Alone(T1 a, T2 b, T3 c, T4 d)
        {
            using Visit visit = TypedGuestFunction.Alone(function);
            visit.Put(a);
            visit.Put(b);
            visit.Put(c);
            visit.Put(d);
            visit.Run();
        }
    }

    private sealed class Func0<TR>(WasmFunction function)
    {
        public TR Alone()
        {
            using Visit visit = TypedGuestFunction.Alone(function);
            return visit.Run<TR>();
        }

        public TR Within(WasmCall call)
        {
            using Visit visit = TypedGuestFunction.Within(function, call);
            return visit.Run<TR>();
        }
    }

    private sealed class Func1<T1, TR>(WasmFunction function)
    {
        public TR Alone(T1 a)
        {
            using Visit visit = TypedGuestFunction.Alone(function);
            visit.Put(a);
            return visit.Run<TR>();
        }

        public TR Within(WasmCall call, T1 a)
        {
            using Visit visit = TypedGuestFunction.Within(function, call);
            visit.Put(a);
            return visit.Run<TR>();
        }
    }

    private sealed class Func2<T1, T2, TR>(WasmFunction function)
    {
        public TR Alone(T1 a, T2 b)
        {
            using Visit visit = TypedGuestFunction.Alone(function);
            visit.Put(a);
            visit.Put(b);
            return visit.Run<TR>();
        }

        public TR Within(WasmCall call, T1 a, T2 b)
        {
            using Visit visit = TypedGuestFunction.Within(function, call);
            visit.Put(a);
            visit.Put(b);
            return visit.Run<TR>();
        }
    }

    private sealed class Func3<T1, T2, T3, TR>(WasmFunction function)
    {
        public TR Alone(T1 a, T2 b, T3 c)
        {
            using Visit visit = TypedGuestFunction.Alone(function);
            visit.Put(a);
            visit.Put(b);
            visit.Put(c);
            return visit.Run<TR>();
        }

        public TR Within(WasmCall call, T1 a, T2 b, T3 c)
        {
            using Visit visit = TypedGuestFunction.Within(function, call);
            visit.Put(a);
            visit.Put(b);
            visit.Put(c);
            return visit.Run<TR>();
        }
    }

    private sealed class Func4<T1, T2, T3, T4, TR>(WasmFunction function)
    {
        public TR Alone(T1 a, T2 b, T3 c, T4 d)
        {
            using Visit visit = TypedGuestFunction.Alone(function);
            visit.Put(a);
            visit.Put(b);
            visit.Put(c);
            visit.Put(d);
            return visit.Run<TR>();
        }
    }
}
