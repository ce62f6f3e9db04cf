using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Expressions;
using Sirsi.Core.Documents;
using Sirsi.Core.Errors;
using YamlDotNet.RepresentationModel;

namespace Sirsi.Migration.Assessing;

/// <summary>
/// Reads files of checks. Every problem of every file is told with its place; a check with a problem is left out. A check is only
/// taken when each name its condition reads exists on one of its kinds, and its examples come out as they say.
/// </summary>
internal sealed partial class CheckReader(FactVocabulary vocabulary, List<Diagnostic> problems)
{
    private const int IdLengthMax = 64;
    private const int DepthMax = 16;

    private static readonly ImmutableArray<string> EveryCloud = [Cloud.Aws.Word(), Cloud.Azure.Word(), Cloud.Gcp.Word()];

    private readonly Dictionary<string, SourcePosition> _placeById = new(StringComparer.Ordinal);

    /// <summary>Checks that are there already; their ids are taken.</summary>
    public void Reserve(IEnumerable<CompiledCheck> checks)
    {
        foreach (CompiledCheck check in checks) _placeById[check.Check.Id] = new SourcePosition("the program's own checks");
    }

    /// <summary>The good checks of a file, in its order.</summary>
    public ImmutableArray<CompiledCheck> Read(string text, string source)
    {
        if (PlainYaml.ReadMapping(text, source, DepthMax, out string reason, out SourcePosition at) is not { } root)
        {
            problems.Add(new Diagnostic(MigrationErrors.CheckSyntax, DiagnosticSeverity.Error, reason, at));
            return [];
        }

        var file = new CheckFields(root, source, problems);
        string category = file.Text("category");
        var checks = ImmutableArray.CreateBuilder<CompiledCheck>();
        foreach (YamlMappingNode mapping in file.Mappings("checks"))
            if (ReadOne(new CheckFields(mapping, source, problems), category) is { } check)
                checks.Add(check);
        file.RefuseOthers();
        return checks.ToImmutable();
    }

    private CompiledCheck? ReadOne(CheckFields fields, string category)
    {
        int before = problems.Count;
        Check check = new()
        {
            Id = ReadId(fields),
            Title = fields.Text("title"),
            Severity = ReadSeverity(fields),
            Category = category,
            Kinds = ReadWords(fields, "kinds", required: true, vocabulary.Kinds.Contains),
            Clouds = ReadWords(fields, "clouds", required: false, EveryCloud.Contains) is { Length: > 0 } clouds ? clouds : EveryCloud,
            Condition = fields.Text("condition"),
            Remediation = fields.Text("remediation"),
            Terraform = ReadTerraform(fields),
            References = ReadReferences(fields),
        };
        YamlMappingNode? fails = fields.Mapping("fails");
        YamlMappingNode? passes = fields.Mapping("passes");
        fields.RefuseOthers();
        Expression? condition = ReadCondition(fields, check);
        if (condition is null || problems.Count > before) return null;
        var compiled = new CompiledCheck(check, condition);
        Judge(compiled, fields, "fails", fails, expected: true);
        Judge(compiled, fields, "passes", passes, expected: false);
        return problems.Count > before ? null : compiled;
    }

    private string ReadId(CheckFields fields)
    {
        string id = fields.Text("id");
        if (id.Length == 0) return id;
        if (id.Length > IdLengthMax || !Id().IsMatch(id))
            fields.Add(MigrationErrors.CheckField, "id", $"'{id}' must be lower-case words joined by '-', at most {IdLengthMax} letters");
        else if (!_placeById.TryAdd(id, fields.PositionOf("id")))
            fields.Add(MigrationErrors.CheckRepeated, "id", $"'{id}' is taken: {_placeById[id]}");
        return id;
    }

    private static Severity ReadSeverity(CheckFields fields)
    {
        string word = fields.Text("severity");
        foreach (Severity severity in Enum.GetValues<Severity>())
            if (severity.Word() == word)
                return severity;
        if (word.Length > 0)
            fields.Add(MigrationErrors.CheckField, "severity", $"'{word}' is none of information, low, medium, high, critical");
        return default;
    }

    private static ImmutableArray<string> ReadWords(CheckFields fields, string name, bool required, Func<string, bool> isKnown)
    {
        ImmutableArray<string> words = fields.Texts(name, required);
        foreach (string word in words.Where(word => !isKnown(word)))
            fields.Add(MigrationErrors.CheckWord, name, $"'{word}' is not known among {name}");
        return words;
    }

    private ImmutableArray<TerraformHint> ReadTerraform(CheckFields fields)
    {
        if (fields.Mapping("terraform") is not { } mapping) return [];
        var hints = new CheckFields(mapping, fields.Source, problems);
        var found = ImmutableArray.CreateBuilder<TerraformHint>();
        foreach (string word in EveryCloud)
            if (mapping.Children.ContainsKey(new YamlScalarNode(word)) && CloudNames.TryParse(word, out Cloud cloud))
                found.Add(new TerraformHint(cloud, hints.Text(word)));
        hints.RefuseOthers();
        return found.ToImmutable();
    }

    private static ImmutableArray<string> ReadReferences(CheckFields fields)
    {
        ImmutableArray<string> references = fields.Texts("references", required: false);
        foreach (string reference in references)
            if (ControlFrameworks.ProblemOf(reference) is { } problem)
                fields.Add(MigrationErrors.CheckWord, "references", problem);
        return references;
    }

    private Expression? ReadCondition(CheckFields fields, Check check)
    {
        if (check.Condition.Length == 0) return null;
        // A folded text has lost its line breaks: a column in it would point nowhere.
        ExpressionResult result = Expression.Parse(check.Condition, fields.PositionOf("condition") with { Column = 0 });
        foreach (Diagnostic problem in result.Problems)
            problems.Add(problem with { Code = MigrationErrors.CheckCondition });
        if (result.Expression is not { } condition) return null;
        foreach (string name in condition.References)
            if (!check.Kinds.Any(kind => vocabulary.Has(kind, name)))
                fields.Add(MigrationErrors.CheckWord, "condition", $"'{name}' is no fact of {string.Join(", ", check.Kinds)}");
        foreach (string name in condition.ItemReferences)
            if (!vocabulary.HasItemField(name) && !check.Kinds.Any(kind => vocabulary.Has(kind, name)))
                fields.Add(MigrationErrors.CheckWord, "condition", $"'{name}' is no field of a list and no fact");
        return condition;
    }

    private static void Judge(CompiledCheck check, CheckFields fields, string name, YamlMappingNode? example, bool expected)
    {
        if (example is null || CheckExample.Fails(check, YamlValues.ToMap(example)) == expected) return;
        fields.Add(MigrationErrors.CheckExample, name,
            $"the condition of '{check.Check.Id}' is {(expected ? "not true" : "true")} for the example under '{name}'");
    }

    [GeneratedRegex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Id();
}
