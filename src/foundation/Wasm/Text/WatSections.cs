namespace Sirsi.Wasm.Text;

/// <summary>A section that is a vector: a count and its items.</summary>
internal sealed class WatSection(byte id)
{
    internal byte Id { get; } = id;

    internal int Count { get; private set; }

    internal ByteWriter Items { get; } = new();

    /// <summary>Where the next item is to be written.</summary>
    internal ByteWriter Add()
    {
        Count++;
        return Items;
    }
}

/// <summary>The sections of a module under way, and how they become bytes.</summary>
internal sealed class WatSections
{
    private readonly ByteWriter _scratch = new();

    internal WatSection Imports { get; } = new(2);

    internal WatSection Functions { get; } = new(3);

    internal WatSection Tables { get; } = new(4);

    internal WatSection Memories { get; } = new(5);

    internal WatSection Tags { get; } = new(13);

    internal WatSection Globals { get; } = new(6);

    internal WatSection Exports { get; } = new(7);

    internal WatSection Elements { get; } = new(9);

    internal WatSection Code { get; } = new(10);

    internal WatSection Data { get; } = new(11);

    /// <summary>The start function; null without one.</summary>
    internal uint? Start { get; set; }

    /// <summary>Names of each function's locals, in the order of functions: function, count, encoded names.</summary>
    internal WatSection LocalNames { get; } = new(2);

    internal byte[] Module(WatScope scope, string? name, bool writeNames)
    {
        var module = new ByteWriter();
        module.Bytes("\0asm\u0001\0\0\0"u8);
        Write(module, Types(scope));
        Write(module, Imports);
        Write(module, Functions);
        Write(module, Tables);
        Write(module, Memories);
        Write(module, Tags);
        Write(module, Globals);
        Write(module, Exports);
        if (Start is { } start) Number(module, 8, start);
        Write(module, Elements);
        if (scope.UsesData) Number(module, 12, (uint)Data.Count);
        Write(module, Code);
        Write(module, Data);
        if (writeNames) Names(module, scope, name);
        return module.Written.ToArray();
    }

    private static WatSection Types(WatScope scope)
    {
        var types = new WatSection(1);
        foreach (WasmFunctionType type in scope.Types)
        {
            ByteWriter into = types.Add();
            into.Byte(0x60);
            into.U32((uint)type.Parameters.Length);
            foreach (WasmValueType parameter in type.Parameters) into.Byte((byte)parameter);
            into.U32((uint)type.Results.Length);
            foreach (WasmValueType result in type.Results) into.Byte((byte)result);
        }

        return types;
    }

    private void Write(ByteWriter module, WatSection section)
    {
        if (section.Count == 0) return;
        _scratch.Clear();
        _scratch.U32((uint)section.Count);
        module.Byte(section.Id);
        module.U32((uint)(_scratch.Length + section.Items.Length));
        module.Bytes(_scratch.Written);
        module.Bytes(section.Items.Written);
    }

    private void Number(ByteWriter module, byte id, uint value)
    {
        _scratch.Clear();
        _scratch.U32(value);
        module.Byte(id);
        module.Vector(_scratch.Written);
    }

    /// <summary>The name section, as the specification's appendix and the extended names proposal number its parts.</summary>
    private void Names(ByteWriter module, WatScope scope, string? name)
    {
        var content = new ByteWriter();
        content.Name("name");
        int empty = content.Length;
        if (name is not null)
        {
            _scratch.Clear();
            _scratch.Name(name);
            content.Byte(0);
            content.Vector(_scratch.Written);
        }

        Write(content, Names(1, scope.Functions));
        Write(content, LocalNames);
        Write(content, Names(4, scope.TypeNames));
        Write(content, Names(5, scope.Tables));
        Write(content, Names(6, scope.Memories));
        Write(content, Names(7, scope.Globals));
        Write(content, Names(8, scope.Elements));
        Write(content, Names(9, scope.Data));
        Write(content, Names(11, scope.Tags));
        if (content.Length == empty) return;
        module.Byte(0);
        module.Vector(content.Written);
    }

    /// <summary>A part of the name section: the names of an index space.</summary>
    internal static WatSection Names(byte part, WatSpace space)
    {
        var names = new WatSection(part);
        foreach ((int index, string name) in space.Names)
        {
            ByteWriter into = names.Add();
            into.U32((uint)index);
            into.Name(name);
        }

        return names;
    }
}
