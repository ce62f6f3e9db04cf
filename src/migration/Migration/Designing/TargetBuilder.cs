using System.Collections.Immutable;
using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Prices;
using Sirsi.Migration.Assessing;

namespace Sirsi.Migration.Designing;

/// <summary>Builds the mapping of a resource that moves: its target with name, size, facts and cost. Not thread-safe.</summary>
internal sealed class TargetBuilder
{
    private const int AlternativesMax = 3;

    private readonly Cloud _target;
    private readonly TargetRegions _regions;
    private readonly TargetNames _names = new();
    private readonly Machines _machines;
    private readonly Databases _databases;
    private readonly Caches _caches;
    private readonly CostEstimator _costs;

    /// <summary>A builder for one design.</summary>
    public TargetBuilder(PriceCatalogue prices, Cloud target, TargetRegions regions)
    {
        (_target, _regions) = (target, regions);
        (_machines, _databases, _caches) = (new Machines(prices, target), new Databases(prices, target), new Caches(prices, target));
        _costs = new CostEstimator(prices);
    }

    /// <summary>The mapping of a resource that becomes something of its own.</summary>
    public Mapping Build(Resource resource, ServiceChoice choice, string region)
    {
        var facts = new AttributeMap.Builder();
        var notes = new Notes(choice);
        foreach ((string name, AttributeValue value) in choice.Set) facts.Add(name, value);
        Translate(resource, region, facts, notes);
        string? size = ChooseSize(resource, choice, region, facts, notes);
        TargetFacts.Harden(resource.Kind, resource.Facts, facts, notes.Differences);
        AgreeOnLaw(resource, region, notes);
        AttributeMap all = resource.Facts.With(facts.Build());
        return new Mapping
        {
            ResourceId = resource.Id,
            Outcome = choice.Outcome,
            Target = new TargetResource
            {
                Name = _names.For(resource),
                Kind = choice.Becomes,
                Service = choice.Service,
                Type = choice.Type,
                Region = region,
                Size = size,
                Facts = all,
            },
            Reason = notes.Reason,
            Alternatives = [.. notes.Alternatives.Take(AlternativesMax)],
            Differences = notes.Differences.ToImmutable(),
            Decisions = notes.Decisions.ToImmutable(),
            Cost = _costs.Estimate(_target, CostKind(choice), CostType(choice), region, all),
        };
    }

    private void Translate(Resource resource, string region, AttributeMap.Builder facts, Notes notes)
    {
        AttributeMap source = resource.Facts;
        if (source["zone"].AsText is { } zone) facts.Add("zone", AttributeValue.Of(TargetFacts.Zone(zone, _target, region)));
        if (!source["zones"].AsList.IsEmpty)
            facts.Add("zones", AttributeValue.Of(
                [.. source["zones"].AsList.Select(item => TargetFacts.Zone(item.AsText ?? "", _target, region)).OfType<string>()
                    .Distinct(StringComparer.Ordinal).Select(static text => AttributeValue.Of(text))]));
        switch (resource.Kind.Name)
        {
            case "storage.disk":
                facts.Add("type", AttributeValue.Of(TargetFacts.DiskType(resource.Cloud, source["type"].AsText, _target)));
                break;
            case "compute.vm":
                string rootDisk = TargetFacts.DiskType(resource.Cloud, source["rootDiskType"].AsText, _target, root: true);
                facts.Add("rootDiskType", AttributeValue.Of(rootDisk));
                if (!source["dataDisks"].AsList.IsEmpty) facts.Add("dataDisks", DataDisks(resource));
                TranslateImage(source, facts, notes);
                break;
            case "compute.template" or "compute.group":
                TranslateImage(source, facts, notes);
                break;
            case "database.relational":
                facts.Add("storageType", StorageType(source));
                break;
            default:
                break;
        }
    }

    private static void TranslateImage(AttributeMap source, AttributeMap.Builder facts, Notes notes)
    {
        (string image, string? decision) = TargetFacts.Image(source["image"].AsText, source["os"].AsText);
        facts.Add("image", AttributeValue.Of(image));
        if (source["os"].IsNull)
            facts.Add("os", AttributeValue.Of(image.StartsWith("windows", StringComparison.Ordinal) ? "windows" : "linux"));
        if (decision is not null) notes.Decisions.Add(decision);
    }

