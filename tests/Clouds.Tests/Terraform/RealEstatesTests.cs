using Sirsi.Clouds.Estates;
using Sirsi.Core.Errors;

namespace Sirsi.Clouds.Tests.Terraform;

/// <summary>Real states and plans of several tools' test beds.</summary>
public sealed class RealEstatesTests(ITestOutputHelper output)
{
    private const string Root = "data/migration/estates/terraform";

    /// <summary>Files that hold no state and no plan, or one that is broken on purpose, and what they fail with.</summary>
    private static readonly Dictionary<string, ErrorCode> Broken = new(StringComparer.Ordinal)
    {
        ["inframap_states/invalid_version_state.json"] = CloudsErrors.InputVersion,
        ["terracost_plans/aws__terraform-plan-noprovider.json"] = CloudsErrors.InputNotJson,
    };

    [Fact]
    public async Task Every_state_and_plan_is_read_or_fails_with_one_clear_code()
    {
        string root = TestData.Folder(Root);
        int read = 0;
        var wrong = new List<string>();
        foreach (string file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string name = Path.GetRelativePath(root, file);
            ErrorCode? expected = Broken.GetValueOrDefault(name) ?? (IsExpectation(file) ? CloudsErrors.InputNotTerraform : null);
            ErrorCode? actual = null;
            string message = "";
            try
            {
                Estate estate = await EstateSource.ReadAsync([file]);
                read++;
                foreach (Diagnostic diagnostic in estate.Diagnostics)
                    if (diagnostic.Severity is DiagnosticSeverity.Error) wrong.Add($"{name}: {diagnostic}");
            }
            catch (CloudsException failure)
            {
                actual = failure.Code;
                message = failure.Message;
            }

            if (actual != expected) wrong.Add($"{name}: {actual} {message}");
        }

        output.WriteLine($"{read} files read");
        Assert.Empty(wrong);
        Assert.True(read > 290, $"only {read} files were read");
    }

    [Fact]
    public async Task Nearly_all_instances_become_a_known_kind()
    {
        string root = TestData.Folder(Root);
        var known = new Dictionary<Cloud, int>();
        var all = new Dictionary<Cloud, int>();
        var unknown = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
        {
            string name = Path.GetRelativePath(root, file);
            if (Broken.ContainsKey(name) || IsExpectation(file)) continue;
            foreach (Resource resource in (await EstateSource.ReadAsync([file])).Resources)
            {
                all[resource.Cloud] = all.GetValueOrDefault(resource.Cloud) + 1;
                if (resource.Kind == ResourceKind.Unknown) unknown[resource.Type] = unknown.GetValueOrDefault(resource.Type) + 1;
                else known[resource.Cloud] = known.GetValueOrDefault(resource.Cloud) + 1;
            }
        }

        foreach ((Cloud cloud, int count) in all.OrderBy(static pair => pair.Key))
            output.WriteLine($"{cloud.Title()}: {known.GetValueOrDefault(cloud)} of {count} known");
        output.WriteLine("unknown: " + string.Join(", ", unknown.Select(static pair => $"{pair.Key} {pair.Value}")));
        Cloud[] clouds = [Cloud.Aws, Cloud.Azure, Cloud.Gcp];
        int knownCount = clouds.Sum(cloud => known.GetValueOrDefault(cloud));
        int allCount = clouds.Sum(cloud => all.GetValueOrDefault(cloud));
        Assert.True(knownCount >= 0.95 * allCount, $"{knownCount} of {allCount} are known");
    }

    [Fact]
    public async Task A_folder_of_many_estates_becomes_one()
    {
        Estate estate = await EstateSource.ReadAsync([TestData.Folder(Root + "/driftctl_states")]);
        Assert.True(estate.Resources.Length > 200, $"only {estate.Resources.Length} resources");
        Assert.Contains(estate.Diagnostics, static diagnostic => diagnostic.Code == CloudsErrors.FileSkipped);
    }

    /// <summary>The data keeps expected results beside the inputs: lists, never objects.</summary>
    private static bool IsExpectation(string file)
    {
        using StreamReader reader = File.OpenText(file);
        int first;
        do first = reader.Read();
        while (first is ' ' or '\t' or '\r' or '\n');
        return first == '[';
    }
}
