using System.Text.Json;
using Sirsi.Core.Documents;

namespace Sirsi.Migration.Planning;

/// <summary>Writes a plan as <c>plan.json</c> (<c>docs/schemas/plan.md</c>): the same plan gives the same bytes.</summary>
public static class PlanJson
{
    /// <summary>The name and version of the layout; a reader refuses a version it does not know.</summary>
    public const string Schema = "sirsi.plan/1";

    /// <summary>Writes the plan as indented UTF-8 JSON with a line feed at its end, and leaves the stream open.</summary>
    public static void Write(Plan plan, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(stream);
        SchemaDocument.Write(stream, Schema, json => WriteMembers(json, plan));
    }

    private static void WriteMembers(Utf8JsonWriter json, Plan plan)
    {
        WriteSummary(json, plan);
        json.WriteStartArray("waves");
        foreach (Wave wave in plan.Waves) WriteWave(json, wave);
        json.WriteEndArray();
        json.WriteStartArray("steps");
        foreach (Step step in plan.Steps) WriteStep(json, step);
        json.WriteEndArray();
        json.WriteTexts("criticalPath", plan.CriticalPath);
        json.WriteStartArray("cycles");
        foreach (BrokenCycle cycle in plan.Cycles)
        {
            json.WriteStartObject();
            json.WriteTexts("resources", cycle.ResourceIds);
            json.WriteString("from", cycle.From);
            json.WriteString("to", cycle.To);
            json.WriteString("reason", cycle.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteTexts("openPoints", plan.OpenPoints);
    }

    /// <summary>The word of an action in files and ids: <c>provision</c>, <c>replicate</c>, <c>cutover</c>, <c>verify</c>, <c>manual</c>,
    /// <c>retire</c>.</summary>
    public static string Word(this StepAction action) => action switch
    {
        StepAction.Provision => "provision",
        StepAction.Replicate => "replicate",
        StepAction.CutOver => "cutover",
        StepAction.Verify => "verify",
        StepAction.Manual => "manual",
        StepAction.Retire => "retire",
        _ => throw new ArgumentOutOfRangeException(nameof(action), action, "Not an action."),
    };

    private static void WriteSummary(Utf8JsonWriter json, Plan plan)
    {
        json.WriteStartObject("summary");
        json.WriteNumber("waves", plan.Waves.Length);
        json.WriteNumber("steps", plan.Steps.Length);
        WriteSeconds(json, "durationSeconds", plan.Duration);
        WriteSeconds(json, "downtimeSeconds", plan.Downtime);
        json.WriteNumber("transferGiB", plan.TransferGiB);
        json.WriteEndObject();
        json.WriteStartObject("assumptions");
        json.WriteNumber("bandwidthMbps", plan.Assumptions.BandwidthMbps);
        json.WriteNumber("bandwidthShare", plan.Assumptions.BandwidthShare);
        json.WriteNumber("crew", plan.Assumptions.Crew);
        json.WriteNumber("waveResourcesMax", plan.Assumptions.WaveResourcesMax);
        json.WriteNumber("unknownStoreGiB", plan.Assumptions.UnknownStoreGiB);
        json.WriteEndObject();
    }

    private static void WriteWave(Utf8JsonWriter json, Wave wave)
    {
        json.WriteStartObject();
        json.WriteNumber("number", wave.Number);
        json.WriteString("title", wave.Title);
        WriteSeconds(json, "startSeconds", wave.Start);
        WriteSeconds(json, "durationSeconds", wave.Duration);
        WriteSeconds(json, "downtimeSeconds", wave.Downtime);
        json.WriteTexts("resources", wave.ResourceIds);
        json.WriteTexts("steps", wave.StepIds);
        json.WriteEndObject();
    }

    private static void WriteStep(Utf8JsonWriter json, Step step)
    {
        json.WriteStartObject();
        json.WriteString("id", step.Id);
        json.WriteNumber("wave", step.Wave);
        json.WriteString("action", step.Action.Word());
        json.WriteString("resource", step.ResourceId);
        json.WriteString("title", step.Title);
        json.WriteTexts("dependsOn", step.DependsOn);
        WriteSeconds(json, "startSeconds", step.Start);
        WriteSeconds(json, "durationSeconds", step.Duration);
        WriteSeconds(json, "downtimeSeconds", step.Downtime);
        if (step.TransferGiB is { } transfer) json.WriteNumber("transferGiB", transfer);
        else json.WriteNull("transferGiB");
        json.WriteString("rollback", step.Rollback);
        WriteSeconds(json, "rollbackSeconds", step.RollbackDuration);
        json.WriteString("basis", step.Basis);
        json.WriteEndObject();
        json.FlushIfLarge();
    }

    private static void WriteSeconds(Utf8JsonWriter json, string name, TimeSpan time) =>
        json.WriteNumber(name, (decimal)time.Ticks / TimeSpan.TicksPerSecond);
}
