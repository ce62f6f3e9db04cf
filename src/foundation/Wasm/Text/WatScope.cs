namespace Sirsi.Wasm.Text;

/// <summary>An index space: what identifiers stand for.</summary>
internal sealed class WatSpace(string what)
{
    private const int CapacityKept = 256;

    private Dictionary<string, int> _ids = new(StringComparer.Ordinal);

    /// <summary>What its members are, for messages.</summary>
    internal string What { get; } = what;

    /// <summary>How many members it has.</summary>
    internal int Count { get; private set; }

    /// <summary>Named members, in the order of their indices.</summary>
    internal List<(int Index, string Name)> Names { get; } = [];

    /// <summary>Adds a member; a second one of the same name is a problem.</summary>
    internal int Add(WatReader reader, string? id, int at)
    {
        if (id is not null)
        {
            if (_ids.TryAdd(id, Count)) Names.Add((Count, id));
            else reader.Problem(at, $"duplicate {What} ${id}");
        }

        return Count++;
    }

    internal void Clear()
    {
        // Clearing takes time in proportion to what the dictionary once held.
        if (_ids.Capacity > CapacityKept) _ids = new(StringComparer.Ordinal);
        else _ids.Clear();
        Names.Clear();
        Count = 0;
    }

    /// <summary>An identifier or a number. One that is unknown is noted, and read as 0.</summary>
    internal uint Index(WatReader reader)
    {
        if (!reader.Is(WatTokenKind.Id)) return reader.U32($"a {What}");
        WatToken token = reader.Take();
        string id = reader.IdOf(token);
        if (_ids.TryGetValue(id, out int index)) return (uint)index;
        reader.Problem(token.Start, $"unknown {What} ${id}");
        return 0;
    }
}

/// <summary>The index spaces of a module, and its types.</summary>
internal sealed class WatScope
{
    private readonly Dictionary<WasmFunctionType, int> _known = [];

    internal WatSpace TypeNames { get; } = new("type");

    internal WatSpace Functions { get; } = new("function");

    internal WatSpace Tables { get; } = new("table");

    internal WatSpace Memories { get; } = new("memory");

    internal WatSpace Globals { get; } = new("global");

    internal WatSpace Tags { get; } = new("tag");

    internal WatSpace Elements { get; } = new("elem segment");

    internal WatSpace Data { get; } = new("data segment");

    /// <summary>All types: those the text defines, then those that uses without a type imply.</summary>
    internal List<WasmFunctionType> Types { get; } = [];

    /// <summary>Whether code names a data segment, so that their number must be announced.</summary>
    internal bool UsesData { get; set; }

    internal void Define(WasmFunctionType type)
    {
        _known.TryAdd(type, Types.Count);
        Types.Add(type);
    }

    /// <summary>The first type equal to the given one, which is added when there is none.</summary>
    internal uint IndexOf(WasmFunctionType type)
    {
        if (!_known.TryGetValue(type, out int index))
        {
            index = Types.Count;
            Define(type);
        }

        return (uint)index;
    }
}
