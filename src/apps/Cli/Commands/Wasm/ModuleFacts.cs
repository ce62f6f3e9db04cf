using Sirsi.Wasm;
using Sirsi.Wasm.Binary;
using Sirsi.Wasm.Wasi;

namespace Sirsi.Cli.Commands.Wasm;

/// <summary>What can be said of a module without running it.</summary>
internal static class ModuleFacts
{
    private static readonly (string Prefix, string What)[] WasiPowers =
    [
        ("path_", "files and folders granted with --dir"),
        ("fd_", "open files, standard input and output"),
        ("args_", "its arguments"),
        ("environ_", "variables granted with --env"),
        ("clock_", "the clock"),
        ("random_", "random bytes"),
        ("poll_", "waiting"),
        ("sched_", "waiting"),
        ("proc_", "ending itself"),
        ("sock_", "sockets (refused)"),
    ];

    private static readonly (WasmFeatures Feature, string Name)[] Features =
    [
        (WasmFeatures.ExtendedConstants, "extended constants"),
        (WasmFeatures.TailCalls, "tail calls"),
        (WasmFeatures.MultipleMemories, "multiple memories"),
        (WasmFeatures.Memory64, "memory64"),
        (WasmFeatures.ExceptionHandling, "exception handling"),
        (WasmFeatures.CompactImports, "compact imports"),
    ];

    /// <summary>The features beyond WebAssembly 2.0 without which it does not load.</summary>
    public static List<string> FeaturesUsed(ReadOnlyMemory<byte> module, TimeProvider time)
    {
        List<string> used = [];
        foreach ((WasmFeatures feature, string name) in Features)
        {
            try
            {
                new WasmEngine(time, new WasmOptions { Features = WasmFeatures.All & ~feature }).Load(module);
            }
            catch (WasmException)
            {
                used.Add(name);
            }
        }

        return used;
    }

    /// <summary>What it could reach outside of itself, given what it imports.</summary>
    public static List<string> Reach(WasmModule module)
    {
        List<string> reach = [];
        string[] wasi = [.. module.Imports.Where(static import => import.Module == WasiHost.ModuleName).Select(static import => import.Name)];
        foreach ((string prefix, string what) in WasiPowers)
            if (!reach.Contains(what) && Array.Exists(wasi, name => name.StartsWith(prefix, StringComparison.Ordinal))) reach.Add(what);
        foreach (IGrouping<string, WasmImport> group in module.Imports
            .Where(static import => import.Module != WasiHost.ModuleName).GroupBy(static import => import.Module, StringComparer.Ordinal))
            reach.Add($"what a host gives it as \"{group.Key}\"");
        return reach;
    }

    /// <summary>How many there are of what.</summary>
    public static List<(string One, string Many, int Count)> Counts(WasmModule module)
    {
        ModuleContent content = module.Content;
        return
        [
            ("type", "types", content.Types.Length),
            ("function", "functions", content.Bodies.Length),
            ("table", "tables", content.Tables.Count - content.ImportedTables),
            ("memory", "memories", content.Memories.Count - content.ImportedMemories),
            ("global", "globals", content.Globals.Count - content.ImportedGlobals),
            ("tag", "tags", content.Tags.Count - content.ImportedTags),
            ("element segment", "element segments", content.Elements.Length),
            ("data segment", "data segments", content.Data.Length),
        ];
    }

    /// <summary>Its own memories and tables, with what they may grow to.</summary>
    public static IEnumerable<string> Storage(WasmModule module) =>
        module.Content.Memories.Skip(module.Content.ImportedMemories).Select(ExternText.Describe)
            .Concat(module.Content.Tables.Skip(module.Content.ImportedTables).Select(ExternText.Describe));
}
