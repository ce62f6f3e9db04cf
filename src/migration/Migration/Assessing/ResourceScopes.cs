using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Prices;

namespace Sirsi.Migration.Assessing;

/// <summary>
/// Makes the outer scope of a resource's conditions: where it stands, its relations seen from both ends, and what follows from them.
/// Built once for an estate; each scope costs what it is asked for and no more. Not thread-safe.
/// </summary>
internal sealed class ResourceScopes
{
    /// <summary>What points at a resource to watch or copy it does not use it.</summary>
    private static readonly HashSet<string> Onlookers = new(StringComparer.Ordinal)
    {
        "alarm", "dashboard", "monitoring", "logs", "dns.record", "storage.snapshot", "storage.backup", "governance", "security",
    };

    private readonly Estate _estate;
    private readonly PriceCatalogue _prices;
    private readonly DateTimeOffset _now;
    private readonly ImmutableArray<Pointer>[] _inbound;
    private readonly AttributeMap.Builder _builder = new();
    private readonly Dictionary<string, HashSet<AttributeValue>> _openRulesOf = new(StringComparer.Ordinal);

    public ResourceScopes(Estate estate, PriceCatalogue prices, DateTimeOffset now)
    {
        (_estate, _prices, _now) = (estate, prices, now);
        _inbound = IndexInbound(estate);
    }

    /// <summary>The derived facts of the resource at <paramref name="index"/>.</summary>
    public AttributeMap Of(int index, DerivedFactSet needed)
    {
        Resource resource = _estate.Resources[index];
        _builder.Add("cloud", AttributeValue.Of(resource.Cloud.Word()));
        _builder.Add("kind", AttributeValue.Of(resource.Kind.Name));
        _builder.Add("terraformType", AttributeValue.Of(resource.Type));
        _builder.Add("name", AttributeValue.Of(resource.Name));
        _builder.Add("region", AttributeValue.Of(resource.Region));
        _builder.Add("tags", AttributeValue.Of(resource.Tags));
        if (needed.HasFlag(DerivedFactSet.Inbound)) _builder.Add(DerivedFacts.Inbound, InboundOf(index));
        if (needed.HasFlag(DerivedFactSet.Outbound)) _builder.Add(DerivedFacts.Outbound, OutboundOf(resource));
        if (needed.HasFlag(DerivedFactSet.Attached)) _builder.Add(DerivedFacts.Attached, AttributeValue.Of(IsAttached(index)));
        if (needed.HasFlag(DerivedFactSet.UsedBy)) _builder.Add(DerivedFacts.UsedBy, AttributeValue.Of((long)CountUsers(index)));
        if (needed.HasFlag(DerivedFactSet.OpenToWorld)) _builder.Add(DerivedFacts.OpenToWorld, OpenToWorld(resource));
        if (needed.HasFlag(DerivedFactSet.Watched)) _builder.Add(DerivedFacts.Watched, AttributeValue.Of(IsWatched(index)));
        if (needed.HasFlag(DerivedFactSet.ExpiresInDays)) _builder.Add(DerivedFacts.ExpiresInDays, DaysLeft(resource.Facts["expires"]));
        if (needed.HasFlag(DerivedFactSet.Machine)) _builder.Add(DerivedFacts.Machine, MachineOf(resource));
        return _builder.Build();
    }

    /// <summary>The resources at the other end of relations to and from the resource at <paramref name="index"/>, each once.</summary>
    public IEnumerable<Resource> NeighboursOf(int index)
    {
        var seen = new HashSet<int>();
        foreach (Pointer pointer in _inbound[index])
            if (seen.Add(pointer.Source))
                yield return _estate.Resources[pointer.Source];
        foreach (Relation relation in _estate.Resources[index].Relations)
            if (_estate.IndexOf(relation.Target) is var target && seen.Add(target))
                yield return _estate.Resources[target];
    }

    private AttributeValue InboundOf(int index)
    {
        ImmutableArray<Pointer> pointers = _inbound[index];
        var items = ImmutableArray.CreateBuilder<AttributeValue>(pointers.Length);
        foreach (Pointer pointer in pointers) items.Add(ItemOf(pointer.Kind, _estate.Resources[pointer.Source]));
        return AttributeValue.Of(items.MoveToImmutable());
    }

    private AttributeValue OutboundOf(Resource resource)
    {
        var items = ImmutableArray.CreateBuilder<AttributeValue>(resource.Relations.Length);
        foreach (Relation relation in resource.Relations) items.Add(ItemOf(relation.Kind, _estate.Find(relation.Target)!));
        return AttributeValue.Of(items.MoveToImmutable());
    }

    private static AttributeValue ItemOf(RelationKind relation, Resource other) => AttributeValue.Of(AttributeMap.Of(
        ("relation", AttributeValue.Of(relation.Word())),
        ("kind", AttributeValue.Of(other.Kind.Name)),
        ("terraformType", AttributeValue.Of(other.Type)),
        ("name", AttributeValue.Of(other.Name)),
        ("facts", AttributeValue.Of(other.Facts))));

