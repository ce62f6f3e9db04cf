using System.Collections.Frozen;
using System.Reflection;
using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Operations;

/// <summary>Finds the method of an operation: it has the opcode's name.</summary>
internal static class OperationMethods
{
    private static readonly FrozenDictionary<string, MethodInfo> Methods =
        typeof(VectorOperations).GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Concat(typeof(ScalarOperations).GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(static method => method.IsAssembly && method.Name != nameof(ScalarOperations.Quiet))
            .ToFrozenDictionary(static method => method.Name, StringComparer.Ordinal);

    /// <summary>The method; null when the opcode has none.</summary>
    internal static MethodInfo? Of(Opcode opcode) => Methods.GetValueOrDefault(opcode.ToString());
}
