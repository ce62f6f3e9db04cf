namespace Sirsi.Wasm.Tests;

/// <summary>Writes small modules in the binary format.</summary>
internal sealed class ModuleWriter
{
    internal const byte I32 = 0x7F;
    internal const byte I64 = 0x7E;

    private readonly List<byte[]> _types = [];
    private readonly List<byte[]> _imports = [];
    private readonly List<int> _functions = [];
    private readonly List<byte[]> _exports = [];
    private readonly List<byte[]> _bodies = [];
    private readonly List<byte[]> _tags = [];
    private readonly List<byte[]> _foreign = [];
    private byte[]? _memory;
    private byte[]? _table;
    private byte[]? _elements;
    private byte[]? _global;
    private byte[]? _data;

    internal int Type(byte[] parameters, byte[] results)
    {
        _types.Add([0x60, .. Vector(parameters), .. Vector(results)]);
        return _types.Count - 1;
    }

    internal int Import(string module, string name, int type)
    {
        _imports.Add([.. Name(module), .. Name(name), 0, .. Number(type)]);
        return _imports.Count - 1;
    }

    internal void Memory(int minimum, int maximum) => _memory = [1, 1, .. Number(minimum), .. Number(maximum)];

    internal void Tag(int type) => _tags.Add([0, .. Number(type)]);

    /// <summary>Exports the memory under the name WASI wants.</summary>
    internal void ExportMemory() => _exports.Add([.. Name("memory"), 2, 0]);

    /// <summary>A mutable i32, the only global, exported as "global".</summary>
    internal void Global(int value)
    {
        _global = [1, I32, 1, 0x41, .. Number(value), 0x0B];
        _exports.Add([.. Name("global"), 3, 0]);
    }

    /// <summary>Bytes the memory begins with.</summary>
    internal void Data(int offset, params byte[] bytes) => _data = [1, 0, 0x41, .. Signed(offset), 0x0B, .. Vector(bytes)];

    internal void ExportTable() => _exports.Add([.. Name("table"), 1, 0]);

    internal void ImportMemory(string module, string name, int minimum)
    {
        _foreign.Add([.. Name(module), .. Name(name), 2, 0, .. Number(minimum)]);
    }

    internal void Table(params int[] functions)
    {
        _table = [1, 0x70, 0, .. Number(functions.Length)];
        _elements = [1, 0, 0x41, 0, 0x0B, .. Number(functions.Length), .. functions.SelectMany(Number)];
    }

    /// <summary>Adds an exported function; <paramref name="code"/> is without the final end.</summary>
    internal int Function(string name, int type, byte[] code, params (int Count, byte Type)[] locals)
    {
        IEnumerable<byte> runs = locals.SelectMany(static run => (byte[])[.. Number(run.Count), run.Type]);
        byte[] body = [.. Number(locals.Length), .. runs, .. code, 0x0B];
        _bodies.Add([.. Number(body.Length), .. body]);
        _functions.Add(type);
        int index = _imports.Count + _functions.Count - 1;
        _exports.Add([.. Name(name), 0, .. Number(index)]);
        return index;
    }

    internal byte[] Bytes()
    {
        var module = new List<byte>([0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0]);
        Section(module, 1, Joined(_types));
        if (_imports.Count + _foreign.Count > 0) Section(module, 2, Joined([.. _imports, .. _foreign]));
        Section(module, 3, [.. Number(_functions.Count), .. _functions.SelectMany(Number)]);
        if (_table is not null) Section(module, 4, _table);
        if (_memory is not null) Section(module, 5, _memory);
        if (_tags.Count > 0) Section(module, 13, Joined(_tags));
        if (_global is not null) Section(module, 6, _global);
        Section(module, 7, Joined(_exports));
        if (_elements is not null) Section(module, 9, _elements);
        Section(module, 10, Joined(_bodies));
        if (_data is not null) Section(module, 11, _data);
        return [.. module];
    }

    internal static byte[] Number(int value)
    {
        var bytes = new List<byte>();
        uint left = (uint)value;
        do
        {
            byte part = (byte)(left & 0x7F);
            left >>= 7;
            bytes.Add((byte)(left == 0 ? part : part | 0x80));
        }
        while (left != 0);
        return [.. bytes];
    }

    /// <summary>A number that is not negative, as constants are written.</summary>
    private static byte[] Signed(int value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x40; value >>= 7) bytes.Add((byte)((value & 0x7F) | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }

    private static byte[] Vector(byte[] items) => [.. Number(items.Length), .. items];

    private static byte[] Name(string name) => Vector(System.Text.Encoding.UTF8.GetBytes(name));

    private static byte[] Joined(List<byte[]> items) => [.. Number(items.Count), .. items.SelectMany(static item => item)];

    private static void Section(List<byte> module, byte id, byte[] content)
    {
        module.Add(id);
        module.AddRange(Vector(content));
    }
}
