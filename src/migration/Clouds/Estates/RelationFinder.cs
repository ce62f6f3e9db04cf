using Sirsi.Clouds.Tables;

namespace Sirsi.Clouds.Estates;

/// <summary>
/// Finds the relations of drafts: every text that is another resource's identity, every name where the table says that it names
/// something, and every reference a source states itself. Linear in the attributes: each text costs a bounded number of look-ups.
/// Not thread-safe.
/// </summary>
internal sealed class RelationFinder
{
    private const int WiderMax = 4;
    private const int EmbeddedMax = 64;
    private const int NamedTypesMax = 8;
    private const int PolicyLengthMax = 1 << 18;

    private readonly IReadOnlyList<ResourceDraft> _drafts;
    private readonly int _relationsMax;
    private readonly IdentityIndex _identities = new();
    private readonly IdentityIndex _locators = new();
    private readonly Dictionary<(Cloud Cloud, string Type), PathNode> _roots = [];
    private readonly Dictionary<(string Source, string Address), int> _byAddress = [];
    private readonly HashSet<string> _types = new(StringComparer.Ordinal);
    private readonly AttributeTexts _walk = new();
    private readonly AttributeTexts.Visitor _visit;
    private ResourceDraft _source;

    public RelationFinder(IReadOnlyList<ResourceDraft> drafts, int relationsMax)
    {
        (_drafts, _relationsMax) = (drafts, relationsMax);
        _visit = VisitText;
        _source = null!;
        foreach (ResourceDraft draft in drafts) Register(draft);
    }

    /// <summary>Adds a draft's own relations, and those it makes between others.</summary>
    public void Find(ResourceDraft draft)
    {
        _source = draft;
        PathNode root = RootOf(draft);
        FindOwner(draft, root);
        foreach (RawReference reference in draft.Raw.References)
            if (reference.Path.Length > 0 && Target(draft, reference) is { } target)
                Relate(target, root.At(reference.Path), reference.Path);
        _walk.Visit(draft.Raw.Attributes, root, _visit);
        foreach (TypeLink link in draft.Type?.Links ?? []) Link(draft, root, link);
    }

    /// <summary>The drafts a source says this one depends on, for no reason it gives.</summary>
    public IEnumerable<ResourceDraft> Dependencies(ResourceDraft draft)
    {
        foreach (RawReference reference in draft.Raw.References)
            if (reference.Path.Length == 0 && Target(draft, reference) is { } target && target.Index != draft.Index)
                yield return target;
    }

    private void Register(ResourceDraft draft)
    {
        _types.Add(draft.Raw.Type);
        _byAddress[(draft.Raw.Source, draft.Raw.Address)] = draft.Index;
        AttributeMap attributes = draft.Raw.Attributes;
        ReadOnlySpan<string> names = attributes.Names;
        int bestRank = int.MaxValue;
        for (int index = 0; index < names.Length; index++)
        {
            if (Identities.RoleOf(names[index]) is not { } role || attributes.Values[index].AsText is not { Length: > 0 } text) continue;
            if (role.IsIdentity) _identities.Add(text, draft.Index);
            if (role.IsLocator && text.Length > 3 && text.AsSpan().IndexOfAny('.', ':') > 0) _locators.Add(WithoutTail(text), draft.Index);
            if (role.NameRank >= 0 || names[index] == "id") AddName(draft, text);
            // Google Storage's grants write a bucket so.
            if (role.NameRank == 0 && draft.Raw.Type == "google_storage_bucket") AddName(draft, "b/" + text);
            if (role.NameRank < 0 || role.NameRank > bestRank) continue;
            (bestRank, draft.CloudName) = (role.NameRank, text);
            draft.IsNameDoubtful = role.NameRank > Identities.OwnNameRankLast;
        }
    }

    private void AddName(ResourceDraft draft, string name)
    {
        _identities.AddName(draft.Raw.Type, name, draft.Index);
        if (draft.Type is not null) _identities.AddName(draft.Kind.Name, name, draft.Index);
    }

    private PathNode RootOf(ResourceDraft draft)
    {
        if (!_roots.TryGetValue((draft.Cloud, draft.Raw.Type), out PathNode? root))
            _roots.Add((draft.Cloud, draft.Raw.Type), root = PathNode.Root(draft.Cloud, draft.Raw.Type));
        return root;
    }

