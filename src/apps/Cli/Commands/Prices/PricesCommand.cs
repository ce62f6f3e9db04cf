using System.CommandLine;
using Sirsi.Cli.Output;
using Sirsi.Clouds;
using Sirsi.Clouds.Prices;

namespace Sirsi.Cli.Commands.Prices;

/// <summary><c>sirsi prices</c>: what the built-in price book knows.</summary>
internal static class PricesCommand
{
    /// <summary>The clouds, in the order they are shown.</summary>
    public static readonly Cloud[] Clouds = [Cloud.Aws, Cloud.Azure, Cloud.Gcp];

    /// <summary>The verb and what is below it.</summary>
    public static Verb Create(Terminal terminal) => new("prices", "Looks up prices of the three clouds, offline.", "sirsi prices show m5.large --region us-east-1")
    {
        Show(terminal),
        Sources(terminal),
    };

    private static Verb Show(Terminal terminal)
    {
        var subject = new Argument<string>("SIZE")
        {
            Description = "A machine size of any cloud (m5.large, Standard_D2s_v5, n2-standard-4) or a service key (nat/hour).",
        };
        var region = new Option<string?>("--region", "-r") { Description = "A region or zone; by default the cloud's reference region.", HelpName = "REGION" };
        var json = new Option<bool>("--json") { Description = "Answer with one JSON document." };
        var verb = new Verb("show", "Shows what a size is, what it costs, and what comes nearest on the other clouds.",
            "sirsi prices show m5.large --region us-east-1",
            "sirsi prices show Standard_D4s_v5 --region westeurope --json",
            "sirsi prices show nat/hour")
        {
            subject, region, json,
        };
        verb.SetAction(parsed =>
        {
            string name = parsed.GetRequiredValue(subject);
            string? place = parsed.GetValue(region);
            if (name.Contains('/', StringComparison.Ordinal)) ServicePrices.Show(terminal, name, place, parsed.GetValue(json));
            else SizePrices.Show(terminal, name, place, parsed.GetValue(json));
            return ExitCode.Ok;
        });
        return verb;
    }

    private static Verb Sources(Terminal terminal)
    {
        var json = new Option<bool>("--json") { Description = "Answer with one JSON document." };
        var verb = new Verb("sources", "Lists where the prices come from and how old they are.", "sirsi prices sources") { json };
        verb.SetAction(parsed =>
        {
            IReadOnlyList<PriceSource> sources = PriceCatalogue.Embedded.Sources;
            if (parsed.GetValue(json))
            {
                terminal.WriteJson("sirsi.price-sources/1", writer =>
                {
                    writer.WriteStartArray("sources");
                    foreach (PriceSource source in sources)
                    {
                        writer.WriteStartObject();
                        writer.WriteString("name", source.Name);
                        writer.WriteString("asOf", source.AsOf);
                        writer.WriteString("note", source.Note);
                        writer.WriteEndObject();
                    }

                    writer.WriteEndArray();
                });
                return ExitCode.Ok;
            }

            var table = new Listing("As of", "Source", "What was done");
            foreach (PriceSource source in sources.OrderByDescending(static source => source.AsOf, StringComparer.Ordinal))
                table.Row(source.AsOf, source.Name, source.Note.Length == 0 ? "read as it stands" : source.Note);
            table.WriteTo(terminal.Results);
            return ExitCode.Ok;
        });
        return verb;
    }
}
