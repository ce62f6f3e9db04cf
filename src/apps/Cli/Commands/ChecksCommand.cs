using System.CommandLine;
using System.Text.Json;
using Sirsi.Cli.Output;
using Sirsi.Clouds;
using Sirsi.Migration.Assessing;
using Spectre.Console;

namespace Sirsi.Cli.Commands;

/// <summary><c>sirsi checks</c>: the configuration checks an assessment runs.</summary>
internal static class ChecksCommand
{
    /// <summary>The verb and what is below it.</summary>
    public static Verb Create(Terminal terminal) => new("checks", "Lists and explains the configuration checks.", "sirsi checks list --severity high")
    {
        List(terminal),
        Show(terminal),
    };

    /// <summary>The option that adds a folder of own checks.</summary>
    public static Option<string?> FolderOption() =>
        new("--checks") { Description = "A folder with your own checks (*.yaml), added to the built-in ones.", HelpName = "DIR" };

    /// <summary>The built-in checks and those of a folder, if one is named.</summary>
    /// <exception cref="CliException">The folder's checks have problems; the message lists all of them.</exception>
    public static CheckCatalogue Catalogue(string? folder)
    {
        if (folder is null) return CheckCatalogue.Embedded;
        CheckCatalogueResult result = CheckCatalogue.Embedded.WithFolder(folder);
        return result.Catalogue ?? throw new CliException(result.Problems[0].Code,
            string.Join("\n", result.Problems.Select(static problem => problem.ToString())));
    }

    private static Verb List(Terminal terminal)
    {
        var severity = new Option<string?>("--severity", "-s") { Description = "Only checks of at least this severity: information, low, medium, high, critical.", HelpName = "SEVERITY" };
        severity.AcceptOnlyFromAmong([.. Enum.GetNames<Severity>().Select(static name => name.ToLowerInvariant())]);
        var cloud = new Option<string?>("--cloud", "-c") { Description = "Only checks for this cloud: aws, azure, gcp.", HelpName = "CLOUD" };
        cloud.AcceptOnlyFromAmong("aws", "azure", "gcp");
        Option<string?> folder = FolderOption();
        var json = new Option<bool>("--json") { Description = "Answer with one JSON document." };
        var verb = new Verb("list", "Lists the checks.", "sirsi checks list", "sirsi checks list --cloud aws --severity high", "sirsi checks list --checks ./our-checks --json")
        {
            severity, cloud, folder, json,
        };
        verb.SetAction(parsed =>
        {
            Severity least = parsed.GetValue(severity) is { } word ? Enum.Parse<Severity>(word, ignoreCase: true) : Severity.Information;
            string? only = parsed.GetValue(cloud);
            Check[] checks = [.. Catalogue(parsed.GetValue(folder)).Checks
                .Where(check => check.Severity >= least && (only is null || check.Clouds.Contains(only, StringComparer.Ordinal)))
                .OrderByDescending(static check => check.Severity).ThenBy(static check => check.Id, StringComparer.Ordinal)];
            if (parsed.GetValue(json)) WriteJson(terminal, checks);
            else WriteTable(terminal, checks);
            return ExitCode.Ok;
        });
        return verb;
    }

    private static void WriteTable(Terminal terminal, Check[] checks)
    {
        var table = new Listing("Severity", "Check", "Clouds", "Title");
        foreach (Check check in checks)
            table.MarkedRow(SeverityText.Marked(check.Severity), Markup.Escape(check.Id),
                string.Join(' ', check.Clouds), Markup.Escape(check.Title));
        table.WriteTo(terminal.Results);
        terminal.Results.WriteLine($"\n{Amounts.Count(checks.Length, "check")}. 'sirsi checks show CHECK' explains one.");
    }

    private static Verb Show(Terminal terminal)
    {
        var id = new Argument<string>("CHECK") { Description = "The check's id, as listed." };
        Option<string?> folder = FolderOption();
        var json = new Option<bool>("--json") { Description = "Answer with one JSON document." };
        var verb = new Verb("show", "Explains one check.", "sirsi checks show storage-bucket-public") { id, folder, json };
        verb.SetAction(parsed =>
        {
            string wanted = parsed.GetRequiredValue(id);
            CheckCatalogue catalogue = Catalogue(parsed.GetValue(folder));
            Check check = catalogue.Checks.FirstOrDefault(check => check.Id == wanted) ?? throw NoSuchCheck(catalogue, wanted);
            if (parsed.GetValue(json)) WriteJson(terminal, [check]);
            else Explain(terminal, check);
            return ExitCode.Ok;
        });
        return verb;
    }

    private static CliException NoSuchCheck(CheckCatalogue catalogue, string wanted)
    {
        string[] parts = wanted.Split('-');
        int Shared(string id) => parts.Count(part => part.Length > 2 && id.Contains(part, StringComparison.Ordinal));
        string[] near = [.. catalogue.Checks.Select(static check => check.Id)
            .Where(id => Shared(id) > 0).OrderByDescending(Shared).ThenBy(static id => id, StringComparer.Ordinal).Take(6)];
        return new(CliErrors.NotFound, near.Length == 0 ? $"There is no check '{wanted}'." : $"There is no check '{wanted}'. Near it: {string.Join(", ", near)}.");
    }

    private static void Explain(Terminal terminal, Check check)
    {
        IAnsiConsole console = terminal.Results;
        console.MarkupLine($"[bold]{Markup.Escape(check.Id)}[/]  {SeverityText.Marked(check.Severity)}");
        console.WriteLine(check.Title);
        console.WriteLine();
        var table = new Listing("", "");
        table.Row("Applies to", $"{string.Join(", ", check.Kinds)} on {string.Join(", ", check.Clouds)}");
        table.Row("Fails where", check.Condition);
        table.Row("What to do", check.Remediation);
        foreach (TerraformHint hint in check.Terraform) table.Row($"  {hint.Cloud.Title()}", hint.Setting);
        table.Row("Evidence for", check.References.IsEmpty ? "–" : string.Join(", ", check.References));
        table.WriteTo(console);
    }

    private static void WriteJson(Terminal terminal, Check[] checks) => terminal.WriteJson("sirsi.checks/1", json =>
    {
        json.WriteStartArray("checks");
        foreach (Check check in checks)
        {
            json.WriteStartObject();
            json.WriteString("id", check.Id);
            json.WriteString("title", check.Title);
            json.WriteString("severity", SeverityText.Word(check.Severity));
            json.WriteString("category", check.Category);
            WriteTexts(json, "kinds", check.Kinds);
            WriteTexts(json, "clouds", check.Clouds);
            json.WriteString("condition", check.Condition);
            json.WriteString("remediation", check.Remediation);
            json.WriteStartObject("terraform");
            foreach (TerraformHint hint in check.Terraform) json.WriteString(hint.Cloud.Word(), hint.Setting);
            json.WriteEndObject();
            WriteTexts(json, "references", check.References);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