    /// <summary>The first attribute that names an owner tells whose setting this is.</summary>
    private void FindOwner(ResourceDraft draft, PathNode root)
    {
        foreach (string attribute in draft.Type?.Configures ?? [])
        {
            ResourceDraft? owner = NamedBy(draft, root, attribute);
            if (owner is null) continue;
            draft.Owner = owner;
            draft.Relate(RelationKind.Configures, owner, attribute, _relationsMax);
            return;
        }
    }

    private void Link(ResourceDraft draft, PathNode root, TypeLink link)
    {
        if (NamedBy(draft, root, link.Source) is { } source && NamedBy(draft, root, link.Target) is { } target)
            source.Relate(link.Kind, target, $"{draft.Id}: {link.Target}", _relationsMax);
    }

    /// <summary>The one resource an attribute of a draft names, whatever the table says of the attribute.</summary>
    private ResourceDraft? NamedBy(ResourceDraft draft, PathNode root, string attribute)
    {
        PathNode place = root.At(attribute);
        foreach (RawReference reference in draft.Raw.References)
            if (reference.Path.Length > 0 && root.At(reference.Path).Path == attribute && Target(draft, reference) is { } stated
                && stated.Index != draft.Index && (place.Rule is not { } rule || rule.Admits(stated.Raw.Type, stated.Kind)))
                return stated;
        AttributeValue value = draft.Raw.Attributes[attribute];
        if (value.AsList is [var first, ..]) value = first;
        return value.AsText is not { Length: > 0 } text ? null
            : Named(draft, text, place.Rule) ?? NearestOwner(draft, text);
    }

    /// <summary>Among the holders of an identity, the one whose type this type is named after (<c>aws_s3_bucket_policy</c>).</summary>
    private ResourceDraft? NearestOwner(ResourceDraft draft, string text)
    {
        ResourceDraft? best = null;
        foreach (int index in _identities.Find(text))
        {
            ResourceDraft candidate = _drafts[index];
            if (index == draft.Index || candidate.Kind == ResourceKind.Setting) continue;
            bool isNamesake = draft.Raw.Type.StartsWith(candidate.Raw.Type, StringComparison.Ordinal);
            if (best is null || isNamesake) best = candidate;
            if (isNamesake) break;
        }

        return best;
    }

    private ResourceDraft? Target(ResourceDraft draft, RawReference reference) =>
        _byAddress.TryGetValue((draft.Raw.Source, reference.Target), out int index) ? _drafts[index] : null;

    private void VisitText(string text, PathNode place, AttributeTexts walk)
    {
        if (text.Length < 2) return;
        if (place.IsSilent) return;
        if ((Named(_source, text, place.Rule) ?? Meant(text, place)) is { } named)
        {
            Relate(named, place, walk.Evidence);
            return;
        }

        if (text[0] == '{' && text.Length <= PolicyLengthMax && text.Contains("arn:", StringComparison.Ordinal)) Embedded(text, place, walk);
        else if (Located(text) is { } located) _source.Relate(RelationKind.RoutesTo, located, walk.Evidence, _relationsMax);
    }

    /// <summary>The resource a text names: by the rule of its place, by identity, or as a part of a wider identity.</summary>
    private ResourceDraft? Named(ResourceDraft source, string text, ReferenceRule? rule)
    {
        bool strong = Identities.IsStrong(text);
        if (rule is null && !strong) return null;
        if (rule is not null)
            foreach (string target in rule.Targets)
                if (Best(source, _identities.FindName(target, text), null) is { } named) return named;
        if (Best(source, _identities.Find(text), rule) is { } exact) return exact;
        if (!strong) return null;
        ReadOnlySpan<char> wider = IdentityIndex.Normal(text);
        int inner = wider.LastIndexOf("arn:");
        // An API's integration has a function's ARN within its own.
        if (inner > 0) wider = wider[inner..];
        for (int step = 0; step < WiderMax && !wider.IsEmpty; step++)
        {
            if (Best(source, _identities.Find(wider), rule) is { } whole) return whole;
            wider = Identities.Wider(wider);
        }

        return null;
    }

