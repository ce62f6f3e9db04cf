namespace Sirsi.Wasm.Tests.Instances;

/// <summary>A module with state of every kind that can be kept: memory with data, a global, a table of two functions.</summary>
internal static class Guest
{
    internal const int Data = 1_000;

    /// <summary>
    /// <c>load(address)</c>, <c>store(address, value)</c>, <c>grow(pages)</c>, <c>next()</c> counts the global up, <c>pick(i)</c> calls a function
    /// of the table (<c>one</c>, <c>two</c>), <c>trap()</c>, <c>fill(address, value, length)</c>.
    /// </summary>
    internal static byte[] Bytes(int pages = 1, int most = 64) => Writer(pages, most).Bytes();

    internal static ModuleWriter Writer(int pages = 1, int most = 64)
    {
        var writer = new ModuleWriter();
        int getter = writer.Type([], [ModuleWriter.I32]);
        int unary = writer.Type([ModuleWriter.I32], [ModuleWriter.I32]);
        int store = writer.Type([ModuleWriter.I32, ModuleWriter.I32], []);
        int fill = writer.Type([ModuleWriter.I32, ModuleWriter.I32, ModuleWriter.I32], []);
        int action = writer.Type([], []);
        writer.Memory(pages, most);
        writer.ExportMemory();
        writer.Global(5);
        writer.Data(Data, 1, 2, 3, 4);
        int one = writer.Function("one", getter, [0x41, 1]);
        int two = writer.Function("two", getter, [0x41, 2]);
        writer.Function("load", unary, [0x20, 0, 0x28, 0, 0]);
        writer.Function("store", store, [0x20, 0, 0x20, 1, 0x36, 0, 0]);
        writer.Function("grow", unary, [0x20, 0, 0x40, 0]);
        writer.Function("next", getter, [0x23, 0, 0x41, 1, 0x6A, 0x24, 0, 0x23, 0]);
        writer.Function("pick", unary, [0x20, 0, 0x11, (byte)getter, 0]);
        writer.Function("trap", action, [0x00]);
        writer.Function("fill", fill, [0x20, 0, 0x20, 1, 0x20, 2, 0xFC, 0x0B, 0]);
        writer.Table(one, two);
        return writer;
    }

    internal static int Call(this WasmInstance instance, string function, params int[] arguments)
    {
        WasmValue[] results = instance.Invoke(function, [.. arguments.Select(WasmValue.I32)]);
        return results.Length == 0 ? 0 : results[0].AsI32;
    }
}