    private AttributeValue DataDisks(Resource resource) => AttributeValue.Of(
        [.. resource.Facts["dataDisks"].AsList.Select(item => item.AsMap is { } disk
            ? AttributeValue.Of(disk.With(
                AttributeMap.Of(("type", AttributeValue.Of(TargetFacts.DiskType(resource.Cloud, disk["type"].AsText, _target))))))
            : item)]);

    private AttributeValue StorageType(AttributeMap source) => _target switch
    {
        Cloud.Aws => AttributeValue.Of("gp3"),
        Cloud.Gcp => AttributeValue.Of(source["storageType"].AsText is "standard" ? "PD_HDD" : "PD_SSD"),
        _ => AttributeValue.Null,
    };

    private string? ChooseSize(Resource resource, ServiceChoice choice, string region, AttributeMap.Builder facts, Notes notes)
    {
        AttributeMap source = resource.Facts;
        switch (resource.Kind.Name)
        {
            case "compute.vm" or "compute.group" or "compute.template" or "container.nodepool" or "container.cluster":
                string fact = resource.Kind.Name is "container.cluster" ? "nodeSize" : "size";
                if (source[fact].AsText is not { } size)
                {
                    if (resource.Kind.Name is "compute.vm") notes.Decisions.Add("Choose a size: the estate does not tell today's.");
                    return null;
                }

                VmOs os = source["os"].AsText is "windows" ? VmOs.Windows : VmOs.Linux;
                return notes.Take(_machines.For(resource.Cloud, size, os, region), fact, facts);
            case "database.relational":
                SizeChoice database = _databases.For(resource.Cloud, source, EngineOn(choice, source) ?? "", region);
                string? chosen = notes.Take(database, "size", facts);
                facts.Add("vcpus", AttributeValue.Null);
                facts.Add("memoryGiB", AttributeValue.Null);
                return chosen;
            case "cache":
                (SizeChoice cache, double? giB) = _caches.For(resource.Cloud, source, EngineOn(choice, source) ?? "redis", region);
                if (giB is { } memory) facts.Add("memoryGiB", AttributeValue.Of(memory));
                return notes.Take(cache, "size", facts);
            case "storage.disk":
                return TargetFacts.DiskType(resource.Cloud, source["type"].AsText, _target);
            default:
                return null;
        }
    }

    private void AgreeOnLaw(Resource resource, string region, Notes notes)
    {
        if (Planning.KindTimes.Of(resource.Kind).SizeFacts is null) return;
        if (_regions.LawChanges(resource.Cloud, resource.Region, region) is { } law)
            notes.Decisions.Add($"Agree that its data moves from {law.From} law to {law.To} law.");
    }

    private static string? EngineOn(ServiceChoice choice, AttributeMap source) =>
        choice.Set.LastOrDefault(static set => set.Name == "engine").Value.AsText ?? source["engine"].AsText;

    /// <summary>Money goes to what is built beside the main type: a bucket's account, a web load balancer's forwarding rule.</summary>
    private static ResourceKind CostKind(ServiceChoice choice) =>
        choice.Type is "azurerm_storage_account" ? new ResourceKind("storage.account") : choice.Becomes;

    private static string CostType(ServiceChoice choice) =>
        choice.Type is "google_compute_url_map" ? "google_compute_global_forwarding_rule" : choice.Type;

    /// <summary>What is gathered for people on the way.</summary>
    private sealed class Notes
    {
        public Notes(ServiceChoice choice)
        {
            Reason = choice.Reason;
            Differences.AddRange(choice.Differences);
            Decisions.AddRange(choice.Decisions);
            Alternatives.AddRange(choice.Alternatives);
        }

        public string Reason { get; private set; }

        public ImmutableArray<string>.Builder Differences { get; } = ImmutableArray.CreateBuilder<string>();

        public ImmutableArray<string>.Builder Decisions { get; } = ImmutableArray.CreateBuilder<string>();

        public List<Alternative> Alternatives { get; } = [];

        public string? Take(SizeChoice size, string fact, AttributeMap.Builder facts)
        {
            // A size of the source's cloud must never stand in the target's code, so an unknown one empties the fact.
            facts.Add(fact, AttributeValue.Of(size.Size));
            if (size.Reason.Length > 0) Reason = $"{Reason} {size.Reason}";
            Differences.AddRange(size.Differences);
            Decisions.AddRange(size.Decisions);
            Alternatives.InsertRange(0, size.Alternatives);
            return size.Size;
        }
    }
}
