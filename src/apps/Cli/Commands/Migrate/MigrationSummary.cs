using System.Globalization;
using Sirsi.Cli.Output;
using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Migration;
using Sirsi.Migration.Assessing;
using Sirsi.Migration.Designing;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Migrate;

/// <summary>The end of a run, on one terminal screen.</summary>
internal static class MigrationSummary
{
    private const int FindingsShown = 3;
    private const int DecisionsShown = 4;
    private const int TextMax = 96;

    /// <summary>Writes the summary to standard output.</summary>
    public static void Write(Terminal terminal, MigrateRequest request, MigrationResult result)
    {
        IAnsiConsole console = terminal.Results;
        console.WriteLine();
        console.MarkupLineInterpolated($"[bold]{Sources(result.Estate)} → {result.Design.Target.Title()}[/] ({result.Design.Region})");
        console.WriteLine();
        var facts = new Listing("", "");
        facts.Row("Resources", Resources(result.Estate));
        facts.Row("Cost", Cost(result));
        facts.MarkedRow("Findings", Findings(result.Assessment));
        facts.Row("Ready", Readiness(result.Assessment));
        facts.Row("Targets", Targets(result.Design));
        facts.Row("Plan", Plan(result));
        facts.WriteTo(console);

        Finding[] worst = [.. result.Assessment.Findings.Where(static finding => finding.Check.Severity >= Severity.High).Take(FindingsShown)];
        if (worst.Length > 0)
        {
            console.WriteLine("\nMend first");
            var table = new Listing("", "", "");
            foreach (Finding finding in worst)
                table.MarkedRow("  " + SeverityText.Marked(finding.Check.Severity), Markup.Escape(finding.Check.Title), $"[dim]{Markup.Escape(finding.ResourceId)}[/]");
            table.WriteTo(console);
        }

        if (!result.Plan.OpenPoints.IsEmpty)
        {
            console.WriteLine($"\nDecide before the move ({Amounts.Count(result.Plan.OpenPoints.Length)} in all)");
            foreach (string point in result.Plan.OpenPoints.Take(DecisionsShown)) console.WriteLine("  · " + Shortened(point));
        }

        console.MarkupLineInterpolated($"\nOpen [bold]{Path.Combine(request.Output, "report.html")}[/]; the code is in {Path.Combine(request.Output, "terraform")}.");
    }

    private static string Sources(Estate estate)
    {
        string[] clouds = [.. estate.Resources.Select(static resource => resource.Cloud).Where(static cloud => cloud is not Cloud.Other)
            .Distinct().Order().Select(static cloud => cloud.Title())];
        return clouds.Length == 0 ? "Estate" : string.Join(" + ", clouds);
    }

    private static string Resources(Estate estate)
    {
        int unknown = estate.Resources.Count(static resource => resource.Kind == ResourceKind.Unknown);
        int settings = estate.Resources.Count(static resource => resource.Kind == ResourceKind.Setting);
        string text = $"{Amounts.Count(estate.Resources.Length)}, of which {Amounts.Count(settings, "setting")} of others";
        return unknown == 0 ? text : $"{text}, {Amounts.Count(unknown)} of unknown kind";
    }

    private static string Cost(MigrationResult result)
    {
        decimal before = result.Assessment.MonthlyUsd, after = result.Design.MonthlyUsd;
        string text = $"{((decimal?)before).Dollars()} → {((decimal?)after).Dollars()} a month";
        var like = CostComparison.Of(result.Assessment, result.Design);
        if (like.Change is { } change)
            text += $"; like for like {change.ToString("+0.0 %;−0.0 %;0 %", CultureInfo.InvariantCulture)} over {Amounts.Count(like.Resources, "resource")}";
        int unpriced = result.Assessment.UnpricedCount;
        int unpricedAfter = result.Design.Mappings.Count(static mapping => mapping.Cost.Status is CostStatus.Unknown or CostStatus.Partial);
        if (unpriced + unpricedAfter > 0) text += $"; not fully priced: {Amounts.Count(unpriced)} before, {Amounts.Count(unpricedAfter)} after";
        return text;
    }

    private static string Findings(Assessment assessment)
    {
        string[] parts = [.. Enum.GetValues<Severity>().Reverse()
            .Select(severity => (Severity: severity, Count: assessment.Findings.Count(finding => finding.Check.Severity == severity)))
            .Where(static part => part.Count > 0)
            .Select(static part => $"{Amounts.Count(part.Count)} {SeverityText.Marked(part.Severity)}")];
        return parts.Length == 0 ? "none" : string.Join(" · ", parts);
    }

    private static string Readiness(Assessment assessment)
    {
        int Count(ReadinessLevel level) => assessment.Resources.Count(resource => resource.Readiness.Level == level);
        return Joined(
            (Count(ReadinessLevel.Ready), "ready"), (Count(ReadinessLevel.Conditional), "with conditions"), (Count(ReadinessLevel.NotReady), "not ready"),
            (Count(ReadinessLevel.Unknown), "unknown"), (Count(ReadinessLevel.NotNeeded), "need not move"));
    }

    private static string Targets(Design design)
    {
        int Count(MappingOutcome outcome) => design.Mappings.Count(mapping => mapping.Outcome == outcome);
        return Joined(
            (Count(MappingOutcome.Equivalent), "equivalent"), (Count(MappingOutcome.Adapted), "adapted"), (Count(MappingOutcome.NoEquivalent), "without equivalent"),
            (Count(MappingOutcome.Unknown), "unknown"), (Count(MappingOutcome.Folded), "folded into others"), (Count(MappingOutcome.NotNeeded), "not needed"),
            (Count(MappingOutcome.Stays), "stay"));
    }

    private static string Plan(MigrationResult result) =>
        $"{Amounts.Count(result.Plan.Waves.Length, "wave")}, {Amounts.Count(result.Plan.Steps.Length, "step")}, {Amounts.Span(result.Plan.Duration)}; "
        + $"downtime {Amounts.Span(result.Plan.Downtime)}; {Amounts.Volume(result.Plan.TransferGiB)} to copy";

    private static string Joined(params (int Count, string What)[] parts) =>
        string.Join(" · ", parts.Where(static part => part.Count > 0).Select(static part => $"{Amounts.Count(part.Count)} {part.What}"));

    private static string Shortened(string text) => text.Length <= TextMax ? text : text[..(TextMax - 1)].TrimEnd() + "…";
}
