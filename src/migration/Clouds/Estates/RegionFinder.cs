namespace Sirsi.Clouds.Estates;

/// <summary>
/// Gives each draft its region: what it states itself, then what its provider is configured to, then what the things it belongs to
/// have, then what most resources of its provider configuration have, then what most of its cloud in this source have.
/// </summary>
internal static class RegionFinder
{
    private const int RoundsMax = 8;

    /// <summary>Sets <see cref="ResourceDraft.Region"/> where it can be told.</summary>
    public static void Find(ResourceDraft[] drafts)
    {
        foreach (ResourceDraft draft in drafts)
        {
            bool isGlobal = Regions.IsGlobal(draft.Cloud, draft.Kind, draft.Raw.Type);
            if (isGlobal && draft.Cloud is not Cloud.Azure) continue;
            draft.Region = Regions.Stated(draft.Cloud, draft.Raw.Attributes) ?? (isGlobal ? null : draft.Raw.ProviderRegion);
        }

        ResourceDraft[] open = Array.FindAll(drafts, static draft =>
            draft.Region is null && !Regions.IsGlobal(draft.Cloud, draft.Kind, draft.Raw.Type));
        for (int round = 0; round < RoundsMax && open.Length > 0; round++)
        {
            int before = open.Length;
            foreach (ResourceDraft draft in open) draft.Region = OfNeighbours(drafts, draft);
            open = Array.FindAll(open, static draft => draft.Region is null);
            if (open.Length == before) break;
        }

        Dictionary<(string, Cloud, string), string> byProvider = MostCommon(drafts, static draft => draft.Raw.Provider);
        Dictionary<(string, Cloud, string), string> bySource = MostCommon(drafts, static _ => "");
        foreach (ResourceDraft draft in open)
            draft.Region = byProvider.GetValueOrDefault((draft.Raw.Source, draft.Cloud, draft.Raw.Provider))
                ?? bySource.GetValueOrDefault((draft.Raw.Source, draft.Cloud, ""));
    }

    private static string? OfNeighbours(ResourceDraft[] drafts, ResourceDraft draft)
    {
        string? region = null;
        RelationKind nearest = RelationKind.DependsOn;
        foreach ((Relation relation, int target) in draft.Relations)
        {
            if (drafts[target].Region is not { } candidate || drafts[target].Cloud != draft.Cloud) continue;
            bool isNearer = region is null || Nearness(relation.Kind) < Nearness(nearest);
            if (isNearer) (region, nearest) = (candidate, relation.Kind);
        }

        return region;
    }

    private static int Nearness(RelationKind kind) => kind switch
    {
        RelationKind.Configures => 0,
        RelationKind.In => 1,
        RelationKind.AttachedTo => 2,
        RelationKind.AllowedBy => 3,
        RelationKind.RoutesTo => 4,
        RelationKind.Uses => 5,
        _ => 6,
    };

    private static Dictionary<(string Source, Cloud Cloud, string Group), string> MostCommon(
        ResourceDraft[] drafts, Func<ResourceDraft, string> groupOf)
    {
        var counts = new Dictionary<(string, Cloud, string), Dictionary<string, int>>();
        foreach (ResourceDraft draft in drafts)
        {
            if (draft.Region is null) continue;
            (string, Cloud, string) key = (draft.Raw.Source, draft.Cloud, groupOf(draft));
            if (!counts.TryGetValue(key, out Dictionary<string, int>? regions)) counts.Add(key, regions = new(StringComparer.Ordinal));
            regions[draft.Region] = regions.GetValueOrDefault(draft.Region) + 1;
        }

        return counts.ToDictionary(
            static pair => pair.Key,
            static pair => pair.Value.OrderByDescending(static region => region.Value).ThenBy(static region => region.Key, StringComparer.Ordinal)
                .First().Key);
    }
}
