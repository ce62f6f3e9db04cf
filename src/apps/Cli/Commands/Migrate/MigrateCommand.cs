using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Globalization;
using Sirsi.Cli.Output;
using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Prices;
using Sirsi.Clouds.Regions;
using Sirsi.Clouds.Terraform;
using Sirsi.Migration;
using Sirsi.Migration.Assessing;
using Sirsi.Migration.Designing;
using Sirsi.Migration.Emitting;
using Sirsi.Migration.Planning;

namespace Sirsi.Cli.Commands.Migrate;

/// <summary><c>sirsi migrate</c>: from Terraform files to a plan, code and a report for another cloud.</summary>
internal static class MigrateCommand
{
    private const string DefaultOutput = "out";

    /// <summary>The verb.</summary>
    public static Verb Create(Terminal terminal, TimeProvider time)
    {
        var estates = new Argument<string[]>("ESTATE")
        {
            Description = "Terraform states or plans (JSON), or folders of them.",
            Arity = ArgumentArity.OneOrMore,
        };
        var to = new Option<string>("--to") { Description = "The cloud to move to: aws, azure or gcp.", Required = true, HelpName = "CLOUD" };
        to.AcceptOnlyFromAmong("aws", "azure", "gcp");
        var region = new Option<string?>("--region", "-r") { Description = "The region to move to; by default the one nearest to each resource's own.", HelpName = "REGION" };
        var output = new Option<string>("--out", "-o") { Description = "The folder to write.", HelpName = "DIR", DefaultValueFactory = static _ => DefaultOutput };
        var bandwidth = new Option<double>("--bandwidth") { Description = "Megabits a second between the clouds.", HelpName = "MBPS", DefaultValueFactory = static _ => new PlanAssumptions().BandwidthMbps };
        bandwidth.Bound(static rate => rate is > 0 and <= 1_000_000, "--bandwidth is between 0 and 1,000,000 megabits a second.");
        var now = new Option<DateTimeOffset?>("--now")
        {
            Description = "The instant the outputs are dated and certificates are judged at; by default the clock's.",
            HelpName = "INSTANT",
            CustomParser = ParseInstant,
        };
        Option<string?> checks = ChecksCommand.FolderOption();
        var json = new Option<bool>("--json") { Description = "Answer with one JSON document instead of the summary." };
        var verb = new Verb("migrate", "Plans the move of an estate to another cloud: cost, findings, targets, waves, Terraform code and a report.",
            "sirsi migrate samples/estates/shop.tfstate --to azure --out out",
            "sirsi migrate network.tfstate shop.tfstate --to gcp --region europe-west3",
            "sirsi migrate plan.json --to aws --json --now 2026-11-21T12:00:00Z")
        {
            estates, to, region, output, bandwidth, now, checks, json,
        };
        verb.SetAction(async (parsed, cancellation) =>
        {
            if (!CloudNames.TryParse(parsed.GetRequiredValue(to), out Cloud target)) throw new UnreachableException("--to accepts only clouds.");
            var request = new MigrateRequest(
                parsed.GetRequiredValue(estates), target, KnownRegion(target, parsed.GetValue(region)), parsed.GetRequiredValue(output),
                new PlanAssumptions { BandwidthMbps = parsed.GetValue(bandwidth) }, parsed.GetValue(now) ?? WholeSecond(time.GetUtcNow()),
                ChecksCommand.Catalogue(parsed.GetValue(checks)));
            bool asJson = parsed.GetValue(json);
            MigrationResult result = await RunAsync(request, new StageProgress(terminal, time, quiet: asJson), cancellation);
            if (asJson) MigrationSummaryJson.Write(terminal, request, result);
            else MigrationSummary.Write(terminal, request, result);
            return ExitCode.Ok;
        });
        return verb;
    }

    private static async Task<MigrationResult> RunAsync(MigrateRequest request, StageProgress progress, CancellationToken cancellation)
    {
        PriceCatalogue prices = PriceCatalogue.Embedded;
        Estate estate = await progress.RunAsync("Read",
            () => EstateSource.ReadAsync(request.Estates, new TerraformReaderOptions(), new Progress(progress), cancellationToken: cancellation),
            static estate => Amounts.Count(estate.Resources.Length, "resource"));
        Assessment assessment = progress.Run("Assess",
            () => Assessor.Assess(estate, prices, new AssessOptions { Now = request.Now, Checks = request.Checks }),
            static assessment => Amounts.Count(assessment.Findings.Length, "finding"));
        cancellation.ThrowIfCancellationRequested();
        Design design = progress.Run("Map",
            () => Designer.Design(estate, assessment, prices, new DesignOptions { Target = request.Target, Region = request.Region }),
            static design => $"{design.Target.Title()}, {design.Region}");
        cancellation.ThrowIfCancellationRequested();
        Plan plan = progress.Run("Plan",
            () => Planner.Plan(estate, design, request.Assumptions),
            static plan => $"{Amounts.Count(plan.Waves.Length, "wave")}, {Amounts.Count(plan.Steps.Length, "step")}");
        cancellation.ThrowIfCancellationRequested();
        var result = new MigrationResult(estate, assessment, design, plan) { Now = request.Now, Inputs = [.. request.Estates] };
        await progress.RunAsync("Write",
            async () =>
            {
                await BundleWriter.WriteAsync(request.Output, result, cancellation);
                return request.Output;
            },
            static folder => folder);
        return result;
    }

    private static string? KnownRegion(Cloud target, string? region)
    {
        if (region is null) return null;
        if (RegionMap.TryGet(target, region, out Region? known)) return known.Id;
        throw new CliException(CliErrors.Usage,
            $"{target.Title()} has no region '{region}'. It has {string.Join(", ", RegionMap.All(target).Select(static place => place.Id))}.");
    }

    private static DateTimeOffset? ParseInstant(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset instant))
            return instant;
        result.AddError($"'{text}' is no instant; write it like 2026-11-21T12:00:00Z.");
        return null;
    }

    private static DateTimeOffset WholeSecond(DateTimeOffset instant) => new(instant.Ticks - (instant.Ticks % TimeSpan.TicksPerSecond), instant.Offset);

    private sealed class Progress(StageProgress stage) : IProgress<EstateProgress>
    {
        public void Report(EstateProgress value) => stage.Report(value.Share);
    }
}

/// <summary>What the user asked for.</summary>
internal sealed record MigrateRequest(
    string[] Estates, Cloud Target, string? Region, string Output, PlanAssumptions Assumptions, DateTimeOffset Now, CheckCatalogue Checks);
