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
        WasmCustomSection? section = content.CustomSections.Find(static section => section.Name == "name");
        if (section is null) return names;
        try
        {
            names.Decode(section.Content.ToArray());
        }
        catch (WasmException)
        {
            // Custom sections are not validated; names read so far are kept.
        }

        return names;
    }

    private void Decode(byte[] bytes)
    {
        var reader = new ByteReader(bytes, 0, bytes.Length, 0);
        while (!reader.IsAtEnd)
        {
            byte part = reader.Byte();
            int size = reader.Count("bytes of names");
            int end = reader.Position + size;
            if (part == 0) Module = reader.Name();
            if (part == 1)
            {
                for (int left = reader.Count("function names"); left > 0; left--)
                {
                    uint index = reader.U32();
                    _functions[(int)Math.Min(index, int.MaxValue)] = reader.Name();
                }
            }

            reader.Position = end;
        }
    }
}
