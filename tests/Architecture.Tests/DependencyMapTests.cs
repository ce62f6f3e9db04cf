using System.Xml.Linq;

namespace Sirsi.Architecture.Tests;

public sealed class DependencyMapTests
{
    /// <summary>The whole architecture on one screen: what each project of ours may reference, floor by floor.</summary>
    private static readonly Dictionary<string, string[]> Map = new(StringComparer.Ordinal)
    {
        // foundation
        ["Core"] = [],
        ["Bus"] = ["Core", "Journal"],
        ["Journal"] = ["Core"],
        ["Wasm"] = [],
        ["Store"] = ["Core"],
        // hypervisor
        ["Hypervisor"] = ["Core", "Wasm", "Journal", "Bus", "Store"],
        ["Simulation"] = ["Core", "Wasm", "Bus", "Store", "Hypervisor"],
        // migration
        ["Clouds"] = ["Core"],
        ["Migration"] = ["Core", "Clouds"],
        // apps
        ["Cli"] = ["Core", "Wasm", "Journal", "Bus", "Store", "Hypervisor", "Simulation", "Clouds", "Migration"],
    };

    public static TheoryData<string> Projects => [.. ProjectFiles().Select(static file => Path.GetFileNameWithoutExtension(file))];

    [Theory, MemberData(nameof(Projects))]
    public void A_project_references_only_what_the_map_allows(string project)
    {
        Assert.True(Map.TryGetValue(project, out string[]? allowed), $"{project} is not in the dependency map.");
        string file = ProjectFiles().Single(file => Path.GetFileNameWithoutExtension(file) == project);
        string[] references = [.. References(file)];
        Assert.All(references, reference => Assert.Contains(reference, allowed!));
    }

    [Fact]
    public void The_map_names_no_project_that_does_not_exist() =>
        Assert.Equal(ProjectFiles().Select(static file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal),
            Map.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void A_project_stands_in_a_folder_of_its_own_name() =>
        Assert.All(ProjectFiles(), static file =>
            Assert.Equal(Path.GetFileNameWithoutExtension(file), Path.GetFileName(Path.GetDirectoryName(file))));

    private static IEnumerable<string> ProjectFiles() =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal);

    private static IEnumerable<string> References(string file) =>
        XDocument.Load(file).Descendants("ProjectReference")
            .Select(static reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));
}
