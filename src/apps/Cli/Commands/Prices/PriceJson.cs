using System.Text.Json;
using Sirsi.Clouds.Prices;

namespace Sirsi.Cli.Commands.Prices;

/// <summary>A price as members of a JSON object.</summary>
internal static class PriceJson
{
    /// <summary>Writes the members into the object that is open.</summary>
    public static void Write(Utf8JsonWriter json, Price price)
    {
        json.WriteNumber("usd", (decimal)price.Usd);
        json.WriteString("unit", price.Unit.ToString());
        json.WriteNumber("monthlyUsd", Math.Round((decimal)price.UsdPerMonth(), 6));
        json.WriteString("quality", price.Quality.ToString());
        json.WriteString("region", price.Region);
        json.WriteString("source", price.Source.Name);
        json.WriteString("asOf", price.Source.AsOf);
        if (price.Source.Note.Length > 0) json.WriteString("note", price.Source.Note);
    }
}
