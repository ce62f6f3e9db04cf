using System.Collections.Immutable;
using Sirsi.Core.Errors;
using Sirsi.Migration.Assessing;

namespace Sirsi.Migration.Tests.Assessing;

public sealed class CheckReaderTests
{
    private const string Damage = "[]{}:,-'\"#&*!|>%@` \t\n\0é\uD800a7";

    private const string Good = """
        category: shop
        checks:
          - id: shop-bucket-open
            title: Bucket is open
            severity: high
            kinds: [storage.bucket]
            condition: public == true
            remediation: Close it.
            fails: { public: true }
            passes: { public: false }
        """;

    [Fact]
    public void A_file_of_one_good_check_adds_it()
    {
        CheckCatalogueResult result = Read(Good);
        Assert.Empty(result.Problems);
        Assert.Equal(CheckCatalogue.Embedded.Checks.Length + 1, result.Catalogue!.Checks.Length);
        Assert.Equal(["aws", "azure", "gcp"], result.Catalogue.Checks.Single(check => check.Id == "shop-bucket-open").Clouds);
    }

    [Theory]
    [InlineData("severity: high", "severity: dreadful", "SIRSI-4202", 5)]
    [InlineData("kinds: [storage.bucket]", "kinds: [storage.bukket]", "SIRSI-4204", 6)]
    [InlineData("kinds: [storage.bucket]", "kinds: storage.bucket", "SIRSI-4202", 6)]
    [InlineData("condition: public == true", "condition: publik == true", "SIRSI-4204", 7)]
    [InlineData("condition: public == true", "condition: any(rules, direction == 'in')", "SIRSI-4204", 7)]
    [InlineData("condition: public == true", "condition: public ==", "SIRSI-4205", 7)]
    [InlineData("remediation: Close it.", "remediation: ''", "SIRSI-4202", 8)]
    [InlineData("remediation: Close it.", "remedy: Close it.", "SIRSI-4202", 3)]
    [InlineData("fails: { public: true }", "fails: { public: false }", "SIRSI-4206", 9)]
    [InlineData("passes: { public: false }", "passes: { public: true }", "SIRSI-4206", 10)]
    [InlineData("id: shop-bucket-open", "id: storage-bucket-public", "SIRSI-4203", 3)]
    [InlineData("id: shop-bucket-open", "id: Shop Bucket", "SIRSI-4202", 3)]
    [InlineData("id: shop-bucket-open", "id: shop-of-so-many-words-that-nobody-will-ever-read-them-all-to-the-very-end", "SIRSI-4202", 3)]
    [InlineData("title: Bucket is open", "title: Bucket is open\n    clouds: [ibm]", "SIRSI-4204", 5)]
    [InlineData("title: Bucket is open", "title: Bucket is open\n    references: ['cis-aws-3.0 2.1']", "SIRSI-4204", 5)]
    [InlineData("title: Bucket is open", "title: Bucket is open\n    references: ['soc2: QQ1.1']", "SIRSI-4204", 5)]
    [InlineData("title: Bucket is open", "title: Bucket is open\n    terraform: { ibm: x }", "SIRSI-4202", 5)]
    [InlineData("category: shop", "category: &a shop", "SIRSI-4201", 1)]
    [InlineData("category: shop", "category: !!str shop", "SIRSI-4201", 1)]
    [InlineData("category: shop", "category: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "SIRSI-4201", 1)]
    [InlineData("category: shop", "category: shop\n  : x: [", "SIRSI-4201", 2)]
    public void A_mistake_is_told_with_its_code_and_line(string right, string wrong, string code, int line)
    {
        CheckCatalogueResult result = Read(Good.Replace(right, wrong, StringComparison.Ordinal));
        Assert.Null(result.Catalogue);
        Assert.Contains($"{code} my.yaml:{line}", result.Problems.Select(problem => $"{problem.Code} {PlaceOf(problem)}"));
    }

    [Fact]
    public void Every_mistake_of_every_file_is_told_at_once()
    {
        CheckCatalogueResult result = CheckCatalogue.Embedded.With(
        [
            new CheckFile("a.yaml", Good.Replace("title: Bucket is open", "title: ''\n    clouds: 7", StringComparison.Ordinal)),
            new CheckFile("b.yaml", "checks: 7"),
        ]);
        Assert.Equal(["a.yaml:4", "a.yaml:5", "b.yaml:1", "b.yaml:1"], result.Problems.Select(PlaceOf));
    }

    [Fact]
    public void Nesting_of_a_hundred_thousand_levels_is_refused_without_harm()
    {
        CheckCatalogueResult result = Read("category: " + new string('[', 100_000));
        Assert.Equal("SIRSI-4201", Assert.Single(result.Problems).Code.ToString());
    }

    [Fact]
    public void A_damaged_file_is_told_and_never_throws() => TestKit.Check.That(seed: 1, runs: 3_000, random =>
    {
        char[] text = Good.ToCharArray();
        for (int hit = random.Next(1, 8); hit > 0; hit--) text[random.Next(text.Length)] = Damage[random.Next(Damage.Length)];
        string damaged = new(text, 0, random.Next(text.Length + 1));
        CheckCatalogueResult result = Read(damaged);
        Assert.Equal(result.Catalogue is null, result.Problems.Length > 0);
    });

    [Fact]
    public void A_folder_is_read_in_the_order_of_its_names_and_other_files_are_left()
    {
        using var folder = new TemporaryFolder();
        folder.Write("b.yml", Good.Replace("shop-bucket-open", "shop-b", StringComparison.Ordinal));
        folder.Write("a.yaml", Good.Replace("shop-bucket-open", "shop-a", StringComparison.Ordinal));
        folder.Write("notes.txt", "no checks");
        ImmutableArray<string> ids = [.. CheckCatalogue.Embedded.WithFolder(folder.Path).Catalogue!.Checks.Select(check => check.Id)];
        Assert.Contains("shop-a", ids);
        Assert.Contains("shop-b", ids);
    }

    [Fact]
    public void A_folder_that_is_not_there_fails_with_its_code()
    {
        SirsiException failure = Assert.Throws<MigrationException>(() => CheckCatalogue.Embedded.WithFolder("/no/such/folder"));
        Assert.Equal(4200, failure.Code.Number);
    }

    [Fact]
    public void A_file_beyond_one_mebibyte_fails_with_its_code()
    {
        using var folder = new TemporaryFolder();
        folder.Write("large.yaml", new string('#', CheckCatalogue.FileBytesMax + 1));
        Assert.Equal(4200, Assert.Throws<MigrationException>(() => CheckCatalogue.Embedded.WithFolder(folder.Path)).Code.Number);
    }

    private static string PlaceOf(Diagnostic problem) => $"{problem.Position!.Value.Source}:{problem.Position.Value.Line}";

    private static CheckCatalogueResult Read(string yaml) => CheckCatalogue.Embedded.With([new CheckFile("my.yaml", yaml)]);
}
