namespace Sirsi.Wasm.Benchmarks;

/// <summary>The modules that bench/Wasm/build has built.</summary>
internal static class Modules
{
    /// <summary>The folder that holds <c>Sirsi.slnx</c>.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The guest of the instance benchmark.</summary>
    public static string InstanceGuest => Existing(Path.Combine(Repository, "artifacts", "wasm-instance", "guest.wasm"));

    /// <summary>The files of <c>kernels</c> or <c>programs</c>, those of the given names or all, in the order of their names.</summary>
    /// <exception cref="InvalidOperationException">They are not built, or there is none of a name.</exception>
    public static string[] Find(string kind, IReadOnlyList<string> only)
    {
        string folder = Path.Combine(Repository, "artifacts", $"wasm-{kind}");
        string[] all = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.wasm") : [];
        if (all.Length == 0) throw NotBuilt(folder);
        Array.Sort(all, StringComparer.Ordinal);
        return only.Count == 0 ? all : [.. only.Select(name => Existing(Path.Combine(folder, name + ".wasm")))];
    }

    private static string Existing(string file) => File.Exists(file) ? file : throw NotBuilt(file);

    private static InvalidOperationException NotBuilt(string path) =>
        new($"There is no {Path.GetRelativePath(Repository, path)}; bench/Wasm/build makes the modules.");

    private static string FindRepository()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Sirsi.slnx"))) return folder.FullName;
        throw new InvalidOperationException($"No Sirsi.slnx above {AppContext.BaseDirectory}.");
    }
}
