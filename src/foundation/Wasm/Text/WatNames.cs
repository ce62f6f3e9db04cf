using System.Globalization;
using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Text;

/// <summary>
/// The identifiers a module is printed with: names of its name section, else of exports and imports, else what a thing is and its number;
/// unique in each index space.
/// </summary>
internal sealed class WatNames
{
    private static readonly Dictionary<int, string> None = [];

    private readonly Dictionary<int, int> _localsAt = [];
    private readonly ByteReader _locals;


    internal WatNames(ModuleContent content)
    {
        var maps = new Dictionary<int, string>[12];
        for (int i = 0; i < maps.Length; i++) maps[i] = [];
        foreach ((byte part, ByteReader reader) in NameSection.Parts(content))
        {
            if (part == 2) _locals = FindLocals(reader);
            else if (part < maps.Length) NameSection.ReadMap(reader, maps[part]);
        }

        foreach (WasmExport export in content.Exports)
            if (export.Type.Kind == WasmExternKind.Function) maps[1].TryAdd(export.Index, export.Name);
        int function = 0;
        foreach (WasmImport import in content.Imports)
            if (import.Type.Kind == WasmExternKind.Function) maps[1].TryAdd(function++, $"{import.Module}.{import.Name}");
        Functions = Ids("func", content.Functions.Count, maps[1]);
        Types = Ids("type", content.Types.Length, maps[4]);
        Tables = Ids("table", content.Tables.Count, maps[5]);
        Memories = Ids("memory", content.Memories.Count, maps[6]);
        Globals = Ids("global", content.Globals.Count, maps[7]);
        Elements = Ids("elem", content.Elements.Length, maps[8]);
        Data = Ids("data", content.Data.Length, maps[9]);
        Tags = Ids("tag", content.Tags.Count, maps[11]);
    }

    internal string[] Functions { get; }

    internal string[] Types { get; }

    internal string[] Tables { get; }

    internal string[] Memories { get; }

    internal string[] Globals { get; }

    internal string[] Elements { get; }

    internal string[] Data { get; }

    internal string[] Tags { get; }

    /// <summary>The identifiers of a function's parameters and locals.</summary>
    internal string[] Locals(int function, int parameters, int count)
    {
        if (!_localsAt.TryGetValue(function, out int at)) return Ids("l", count, None, parameters);
        var given = new Dictionary<int, string>();
        NameSection.ReadMap(new ByteReader(_locals.Data, at, _locals.End, 0), given);
        return Ids("l", count, given, parameters);
    }

    private ByteReader FindLocals(ByteReader reader)
    {
        ByteReader all = reader;
        try
        {
            for (int left = reader.Count("functions"); left > 0; left--)
            {
                int function = (int)Math.Min(reader.U32(), int.MaxValue);
                _localsAt[function] = reader.Position;
                for (int names = reader.Count("names"); names > 0; names--)
                {
                    reader.U32();
                    reader.Bytes((int)Math.Min(reader.U32(), int.MaxValue));
                }
            }
        }
        catch (WasmException)
        {
            // Custom sections are not validated; names found so far are kept.
        }

        return all;
    }

    /// <summary>Given names first; those that make way, and generated ones, have their number behind them.</summary>
    private static string[] Ids(string what, int count, Dictionary<int, string> given, int parameters = 0)
    {
        var ids = new string[count];
        var taken = new HashSet<string>(count, StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
            if (given.TryGetValue(i, out string? name) && name.Length > 0) ids[i] = Unique(taken, name, i);
        for (int i = 0; i < count; i++)
            ids[i] ??= Unique(taken, string.Create(CultureInfo.InvariantCulture, $"{(i < parameters ? "p" : what)}{i}"), i);
        for (int i = 0; i < count; i++) ids[i] = Id(ids[i]);
        return ids;
    }

    private static string Unique(HashSet<string> taken, string name, int index)
    {
        while (!taken.Add(name)) name = string.Create(CultureInfo.InvariantCulture, $"{name}#{index}");
        return name;
    }

    private static string Id(string name)
    {
        if (WatLexer.IsPlainId(name)) return "$" + name;
        using var literal = new StringWriter(CultureInfo.InvariantCulture);
        literal.Write('$');
        WatString.WriteName(literal, name);
        return literal.ToString();
    }
}
