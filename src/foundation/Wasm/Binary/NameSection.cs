using System.Globalization;

namespace Sirsi.Wasm.Binary;

/// <summary>The names a module gives itself and its functions, for people to read. A broken name section is as good as none.</summary>
internal sealed class NameSection
{
    private readonly Dictionary<int, string> _functions = [];

    internal string Module { get; private set; } = "";

    internal string Function(int index) =>
        _functions.TryGetValue(index, out string? name) ? name : string.Create(CultureInfo.InvariantCulture, $"func[{index}]");

    internal static NameSection Read(ModuleContent content)
    {
        var names = new NameSection();
        foreach (WasmExport export in content.Exports)
            if (export.Type.Kind == WasmExternKind.Function) names._functions.TryAdd(export.Index, export.Name);
        foreach ((byte part, ByteReader reader) in Parts(content))
        {
            if (part == 0) names.Module = ModuleName(reader);
            if (part == 1) ReadMap(reader, names._functions);
        }

        return names;
    }

    /// <summary>The parts of the name section, up to the first broken one; each reader spans one part.</summary>
    internal static List<(byte Part, ByteReader Reader)> Parts(ModuleContent content)
    {
        List<(byte, ByteReader)> parts = [];
        WasmCustomSection? section = content.CustomSections.Find(static section => section.Name == "name");
        if (section is null) return parts;
        byte[] bytes = section.Content.ToArray();
        var reader = new ByteReader(bytes, 0, bytes.Length, 0);
        try
        {
            while (!reader.IsAtEnd)
            {
                byte part = reader.Byte();
                int size = reader.Count("bytes of names");
                parts.Add((part, new ByteReader(bytes, reader.Position, reader.Position + size, 0)));
                reader.Position += size;
            }
        }
        catch (WasmException)
        {
            // Custom sections are not validated; parts found so far are kept.
        }

        return parts;
    }

    /// <summary>Reads indices and names into a map, up to the first broken one.</summary>
    internal static void ReadMap(ByteReader reader, Dictionary<int, string> into)
    {
        try
        {
            for (int left = reader.Count("names"); left > 0; left--)
            {
                uint index = reader.U32();
                into[(int)Math.Min(index, int.MaxValue)] = reader.Name();
            }
        }
        catch (WasmException)
        {
            // Custom sections are not validated; names read so far are kept.
        }
    }

    private static string ModuleName(ByteReader reader)
    {
        try
        {
            return reader.Name();
        }
        catch (WasmException)
        {
            return "";
        }
    }
}
