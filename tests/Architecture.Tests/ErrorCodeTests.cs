using System.Globalization;
using System.Reflection;
using System.Text;
using Sirsi.Core.Errors;

namespace Sirsi.Architecture.Tests;

/// <summary>
/// Error codes are unique, lie in their project's range, and docs/errors.md lists each of them and nothing else. Run the tests with
/// SIRSI_ACCEPT=1 to write that list anew.
/// </summary>
public class ErrorCodeTests
{
    private const string Begin = "<!-- codes: written by ErrorCodeTests with SIRSI_ACCEPT=1 -->";
    private const string End = "<!-- end of codes -->";

    /// <summary>Which numbers each project owns. Ranges of projects still to come are reserved here, so that none is given twice.</summary>
    private static readonly (string Project, int First, int Last)[] Ranges =
    [
        ("Core", 1000, 1099),
        ("Wasm", 1100, 1199),
        ("Journal", 1200, 1299),
        ("Redis", 1300, 1399),
        ("Store", 1400, 1499),
        ("Bus", 1500, 1599),
        ("ChaosEngine", 2000, 2099),
        ("ContractCompiler", 2100, 2199),
        ("AutoLearner", 2200, 2299),
        ("SemanticLattice", 2300, 2399),
        ("CloudKernel", 2400, 2499),
        ("ParallelFramework", 2500, 2599),
        ("SymbolicModeler", 2600, 2699),
        ("PipelineEngine", 2700, 2799),
        ("AttestationAuthority", 2800, 2899),
        ("AutoblockerLedger", 2900, 2999),
        ("Hypervisor", 3000, 3299),
        ("Simulation", 3300, 3399),
        ("Clouds", 4000, 4199),
        ("Migration", 4200, 4499),
        ("Agents", 4500, 4599),
        ("Server", 5000, 5199),
        ("Cli", 6000, 6099),
    ];

    private static readonly List<(string Project, ErrorCode Code)> Codes = Collect();

    [Fact]
    public void There_are_codes_and_the_library_of_each_is_known()
    {
        Assert.NotEmpty(Codes);
        Assert.All(Codes, c => Assert.Contains(Ranges, r => r.Project == c.Project));
    }

    [Fact]
    public void A_number_is_given_once() =>
        Assert.Empty(Codes.GroupBy(c => c.Code.Number).Where(g => g.Count() > 1)
            .Select(g => $"{g.First().Code}: {string.Join(", ", g.Select(c => c.Code.Title))}"));

    [Fact]
    public void A_number_lies_in_the_range_of_its_project() =>
        Assert.Empty(Codes.Where(c => !Ranges.Any(r => r.Project == c.Project && c.Code.Number >= r.First && c.Code.Number <= r.Last))
            .Select(c => $"{c.Code} of {c.Project}"));

    [Fact]
    public void Ranges_do_not_overlap()
    {
        var ordered = Ranges.OrderBy(r => r.First).ToList();
        Assert.All(ordered.Zip(ordered.Skip(1)), pair =>
            Assert.True(pair.First.Last < pair.Second.First, $"{pair.First} and {pair.Second} overlap"));
    }

    [Fact]
    public void Titles_and_remedies_are_whole_and_fit_a_table() => Assert.All(Codes, c =>
    {
        Assert.Matches("^[A-Z][^|\\n]{5,80}[^.|\\n]$", c.Code.Title);
        Assert.Matches("^[A-Z][^|\\n]{10,200}\\.$", c.Code.Remedy);
    });

    [Fact]
    public void The_document_lists_every_code_and_no_other()
    {
        string path = Path.Combine(Repository.Root, "docs", "errors.md");
        string document = File.ReadAllText(path);
        int begin = document.IndexOf(Begin, StringComparison.Ordinal), end = document.IndexOf(End, StringComparison.Ordinal);
        Assert.True(begin >= 0 && end > begin, $"docs/errors.md lacks its markers {Begin} and {End}.");
        string written = document[..begin] + Begin + "\n\n" + Section() + document[end..];
        if (Environment.GetEnvironmentVariable("SIRSI_ACCEPT") == "1") File.WriteAllText(path, written);
        Assert.True(File.ReadAllText(path) == written,
            "docs/errors.md is not up to date (SIRSI_ACCEPT=1 ./test ErrorCode accepts it):\n" + Difference(document, written));
    }

    private static string Section()
    {
        var text = new StringBuilder("## Ranges\n\n| project | numbers |\n| --- | --- |\n");
        foreach ((string project, int first, int last) in Ranges)
            text.Append(CultureInfo.InvariantCulture, $"| {project} | {first}–{last} |\n");
        foreach ((string project, _, _) in Ranges)
        {
            var codes = Codes.Where(c => c.Project == project).Select(c => c.Code).OrderBy(c => c.Number).ToList();
            if (codes.Count == 0) continue;
            text.Append(CultureInfo.InvariantCulture, $"\n## {project}\n\n| code | what went wrong | what to do |\n| --- | --- | --- |\n");
            foreach (ErrorCode code in codes) text.Append(CultureInfo.InvariantCulture, $"| {code} | {code.Title} | {code.Remedy} |\n");
        }
        return text.Append('\n').ToString();
    }

    private static string Difference(string document, string written)
    {
        string[] old = document.Split('\n'), fresh = written.Split('\n');
        return string.Join('\n', old.Except(fresh, StringComparer.Ordinal).Select(l => "- " + l)
            .Concat(fresh.Except(old, StringComparer.Ordinal).Select(l => "+ " + l)));
    }

    /// <summary>Every static <see cref="ErrorCode"/>, public or not, of every library of ours beside this test, and of the program.</summary>
    private static List<(string Project, ErrorCode Code)> Collect()
    {
        const BindingFlags statics = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var codes = new List<(string, ErrorCode)>();
        string program = Path.Combine(AppContext.BaseDirectory, "sirsi.dll");
        foreach (string file in Directory.GetFiles(AppContext.BaseDirectory, "Sirsi.*.dll").Append(program).Order(StringComparer.Ordinal))
        {
            string project = file == program ? "Cli" : Path.GetFileNameWithoutExtension(file)["Sirsi.".Length..];
            if (project.EndsWith(".Tests", StringComparison.Ordinal) || project == "TestKit") continue;
            foreach (Type type in Assembly.LoadFrom(file).GetTypes().Where(t => !t.ContainsGenericParameters))
            {
                var properties = type.GetProperties(statics).Where(p => p.PropertyType == typeof(ErrorCode)).Select(p => p.GetValue(null));
                // The field behind a property holds the same object.
                var fields = type.GetFields(statics).Where(f => f.FieldType == typeof(ErrorCode)).Select(f => f.GetValue(null));
                var distinct = properties.Concat(fields).Distinct(ReferenceEqualityComparer.Instance).Cast<ErrorCode>();
                codes.AddRange(distinct.Select(c => (project, c)));
            }
        }
        return codes;
    }
}
