using Sirsi.Migration.Planning;

namespace Sirsi.Migration.Emitting.Report;

/// <summary>The waves over time: one band a wave, its steps in lanes, the critical path marked.</summary>
internal static class WaveTimeline
{
    private const int StepsMax = 4_000;
    private const int WavesMax = 200;
    private const int Width = 1_080;
    private const int Left = 250;
    private const int LaneHeight = 11;

    public static void Write(HtmlWriter html, ReportFacts facts)
    {
        Plan plan = facts.Result.Plan;
        html.Write(
            $"<section id=\"waves\"><h2>Waves</h2><p class=\"intro\">{Wording.Count(plan.Waves.Length, "wave")} over {Wording.Span(plan.Duration)}. A wave starts when the one before it is verified. The critical path has {Wording.Count(plan.CriticalPath.Length, "step")}: a delay there delays the end.</p>\n");
        if (plan.Waves.Length == 0)
        {
            html.Write($"<p class=\"empty\">Nothing has to move.</p></section>\n");
            return;
        }

        html.Write(
            $"<ul class=\"legend\"><li><i class=\"s provision\"></i>build</li><li><i class=\"s replicate\"></i>copy data</li><li><i class=\"s cutover\"></i>cut over</li><li><i class=\"s verify\"></i>verify</li><li><i class=\"s manual\"></i>by a person</li><li><i class=\"s retire\"></i>retire</li><li><i class=\"s critical\"></i>critical path</li></ul>\n");
        Picture(html, plan);
        Table(html, plan);
        html.Write($"</section>\n");
    }

    private static void Picture(HtmlWriter html, Plan plan)
    {
        double hours = Math.Max(plan.Duration.TotalHours, 0.1);
        double scale = (Width - Left - 20) / hours;
        bool withSteps = plan.Steps.Length <= StepsMax;
        HashSet<string> critical = new(plan.CriticalPath, StringComparer.Ordinal);
        ILookup<int, Step> steps = plan.Steps.ToLookup(static step => step.Wave);
        Wave[] waves = [.. plan.Waves.Take(WavesMax)];
        List<(Step Step, int Lane)>[] laid = [.. waves.Select(wave => withSteps ? Lanes(steps[wave.Number]) : [])];
        int[] heights = [.. laid.Select(static lanes => Math.Max(30,
            (lanes.Select(static item => item.Lane + 1).DefaultIfEmpty(1).Max() * LaneHeight) + 14))];
        int height = 30 + heights.Sum();
        html.Write(
            $"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Timeline\"><svg class=\"gantt\" viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" height=\"{height}\" role=\"img\" aria-label=\"Waves over time\">\n");
        double tick = Tick(hours);
        for (double at = 0; at <= hours + 1e-9; at += tick)
            html.Write(
                $"<line class=\"grid\" x1=\"{Left + (at * scale)}\" x2=\"{Left + (at * scale)}\" y1=\"22\" y2=\"{height}\"/><text class=\"tick\" x=\"{Left + (at * scale)}\" y=\"14\">{Label(at, tick)}</text>");
        int y = 30;
        for (int index = 0; index < waves.Length; index++)
        {
            Wave wave = waves[index];
            double x = Left + (wave.Start.TotalHours * scale);
            double width = Math.Max(wave.Duration.TotalHours * scale, 2);
            html.Write(
                $"\n<g><text class=\"wave\" x=\"0\" y=\"{y + 19}\">{wave.Number}  {Short(wave.Title)}<title>{wave.Title}</title></text><rect class=\"band\" x=\"{x}\" y=\"{y + 2}\" width=\"{width}\" height=\"{heights[index] - 4}\" rx=\"4\"/>");
            foreach ((Step step, int lane) in laid[index])
                html.Write(
                    $"<rect class=\"s {step.Action.Word()}{(critical.Contains(step.Id) ? " critical" : "")}\" x=\"{Left + (step.Start.TotalHours * scale)}\" y=\"{y + 7 + (lane * LaneHeight)}\" width=\"{Math.Max(step.Duration.TotalHours * scale, 1.5)}\" height=\"{LaneHeight - 3}\" rx=\"1.5\"><title>{step.Title}, {Wording.Span(step.Duration)}</title></rect>");
            html.Write($"</g>");
            y += heights[index];
        }

        html.Write($"\n</svg></div>\n");
        if (!withSteps) html.Write(
            $"<p class=\"fine\">There are {Wording.Number(plan.Steps.Length)} steps; only waves are drawn. The steps are in runbook.md and plan.json.</p>\n");
        if (plan.Waves.Length > WavesMax) html.Write($"<p class=\"fine\">The first {WavesMax} waves are drawn.</p>\n");
    }

