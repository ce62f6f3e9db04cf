using System.Text;
using Sirsi.Clouds;
using Sirsi.Migration.Planning;

namespace Sirsi.Migration.Emitting.Runbook;

/// <summary>
/// Writes <c>runbook.md</c>: what the people who do the move read and tick off, wave by wave. The same result gives the same bytes.
/// </summary>
internal static class RunbookWriter
{
    /// <summary>Most steps of a wave that are listed; the rest is in <c>plan.json</c>.</summary>
    private const int StepsMax = 2_000;

    private const int PointsMax = 1_000;

    /// <summary>Writes the runbook as UTF-8 Markdown.</summary>
    public static void Write(MigrationResult result, Stream stream)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        writer.NewLine = "\n";
        Summary(writer, result);
        Before(writer, result);
        Waves(writer, result);
        GoNoGo(writer);
        RollBack(writer, result);
        Afterwards(writer);
    }

    private static void Summary(TextWriter writer, MigrationResult result)
    {
        Plan plan = result.Plan;
        string sources = string.Join(" and ",
            result.Estate.Resources.Select(static resource => resource.Cloud).Where(static cloud => cloud is not Cloud.Other)
            .Distinct().Order().Select(static cloud => cloud.Title()));
        writer.WriteLine($"# Runbook: {(sources.Length == 0 ? "the estate" : sources)} to {result.Design.Target.Title()}");
        writer.WriteLine();
        writer.WriteLine(
            $"Written {Wording.Instant(result.Now)} from {Inputs(result)}. The reasons behind each choice are in `report.html`.");
        writer.WriteLine();
        writer.WriteLine("| | |");
        writer.WriteLine("| --- | --- |");
        Row(writer, "Resources in the estate", Wording.Number(result.Estate.Resources.Length));
        Row(writer, "Target region", result.Design.Region);
        Row(writer, "Waves and steps", $"{Wording.Count(plan.Waves.Length, "wave")}, {Wording.Count(plan.Steps.Length, "step")}");
        Row(writer, "Planned duration", Wording.Span(plan.Duration));
        Row(writer, "Downtime, longest of each wave added up", Wording.Span(plan.Downtime));
        Row(writer, "Data to copy, as far as sizes are known", Wording.Data(plan.TransferGiB));
        Row(writer, "Assumed line",
            $"{plan.Assumptions.BandwidthMbps:0.##} Mbit/s, of which copies get {plan.Assumptions.BandwidthShare:0%}");
        Row(writer, "Steps side by side", Wording.Number(plan.Assumptions.Crew));
        writer.WriteLine();
    }

    private static string Inputs(MigrationResult result) => result.Inputs.Length switch
    {
        0 => "the estate",
        <= 3 => string.Join(", ", result.Inputs.Select(static input => MarkdownText.Cell(input))),
        var count => $"{MarkdownText.Cell(result.Inputs[0])} and {Wording.Count(count - 1, "other input")}",
    };

    private static void Before(TextWriter writer, MigrationResult result)
    {
        writer.WriteLine("## Before you start");
        writer.WriteLine();
        writer.WriteLine("Every point below is closed, or its owner has agreed in writing to start without it.");
        writer.WriteLine();
        writer.WriteLine("- [ ] The code in `terraform/` has been read and planned (`terraform plan`) against the target account.");
        writer.WriteLine("- [ ] Quotas and limits of the target account cover the plan in the target region.");
        writer.WriteLine("- [ ] Backups of every store that moves are younger than a day, and one restore has been tried.");
        writer.WriteLine("- [ ] The line between the clouds carries what the plan assumes: measure it.");
        writer.WriteLine("- [ ] Values of secrets have been put into the target by a person; no file of this bundle holds one.");
        writer.WriteLine("- [ ] DNS times to live of names that move are 300 seconds or less, a day ahead.");
        foreach (string point in result.Plan.OpenPoints.Take(PointsMax)) writer.WriteLine($"- [ ] {MarkdownText.Cell(point)}");
        if (result.Plan.OpenPoints.Length > PointsMax)
            writer.WriteLine($"- [ ] {Wording.Count(result.Plan.OpenPoints.Length - PointsMax, "more open point")} in `plan.json`.");
        writer.WriteLine();
        Cycles(writer, result);
    }

    private static void Cycles(TextWriter writer, MigrationResult result)
    {
        if (result.Plan.Cycles.Length == 0) return;
        writer.WriteLine("### Circular dependencies");
        writer.WriteLine();
        writer.WriteLine("These depend on each other in a circle; the plan leaves out one dependency of each. Check it after both are there.");
        writer.WriteLine();
        writer.WriteLine("| left out | why |");
        writer.WriteLine("| --- | --- |");
        foreach (BrokenCycle cycle in result.Plan.Cycles.Take(200))
            writer.WriteLine($"| {MarkdownText.Cell(cycle.From)} → {MarkdownText.Cell(cycle.To)} | {MarkdownText.Cell(cycle.Reason)} |");
        writer.WriteLine();
    }

    private static void Waves(TextWriter writer, MigrationResult result)
    {
        HashSet<string> critical = new(result.Plan.CriticalPath, StringComparer.Ordinal);
        ILookup<int, Step> steps = result.Plan.Steps.ToLookup(static step => step.Wave);
        foreach (Wave wave in result.Plan.Waves)
        {
            writer.WriteLine($"## Wave {wave.Number}: {MarkdownText.Cell(wave.Title)}");
            writer.WriteLine();
            writer.WriteLine(
                $"{Wording.Count(wave.ResourceIds.Length, "resource")}, starts {Wording.Moment(wave.Start)}, takes {Wording.Span(wave.Duration)}, "
                + $"downtime {Wording.Span(wave.Downtime)}. Steps marked ● are on the critical path: a delay there delays the end.");
            writer.WriteLine();
            writer.WriteLine("| done | step | starts | takes | downtime | who | way back |");
            writer.WriteLine("| :---: | --- | --- | ---: | ---: | --- | --- |");
            int written = 0;
            foreach (Step step in steps[wave.Number])
            {
                if (written++ == StepsMax) break;
                string mark = critical.Contains(step.Id) ? " ●" : "";
                string data = step.TransferGiB is > 0 ? $" ({Wording.Data(step.TransferGiB.Value)})" : step.TransferGiB is null
                    ? " (size not known)" : "";
                writer.WriteLine(
                    $"| ☐ | {MarkdownText.Cell(step.Title)}{data}{mark} | {Wording.Moment(step.Start)} | {Wording.Span(step.Duration)} | "
                    + $"{(step.Downtime > TimeSpan.Zero ? Wording.Span(step.Downtime) : "–")} | {Who(step.Action)} | "
                    + $"{MarkdownText.Cell(step.Rollback)}{(step.RollbackDuration > TimeSpan.Zero ? $" ({Wording.Span(step.RollbackDuration)})" : "")} |");
            }

            if (written > StepsMax) writer.WriteLine(
                $"| | {Wording.Count(wave.StepIds.Length - StepsMax, "more step")} in `plan.json` | | | | | |");
            writer.WriteLine();
            writer.WriteLine($"- [ ] Wave {wave.Number} is verified: go/no-go for the next wave.");
            writer.WriteLine();
        }
    }

    private static string Who(StepAction action) => action switch
    {
        StepAction.Provision => "automated: `terraform apply`",
        StepAction.Replicate => "automated, watched by a person",
        StepAction.CutOver => "person on call",
        StepAction.Verify => "owner of the application",
        StepAction.Manual => "person",
        StepAction.Retire => "person, second pair of eyes",
        _ => throw new ArgumentOutOfRangeException(nameof(action), action, "Not an action."),
    };

    private static void GoNoGo(TextWriter writer)
    {
        writer.WriteLine("## Go or no-go");
        writer.WriteLine();
        writer.WriteLine("| go, when all hold | no-go, when one holds |");
        writer.WriteLine("| --- | --- |");
        writer.WriteLine("| Every step before the cut-over is ticked off and verified | A step failed and its cause is not known |");
        writer.WriteLine("| Replication lag is small enough for the planned downtime | The lag grows, or counts and checksums differ |");
        writer.WriteLine("| The owner of each application and the person on call can be reached | Somebody needed for the way back is away |");
        writer.WriteLine("| The way back of the wave has been walked through | The way back would take longer than the window |");
        writer.WriteLine("| Monitoring on the target shows the same signals as on the source | The target alarms, or shows nothing |");
        writer.WriteLine();
    }

    private static void RollBack(TextWriter writer, MigrationResult result)
    {
        TimeSpan longest = result.Plan.Steps.Select(static step => step.RollbackDuration).DefaultIfEmpty().Max();
        writer.WriteLine("## Rolling back");
        writer.WriteLine();
        writer.WriteLine(
            $"Each step has its way back in the tables above; the longest takes {Wording.Span(longest)}. The order is the reverse of the way there:");
        writer.WriteLine();
        writer.WriteLine("1. Stop the wave. Do not start steps of another one.");
        writer.WriteLine("2. Undo the ticked-off steps of the wave from the last to the first. Traffic goes back before data.");
        writer.WriteLine("3. After a cut-over, first decide what happens to data written on the target since then: copy it back, or accept its loss in writing.");
        writer.WriteLine("4. Verify the source as you would have verified the target.");
        writer.WriteLine("5. Leave the target's resources as they are until the cause is known; they are the evidence.");
        writer.WriteLine();
        writer.WriteLine("Waves that are verified stay. Nothing of the source is removed before its retire step, so the way back stays open until then.");
        writer.WriteLine();
    }

    private static void Afterwards(TextWriter writer)
    {
        writer.WriteLine("## Afterwards");
        writer.WriteLine();
        writer.WriteLine("- [ ] Backups run on the target, and one restore has been tried.");
        writer.WriteLine("- [ ] Alarms reach the people on call.");
        writer.WriteLine("- [ ] The first bill of the target is compared with the report's figures after a month.");
        writer.WriteLine("- [ ] Credentials that were made for the move are revoked.");
    }

    private static void Row(TextWriter writer, string name, string value) => writer.WriteLine($"| {name} | {MarkdownText.Cell(value)} |");
}
