using Sirsi.Wasm;

namespace Sirsi.Cli.Commands.Wasm;

/// <summary>Types of imports and exports, in a few words.</summary>
internal static class ExternText
{
    public static string Describe(WasmExternType type) => type switch
    {
        WasmFunctionType function => $"function {function}",
        WasmTableType table => $"table of {table.Element.Name()}, {Limits(table.Limits, "elements")}",
        WasmMemoryType memory => $"memory, {Limits(memory.Limits, "pages")}",
        WasmGlobalType global => $"{(global.IsMutable ? "variable" : "constant")} {global.Value.Name()}",
        WasmTagType tag => $"tag {tag.Payload}",
        _ => "unknown",
    };

    public static string Word(WasmExternKind kind) => kind.ToString().ToLowerInvariant();

    private static string Limits(WasmLimits limits, string what) =>
        $"{limits.Minimum:#,##0} to {(limits.Maximum is { } most ? $"{most:#,##0}" : "any number of")} {what}{(limits.Is64 ? ", 64-bit" : "")}";
}