    // Steps that overlap go to different lanes: each takes the first lane that is free at its start.
    private static List<(Step Step, int Lane)> Lanes(IEnumerable<Step> steps)
    {
        var placed = new List<(Step, int)>();
        var free = new List<TimeSpan>();
        foreach (Step step in steps.OrderBy(static step => step.Start))
        {
            int lane = free.FindIndex(end => end <= step.Start);
            if (lane < 0 && free.Count < 12)
            {
                lane = free.Count;
                free.Add(default);
            }

            if (lane < 0) lane = free.Count - 1;
            free[lane] = step.Start + step.Duration;
            placed.Add((step, lane));
        }

        return placed;
    }

    private static double Tick(double hours)
    {
        foreach (double step in (ReadOnlySpan<double>)[0.25, 1, 2, 4, 8, 12, 24, 48, 96, 168, 336, 720])
            if (hours / step <= 9) return step;
        return Math.Ceiling(hours / 9 / 720) * 720;
    }

    private static string Label(double at, double tick) =>
        tick >= 24 ? $"day {(at / 24) + 1:0}" : tick < 1 ? $"{at * 60:0} min" : $"{at:0} h";

    private static string Short(string title) => title.Length <= 33 ? title : $"{title[..32].TrimEnd()}…";

    private static void Table(HtmlWriter html, Plan plan)
    {
        html.Write(
            $"<table class=\"cards\"><caption class=\"quiet\">Waves with their times</caption><thead><tr><th scope=\"col\">Wave</th><th scope=\"col\" class=\"num\">Resources</th><th scope=\"col\" class=\"num\">Steps</th><th scope=\"col\">Starts</th><th scope=\"col\" class=\"num\">Takes</th><th scope=\"col\" class=\"num\">Downtime</th></tr></thead><tbody>\n");
        foreach (Wave wave in plan.Waves.Take(WavesMax))
            html.Write(
                $"<tr><td data-label=\"Wave\"><b>{wave.Number}</b> {wave.Title}</td><td class=\"num\" data-label=\"Resources\">{Wording.Number(wave.ResourceIds.Length)}</td><td class=\"num\" data-label=\"Steps\">{Wording.Number(wave.StepIds.Length)}</td><td data-label=\"Starts\">{Wording.Moment(wave.Start)}</td><td class=\"num\" data-label=\"Takes\">{Wording.Span(wave.Duration)}</td><td class=\"num\" data-label=\"Downtime\">{Wording.Span(wave.Downtime)}</td></tr>\n");
        html.Write($"</tbody></table>\n");
        if (plan.Cycles.Length == 0) return;
        html.Write($"<h3>Circular dependencies</h3><ul class=\"plain\">\n");
        foreach (BrokenCycle cycle in plan.Cycles.Take(50))
            html.Write($"<li>Left out: <b>{cycle.From}</b> → <b>{cycle.To}</b>. {cycle.Reason}</li>\n");
        html.Write($"</ul>\n");
        if (plan.Cycles.Length > 50) html.Write(
            $"<p class=\"fine\">{Wording.Count(plan.Cycles.Length - 50, "more cycle")} in plan.json.</p>\n");
    }
}
