using Sirsi.Wasm.Binary;

namespace Sirsi.Cli.Commands.Wasm;

/// <summary>A section of a binary module: what it is called, where its content begins, and how many bytes that has.</summary>
internal sealed record ModuleSection(string Name, long Offset, int Bytes)
{
    private const int HeaderBytes = 8;

    private static readonly string[] Names =
        ["custom", "type", "import", "function", "table", "memory", "global", "export", "start", "element", "code", "data", "data count", "tag"];

    /// <summary>The sections of a module that has been loaded, so that nothing in it can be out of place.</summary>
    public static List<ModuleSection> Of(ReadOnlyMemory<byte> module)
    {
        byte[] bytes = module.ToArray();
        var reader = new ByteReader(bytes, HeaderBytes, bytes.Length, 0);
        List<ModuleSection> sections = [];
        while (!reader.IsAtEnd)
        {
            byte id = reader.Byte();
            int size = (int)reader.U32();
            int begin = reader.Position;
            string name = id == 0 ? $"custom \"{reader.Name()}\"" : Names[id];
            sections.Add(new(name, begin, size));
            reader.Position = begin + size;
        }

        return sections;
    }
}
