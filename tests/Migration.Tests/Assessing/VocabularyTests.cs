using System.Text.RegularExpressions;
using Sirsi.Migration.Assessing;

namespace Sirsi.Migration.Tests.Assessing;

public sealed partial class VocabularyTests
{
    /// <summary>A row of the table of facts in the guide: kinds and, behind them, names in back-quotes.</summary>
    public static TheoryData<string, string> FactsOfTheGuide()
    {
        var facts = new TheoryData<string, string>();
        string guide = File.ReadAllText(Path.Combine(Repository.Root, "docs", "estate-model.md"));
        string table = guide[guide.IndexOf("| kinds | facts |", StringComparison.Ordinal)..];
        table = table[..table.IndexOf("\n## ", StringComparison.Ordinal)];
        foreach (Match row in Row().Matches(table))
        {
            // What stands in parentheses or after "list of maps" are values and fields.
            string names = FieldsOfMaps().Replace(Parentheses().Replace(row.Groups["facts"].Value, ""), "`");
            foreach (Match name in Name().Matches(names))
                foreach (string kind in row.Groups["kinds"].Value.Split(", "))
                    if (kind is not ("kinds" or "---"))
                        facts.Add(kind == "all" ? "queue" : kind, name.Groups["name"].Value);
        }

        return facts;
    }

    [Theory]
    [MemberData(nameof(FactsOfTheGuide))]
    public void A_condition_may_read_every_fact_of_the_guide(string kind, string fact) =>
        Assert.True(FactVocabulary.Embedded.Has(kind, fact), $"Data/vocabulary.tsv lacks {fact} of {kind}; docs/estate-model.md has it.");

    [Fact]
    public void The_vocabulary_has_no_fact_that_the_guide_lacks()
    {
        string guide = File.ReadAllText(Path.Combine(Repository.Root, "docs", "estate-model.md"));
        foreach (string[] row in DataTable.Read("vocabulary.tsv", columns: 2))
            foreach (string name in Regex.Matches(row[1], @"\w+", RegexOptions.NonBacktracking).Select(match => match.Value))
                Assert.Contains($"`{name}`", guide, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^\| (?<kinds>[a-z][a-z., \-]*) \| (?<facts>.*) \|$",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Row();

    [GeneratedRegex(@"`: list of maps [^|;]*", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex FieldsOfMaps();

    [GeneratedRegex(@"\([^()]*\)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Parentheses();

    [GeneratedRegex("`(?<name>[A-Za-z]+)`", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}
