using System.Collections.Immutable;

namespace Sirsi.Wasm.Host;

#pragma warning disable CS8500 // Read and Write only ever see numbers here: Of refuses everything else.
/// <summary>Which type of function an <c>Action</c> or <c>Func</c> stands for, and how its values lie in the slots of a frame.</summary>
internal static class DelegateType
{
    private static readonly HashSet<Type> Kinds =
    [
        typeof(Action<>), typeof(Action<,>), typeof(Action<,,>), typeof(Action<,,,>),
        typeof(Func<>), typeof(Func<,>), typeof(Func<,,>), typeof(Func<,,,>), typeof(Func<,,,,>),
    ];

    /// <summary>The type of a delegate; a first parameter that is a call does not count.</summary>
    /// <exception cref="ArgumentException">It is of another kind.</exception>
    internal static WasmFunctionType Of(Type shape)
    {
        if (shape != typeof(Action) && (!shape.IsGenericType || !Kinds.Contains(shape.GetGenericTypeDefinition())))
            throw new ArgumentException($"{shape} is not an Action or Func of up to four parameters.", nameof(shape));
        Type[] arguments = shape.GetGenericArguments();
        bool gives = shape.Name.StartsWith("Func", StringComparison.Ordinal);
        IEnumerable<Type> parameters = gives ? arguments[..^1] : arguments;
        if (parameters.FirstOrDefault() == typeof(WasmCall)) parameters = parameters.Skip(1);
        return new(
            [.. parameters.Select(Number)],
            gives ? [Number(arguments[^1])] : ImmutableArray<WasmValueType>.Empty);
    }

    /// <summary>Takes the next value from the slots; the call itself lies in none.</summary>
    internal static unsafe T Read<T>(WasmCall call, ref ulong* slots)
    {
        if (typeof(T) == typeof(WasmCall)) return (T)(object)call;
        ulong* slot = slots++;
        return *(T*)slot;
    }

    internal static unsafe void Write<T>(ulong* slot, T value)
    {
        *slot = 0;
        *(T*)slot = value;
    }

    private static WasmValueType Number(Type type)
    {
        if (type == typeof(int) || type == typeof(uint)) return WasmValueType.I32;
        if (type == typeof(long) || type == typeof(ulong)) return WasmValueType.I64;
        if (type == typeof(float)) return WasmValueType.F32;
        if (type == typeof(double)) return WasmValueType.F64;
        throw new ArgumentException($"{type} has no counterpart in WebAssembly.", nameof(type));
    }
}
