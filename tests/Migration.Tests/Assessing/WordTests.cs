using System.Text.RegularExpressions;
using Sirsi.Clouds.Expressions;
using Sirsi.Clouds.Tables;
using Sirsi.Migration.Assessing;

namespace Sirsi.Migration.Tests.Assessing;

/// <summary>A mistyped name in a table makes a row that never holds, and nobody would notice.</summary>
public sealed partial class WordTests
{
    [Fact]
    public void Every_terraform_type_in_checks_exists()
    {
        string[] texts = [.. CheckCatalogue.Embedded.Checks.SelectMany(check =>
            check.Terraform.Select(hint => hint.Setting).Append(check.Condition))];
        Assert.True(texts.Sum(text => TypeName().Count(text)) > 200);
        Assert.Empty(texts.SelectMany(UnknownTypes).Distinct(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("costs.tsv", 7)]
    [InlineData("readiness.tsv", 5)]
    public void Every_terraform_type_in_tables_exists(string table, int columns) =>
        Assert.Empty(DataTable.Read(table, columns).SelectMany(row => UnknownTypes(row[2])).Distinct(StringComparer.Ordinal));

    [Theory]
    [InlineData("costs.tsv", 7)]
    [InlineData("readiness.tsv", 5)]
    public void Every_kind_in_tables_exists(string table, int columns) =>
        Assert.All(
            DataTable.Read(table, columns).SelectMany(row => row[1].Split(", ")),
            kind => Assert.NotNull(KindTable.BuiltIn.Find(kind)));

    [Theory]
    [InlineData("costs.tsv", 7, 2)]
    [InlineData("costs.tsv", 7, 5)]
    [InlineData("readiness.tsv", 5, 2)]
    public void Every_fact_in_tables_exists_on_a_kind_of_its_row(string table, int columns, int column)
    {
        // What a resource borrows from its task or template, and what the estate tells of an address.
        var borrowed = new HashSet<string>(StringComparer.Ordinal) { "cpuUnits", "memoryMiB" };
        string[] unknown = [.. DataTable.Read(table, columns)
            .Where(row => row[column].Length > 0)
            .SelectMany(row => Expression.Require(row[column]).References
                .Where(name => !borrowed.Contains(name) && !row[1].Split(", ").Any(kind => FactVocabulary.Embedded.Has(kind, name)))
                .Select(name => $"{row[1]}: {name}"))];
        Assert.Empty(unknown);
    }

    private static IEnumerable<string> UnknownTypes(string text) => TypeName().Matches(text)
        .Select(match => match.Value)
        .Where(name => TypeTable.BuiltIn.Find(name) is null && name != "google_project_iam");

    // Not the beginnings that stand in patterns.
    [GeneratedRegex(@"(?<![\^(|])\b(aws|azurerm|google)_[a-z0-9_]+[a-z0-9](?![a-z0-9_(])", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex TypeName();
}
