using System.Text.RegularExpressions;
using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Migration.Designing;

namespace Sirsi.Migration.Tests.Designing;

public sealed partial class ServiceTableTests
{
    private static readonly Cloud[] Clouds = [Cloud.Aws, Cloud.Azure, Cloud.Gcp];

    private static HashSet<string> Types { get; } = [.. File.ReadLines(Path.Combine(Repository.Root, "src/migration/Clouds/Data/types.tsv"))
        .Where(static line => line.Length > 0 && line[0] != '#').Select(static line => line.Split('\t')[0])];

    [Fact]
    public void Every_kind_has_a_row_for_every_cloud()
    {
        HashSet<(string, Cloud)> rows = [.. ServiceTable.Embedded.Rows];
        Assert.Empty(from kind in Vocabulary.Kinds from cloud in Clouds where !rows.Contains((kind, cloud)) select $"{kind} to {cloud}");
        Assert.DoesNotContain(rows, static row => !Vocabulary.Kinds.Contains(row.Item1));
    }

    [Fact]
    public void What_is_built_has_a_service_and_a_type_of_its_cloud_and_what_is_not_has_none()
    {
        foreach ((string kind, Cloud cloud) in ServiceTable.Embedded.Rows)
        {
            ServiceChoice row = ServiceTable.Embedded.Plain(new ResourceKind(kind), cloud);
            bool built = row.Outcome is MappingOutcome.Equivalent or MappingOutcome.Adapted;
            Assert.Equal(built, row.Type.Length > 0);
            Assert.True(!built || row.Service.Length > 0, kind);
            if (built) Assert.StartsWith(Prefix(cloud), row.Type, StringComparison.Ordinal);
            Assert.Contains(row.Becomes.Name, Vocabulary.Kinds);
            Assert.True(row.OnePerRegion || row.Into.IsSubsetOf(Vocabulary.Kinds), kind);
        }
    }

    [Fact]
    public void Every_type_that_is_built_is_one_we_would_know_again()
    {
        IEnumerable<string> plain = ServiceTable.Embedded.Rows.Select(static row =>
            ServiceTable.Embedded.Plain(new ResourceKind(row.Kind), row.Cloud).Type);
        IEnumerable<string> refined = Cells("refinements.tsv").Select(static cells => cells[5]).Where(static type => type != "-");
        Assert.Empty(plain.Concat(refined).Where(static type => type.Length > 0 && !Types.Contains(type)).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_row_gives_a_reason_and_people_a_decision_where_there_is_no_equivalent()
    {
        foreach ((string kind, Cloud cloud) in ServiceTable.Embedded.Rows)
        {
            ServiceChoice row = ServiceTable.Embedded.Plain(new ResourceKind(kind), cloud);
            Assert.Matches(Sentence(), row.Reason);
            Assert.All(row.Differences.AddRange(row.Decisions), static text => Assert.Matches(Sentence(), text));
            if (row.Outcome is MappingOutcome.NoEquivalent or MappingOutcome.Unknown) Assert.NotEmpty(row.Decisions);
            Assert.InRange(row.Alternatives.Length, 0, 3);
        }
    }

    [Fact]
    public void Refinements_name_kinds_types_and_clouds_that_exist()
    {
        Assert.All(ServiceTable.Embedded.RefinedRows, static row => Assert.Contains(row.Kind, Vocabulary.Kinds));
        foreach (string[] cells in Cells("refinements.tsv"))
        {
            if (cells[5] is not "-" && CloudNames.TryParse(cells[1], out Cloud cloud))
                Assert.StartsWith(Prefix(cloud), cells[5], StringComparison.Ordinal);
            foreach (Match type in ProviderType().Matches(cells[2])) Assert.Contains(type.Groups["type"].Value, Types);
        }
    }

    [Fact]
    public void Settings_are_made_strong_for_kinds_that_exist() =>
        Assert.All(TargetFacts.HardenedKinds, static kind => Assert.Contains(kind, Vocabulary.Kinds));

    private static IEnumerable<string[]> Cells(string table) =>
        File.ReadLines(Path.Combine(Repository.Root, "src/migration/Migration/Data", table))
            .Where(static line => line.Length > 0 && line[0] != '#').Select(static line => line.Split('\t'));

    private static string Prefix(Cloud cloud) => cloud switch
    {
        Cloud.Aws => "aws_",
        Cloud.Azure => "azurerm_",
        _ => "google_",
    };

    [GeneratedRegex("^[A-Z].*[.)]$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Sentence();

    [GeneratedRegex("'(?<type>(aws|azurerm|google)_[a-z0-9_]{6,})'", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ProviderType();
}