    /// <summary>
    /// The resource a plain name means where no table speaks of the attribute: one of a type called like the attribute
    /// (<c>iam_instance_profile</c>, <c>subnet_group_name</c>).
    /// </summary>
    private ResourceDraft? Meant(string text, PathNode place)
    {
        if (place.Stem.Length == 0 || text.Length > 255) return null;
        place.NamedTypes ??= TypesCalled(place.Stem, _source.Raw.Type);
        foreach (string type in place.NamedTypes)
            if (Best(_source, _identities.FindName(type, text), null) is { } named) return named;
        return null;
    }

    private string[] TypesCalled(string stem, string type) =>
        [.. _types
            .Where(candidate => candidate.EndsWith(stem, StringComparison.Ordinal) && candidate.Length > stem.Length
                && candidate[^(stem.Length + 1)] == '_' && EstateBuilder.CloudOf(candidate) == _source.Cloud)
            .OrderByDescending(candidate => candidate.AsSpan().CommonPrefixLength(type))
            .ThenBy(static candidate => candidate, StringComparer.Ordinal)
            .Take(NamedTypesMax)];

    /// <summary>The best holder: admitted by the rule, of the same source, and rather a thing than a setting of it.</summary>
    private ResourceDraft? Best(ResourceDraft source, IdentityIndex.Holders holders, ReferenceRule? rule)
    {
        ResourceDraft? best = null;
        int bestScore = 0;
        foreach (int holder in holders)
        {
            ResourceDraft candidate = _drafts[holder];
            if (holder == source.Index) continue;
            if (rule is not null && !rule.Admits(candidate.Raw.Type, candidate.Kind) && candidate.Type is not null) continue;
            int score = 1 + (candidate.Raw.Source == source.Raw.Source ? 4 : 0) + (candidate.Kind == ResourceKind.Setting ? 0 : 8)
                + (candidate.Type is null ? 0 : 2);
            if (score <= bestScore) continue;
            (best, bestScore) = (candidate, score);
        }

        return best;
    }

    /// <summary>ARNs inside a JSON text: what a policy speaks of.</summary>
    private void Embedded(string text, PathNode place, AttributeTexts walk)
    {
        ReadOnlySpan<char> rest = text;
        for (int found = 0; found < EmbeddedMax; found++)
        {
            int start = rest.IndexOf("\"arn:");
            if (start < 0) return;
            rest = rest[(start + 1)..];
            int end = rest.IndexOf('"');
            if (end < 0) return;
            ReadOnlySpan<char> arn = rest[..end].TrimEnd('*').TrimEnd("/:");
            if (arn.Length is > 8 and < 1024 && Named(_source, arn.ToString(), place.Rule is { Targets.IsEmpty: true } rule ? rule : null) is { } named)
                Relate(named, place, walk.Evidence);
            rest = rest[end..];
        }
    }

    /// <summary>Where DNS records, origins and backends send traffic.</summary>
    private ResourceDraft? Located(string text)
    {
        bool sends = _source.Kind.Name is "dns.record" or "cdn" or "network.backend" or "network.loadbalancer" or "api";
        if (!sends || text.Length > 255 || text.AsSpan().IndexOfAny('.', ':') < 0) return null;
        return Best(_source, _locators.Find(WithoutTail(text)), null) is { } located && located.Kind.Name != _source.Kind.Name ? located : null;
    }

    private static string WithoutTail(string locator)
    {
        string text = locator.StartsWith("dualstack.", StringComparison.OrdinalIgnoreCase) ? locator["dualstack.".Length..] : locator;
        return text.TrimEnd('.');
    }

    /// <summary>What an owner is to its setting is said already.</summary>
    private void Relate(ResourceDraft target, PathNode place, string evidence)
    {
        if (!ReferenceEquals(target, _source.Owner)) _source.Relate(KindOf(place, target), target, evidence, _relationsMax);
    }

    private static RelationKind KindOf(PathNode place, ResourceDraft target)
    {
        if (place.Rule is { } rule && (rule.Admits(target.Raw.Type, target.Kind) || target.Type is null)) return rule.Relation;
        return target.Kind.Name switch
        {
            "network.vpc" or "network.subnet" or "group" => RelationKind.In,
            "network.firewall" => RelationKind.AllowedBy,
            _ => RelationKind.Uses,
        };
    }
}