    /// <summary>Whether something holds or uses the resource at <paramref name="index"/>.</summary>
    public bool IsAttached(int index)
    {
        foreach (Relation relation in _estate.Resources[index].Relations)
            if (relation.Kind is RelationKind.AttachedTo)
                return true;
        foreach (Pointer pointer in _inbound[index])
            if (pointer.Kind is RelationKind.AttachedTo or RelationKind.Uses or RelationKind.RoutesTo && !IsOnlooker(pointer))
                return true;
        return false;
    }

    private int CountUsers(int index)
    {
        int users = 0;
        int last = -1;
        foreach (Pointer pointer in _inbound[index])
        {
            if (pointer.Kind is RelationKind.DependsOn || pointer.Source == last || IsOnlooker(pointer)) continue;
            last = pointer.Source;
            users++;
        }

        return users;
    }

    private bool IsOnlooker(Pointer pointer) => Onlookers.Contains(_estate.Resources[pointer.Source].Kind.Name);

    /// <summary>Whether an alarm points at it, or at the server or cluster it is part of; a replica is no part of its primary.</summary>
    private bool IsWatched(int index)
    {
        if (HasAlarm(index)) return true;
        Resource part = _estate.Resources[index];
        foreach (Relation relation in part.Relations)
            if (_estate.IndexOf(relation.Target) is var whole && _estate.Resources[whole] is var other
                && other.Kind == part.Kind && other.Type != part.Type && HasAlarm(whole))
                return true;
        return false;
    }

    private bool HasAlarm(int index) =>
        _inbound[index].Any(pointer => _estate.Resources[pointer.Source].Kind.Name == "alarm");

    /// <summary>
    /// The open rules of a resource. Providers list a rule that is a resource of its own in its firewall again; the firewall knows the
    /// denials beside it, so what it states is judged there alone.
    /// </summary>
    private AttributeValue OpenToWorld(Resource resource)
    {
        AttributeValue open = InternetExposure.Of(resource.Facts);
        if (resource.Kind.Name != "network.rule" || open.AsList.IsEmpty) return open;
        foreach (Relation relation in resource.Relations)
            if (relation.Kind is RelationKind.Configures && _estate.Find(relation.Target) is { Kind.Name: "network.firewall" } firewall)
                return AttributeValue.Of([.. open.AsList.Where(rule => !OpenRulesOf(firewall).Contains(rule))]);
        return open;
    }

    private HashSet<AttributeValue> OpenRulesOf(Resource firewall)
    {
        if (!_openRulesOf.TryGetValue(firewall.Id, out HashSet<AttributeValue>? rules))
            _openRulesOf.Add(firewall.Id, rules = [.. InternetExposure.StatedBy(firewall.Facts)]);
        return rules;
    }

    private AttributeValue DaysLeft(AttributeValue expires) =>
        DateTimeOffset.TryParse(expires.AsText, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset end)
            ? AttributeValue.Of(Math.Round((end - _now).TotalDays, 2))
            : AttributeValue.Null;

    private AttributeValue MachineOf(Resource resource)
    {
        if (resource.Facts["size"].AsText is not { } size || !_prices.TryGetVm(resource.Cloud, size, out VmSize? machine))
            return AttributeValue.Null;
        return AttributeValue.Of(AttributeMap.Of(
            ("vcpus", AttributeValue.Of((long)machine.VCpus)),
            ("memoryGiB", AttributeValue.Of(machine.MemoryGiB)),
            ("architecture", AttributeValue.Of(machine.Architecture is VmArchitecture.Arm64 ? "arm64" : "x64")),
            ("gpus", AttributeValue.Of((long)machine.Gpus)),
            ("localDisk", machine.HasLocalDisk is { } has ? AttributeValue.Of(has) : AttributeValue.Null),
            ("bareMetal", AttributeValue.Of(machine.BareMetal))));
    }

    private static ImmutableArray<Pointer>[] IndexInbound(Estate estate)
    {
        var counts = new int[estate.Resources.Length];
        foreach (Resource resource in estate.Resources)
            foreach (Relation relation in resource.Relations)
                counts[estate.IndexOf(relation.Target)]++;
        var builders = new ImmutableArray<Pointer>.Builder?[counts.Length];
        for (int source = 0; source < counts.Length; source++)
            foreach (Relation relation in estate.Resources[source].Relations)
            {
                int target = estate.IndexOf(relation.Target);
                (builders[target] ??= ImmutableArray.CreateBuilder<Pointer>(counts[target])).Add(new Pointer(source, relation.Kind));
            }

        return Array.ConvertAll(builders, static builder => builder is null ? [] : builder.MoveToImmutable());
    }

    /// <summary>A relation seen from its target.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Pointer(int Source, RelationKind Kind);
}
