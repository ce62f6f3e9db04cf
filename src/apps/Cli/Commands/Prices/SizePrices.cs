using System.Text.Json;
using Sirsi.Cli.Output;
using Sirsi.Clouds;
using Sirsi.Clouds.Prices;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Prices;

/// <summary>What a machine size is, what it costs, and what comes nearest on the other clouds.</summary>
internal static class SizePrices
{
    public static void Show(Terminal terminal, string size, string? place, bool json)
    {
        PriceCatalogue catalogue = PriceCatalogue.Embedded;
        if (catalogue.Describe(size, place) is not { } description) throw NoSuchSize(catalogue, size, place);
        VmOffer[] offers = [description.Offer, .. description.Equivalents];
        if (json)
        {
            terminal.WriteJson("sirsi.price/1", writer =>
            {
                writer.WriteStartArray("offers");
                foreach (VmOffer offer in offers) WriteOffer(writer, offer);
                writer.WriteEndArray();
            });
            return;
        }

        VmSize vm = description.Offer.Vm;
        terminal.Results.MarkupLineInterpolated($"[bold]{vm.Name}[/]  {vm.Cloud.Title()}, {description.Offer.Region.Name} ({description.Offer.Region.Id})");
        terminal.Results.WriteLine("  " + Specification(vm));
        terminal.Results.WriteLine();
        var table = new Listing("Size", "Cloud", "Region", ">vCPU", ">GiB", ">Linux/h", ">Windows/h", ">Linux/month", "From");
        foreach (VmOffer offer in offers)
            table.Row(offer.Vm.Name, offer.Vm.Cloud.Title(), offer.Region.Id, offer.Vm.VCpus.ToString(), offer.Vm.MemoryGiB.ToString("0.##"),
                Hourly(offer, VmOs.Linux), Hourly(offer, VmOs.Windows), Monthly(offer), Basis(offer));
        table.WriteTo(terminal.Results);
        if (offers.Length > 1)
            terminal.Results.WriteLine("\nThe others are the cheapest current sizes of the nearest region with at least its vCPUs and memory.");
        terminal.Results.WriteLine("List prices on demand, without tax, discount or commitment; a dash means that no price is known.");
    }

    private static CliException NoSuchSize(PriceCatalogue catalogue, string size, string? place)
    {
        if (PricesCommand.Clouds.FirstOrDefault(cloud => catalogue.TryGetVm(cloud, size, out _)) is var owner and not Cloud.Other)
            return new(CliErrors.NotFound, $"{owner.Title()} has no region '{place}' in the price book; it knows {string.Join(", ", catalogue.RegionsOf(owner))}.");
        string[] near = [.. PricesCommand.Clouds.SelectMany(catalogue.VmsOf).Select(static vm => vm.Name)
            .Where(name => Shared(name, size) >= 2)
            .OrderByDescending(name => Shared(name, size)).ThenBy(static name => name.Length).ThenBy(static name => name, StringComparer.Ordinal)
            .Take(5)];
        return new(CliErrors.NotFound, near.Length == 0
            ? $"No cloud has a size '{size}'."
            : $"No cloud has a size '{size}'. Near it: {string.Join(", ", near)}.");
    }

    /// <summary>How many characters two names begin with in common.</summary>
    private static int Shared(string left, string right)
    {
        int length = 0;
        while (length < Math.Min(left.Length, right.Length) && char.ToLowerInvariant(left[length]) == char.ToLowerInvariant(right[length])) length++;
        return length;
    }

    private static string Specification(VmSize vm)
    {
        var parts = new List<string> { $"{vm.VCpus} vCPU", $"{vm.MemoryGiB:0.##} GiB", vm.Architecture is VmArchitecture.Arm64 ? "Arm" : "x86-64" };
        if (vm.Gpus > 0) parts.Add(vm.GpuModel is { } model ? $"{vm.Gpus} × {model}" : Amounts.Count(vm.Gpus, "accelerator"));
        if (vm.LocalDiskGiB is > 0) parts.Add($"{vm.LocalDiskGiB:#,##0} GiB local disk");
        else if (vm.HasLocalDisk is true) parts.Add("local disk");
        if (vm.NetworkGbps is { } gbps) parts.Add($"{(vm.NetworkBursts ? "up to " : "")}{gbps:0.##} Gbit/s");
        if (vm.Burstable) parts.Add("burstable");
        if (vm.BareMetal) parts.Add("bare metal");
        if (!vm.CurrentGeneration) parts.Add("earlier generation");
        return string.Join(" · ", parts);
    }

    private static Price? PriceOf(VmOffer offer, VmOs os) => offer.Prices.First(price => price.Os == os).Price;

    private static string Hourly(VmOffer offer, VmOs os) => PriceOf(offer, os) is { } price ? Amounts.UnitDollars(price.Usd) : "–";

    private static string Monthly(VmOffer offer) =>
        (PriceOf(offer, VmOs.Linux) is { } price ? (decimal?)price.UsdPerMonth() : null).Dollars();

    private static string Basis(VmOffer offer) => PriceOf(offer, VmOs.Linux)?.Basis() ?? PriceOf(offer, VmOs.Windows)?.Basis() ?? "";

    /// <summary>Writes an offer as a JSON object.</summary>
    public static void WriteOffer(Utf8JsonWriter json, VmOffer offer)
    {
        json.WriteStartObject();
        json.WriteString("cloud", offer.Vm.Cloud.Word());
        json.WriteString("size", offer.Vm.Name);
        json.WriteString("region", offer.Region.Id);
        json.WriteNumber("vcpus", offer.Vm.VCpus);
        json.WriteNumber("memoryGiB", offer.Vm.MemoryGiB);
        json.WriteString("architecture", offer.Vm.Architecture is VmArchitecture.Arm64 ? "arm64" : "x64");
        json.WriteNumber("gpus", offer.Vm.Gpus);
        json.WriteBoolean("burstable", offer.Vm.Burstable);
        json.WriteStartArray("prices");
        foreach (OsPrice price in offer.Prices)
            if (price.Price is { } known)
            {
                json.WriteStartObject();
                json.WriteString("os", price.Os is VmOs.Windows ? "windows" : "linux");
                PriceJson.Write(json, known);
                json.WriteEndObject();
            }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
