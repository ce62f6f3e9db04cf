using System.Collections.Immutable;
using Sirsi.Clouds.Tables;
using Sirsi.Core.Errors;

namespace Sirsi.Clouds.Estates;

/// <summary>
/// Makes an estate of raw resources: kinds, relations, facts, regions, names and tags, all by the tables. Time and memory are linear in
/// the resources and their attributes.
/// </summary>
internal static class EstateBuilder
{
    /// <summary>The estate.</summary>
    /// <param name="resources">From all sources; addresses are unique within a source.</param>
    /// <param name="relationsMax">Relations one resource may hold.</param>
    /// <param name="diagnostics">What was noticed so far; it is added to and ends up in the estate.</param>
    /// <param name="cancellation">Ends the work between two resources.</param>
    public static Estate Build(
        IReadOnlyList<RawResource> resources, int relationsMax, List<Diagnostic> diagnostics, CancellationToken cancellation)
    {
        ResourceDraft[] drafts = Drafts(resources);
        var finder = new RelationFinder(drafts, relationsMax);
        foreach (ResourceDraft draft in drafts)
        {
            cancellation.ThrowIfCancellationRequested();
            finder.Find(draft);
        }

        DependencyOrder.Add(drafts, finder, relationsMax);
        RegionFinder.Find(drafts);
        AttributeMap[] facts = FactFolder.Facts(drafts, cancellation);
        NoteUnknownTypes(drafts, diagnostics);
        NoteCuts(drafts, relationsMax, diagnostics);
        return new Estate(drafts.Select((draft, index) => ToResource(draft, facts[index])), diagnostics);
    }

    private static ResourceDraft[] Drafts(IReadOnlyList<RawResource> resources)
    {
        var sources = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (RawResource raw in resources)
            sources[raw.Address] = sources.TryGetValue(raw.Address, out string? source) && source != raw.Source ? null : raw.Source;
        var drafts = new ResourceDraft[resources.Count];
        for (int index = 0; index < drafts.Length; index++)
        {
            RawResource raw = resources[index];
            string id = sources[raw.Address] is null ? raw.Source + ":" + raw.Address : raw.Address;
            drafts[index] = new ResourceDraft(index, id, raw, CloudOf(raw.Type), TypeTable.BuiltIn.Find(raw.Type));
        }

        return drafts;
    }

    /// <summary>Whose a Terraform type is.</summary>
    internal static Cloud CloudOf(string type)
    {
        int end = type.IndexOf('_', StringComparison.Ordinal);
        return (end < 0 ? type : type[..end]) switch
        {
            "aws" or "awscc" => Cloud.Aws,
            "azurerm" or "azuread" or "azapi" or "azurestack" => Cloud.Azure,
            "google" => Cloud.Gcp,
            _ => Cloud.Other,
        };
    }

    private static Resource ToResource(ResourceDraft draft, AttributeMap facts)
    {
        AttributeMap tags = ResourceTags.Of(draft.Raw.Attributes);
        return new Resource
        {
            Id = draft.Id,
            Cloud = draft.Cloud,
            Type = draft.Raw.Type,
            Name = NameOf(draft, tags),
            Kind = draft.Kind,
            Region = draft.Region,
            Facts = facts,
            Attributes = draft.Raw.Attributes,
            Tags = tags,
            Relations = Sorted(draft.Relations),
            Source = draft.Raw.Source,
        };
    }

    private static ImmutableArray<Relation> Sorted(IReadOnlyList<(Relation Relation, int Target)> found)
    {
        if (found.Count == 0) return [];
        Relation[] relations = [.. found.Select(static pair => pair.Relation)];
        Array.Sort(relations, static (left, right) =>
            left.Kind != right.Kind ? left.Kind.CompareTo(right.Kind)
            : string.CompareOrdinal(left.Target, right.Target) is var byTarget and not 0 ? byTarget
            : string.CompareOrdinal(left.Evidence, right.Evidence));
        return ImmutableArray.Create(relations);
    }

    /// <summary>Its name in the cloud, else its Name tag, else a name it shares with what it belongs to, else the last part of its address.</summary>
    private static string NameOf(ResourceDraft draft, AttributeMap tags)
    {
        string? tagged = tags["Name"].AsText ?? tags["name"].AsText;
        if (draft.CloudName is { } called && !(draft.IsNameDoubtful && (tagged is { Length: > 0 } || Identities.IsStrong(called))))
            return draft.Cloud is Cloud.Gcp && called.StartsWith("projects/", StringComparison.Ordinal)
                ? called[(called.LastIndexOf('/') + 1)..]
                : called;
        if (tagged is { Length: > 0 }) return tagged;
        int label = draft.Raw.Address.LastIndexOf("." + draft.Raw.Label, StringComparison.Ordinal);
        return label < 0 ? draft.Raw.Label : draft.Raw.Address[(label + 1)..];
    }

    private static void NoteUnknownTypes(ResourceDraft[] drafts, List<Diagnostic> diagnostics)
    {
        foreach (IGrouping<string, ResourceDraft> type in drafts
            .Where(static draft => draft.Type is null)
            .GroupBy(static draft => draft.Raw.Type, StringComparer.Ordinal)
            .OrderBy(static type => type.Key, StringComparer.Ordinal))
        {
            int count = type.Count();
            DiagnosticSeverity severity = type.First().Cloud is Cloud.Other ? DiagnosticSeverity.Information : DiagnosticSeverity.Warning;
            diagnostics.Add(new Diagnostic(CloudsErrors.UnknownType, severity,
                $"The type {type.Key} is not known; {(count == 1 ? "1 resource stays" : $"{count} resources stay")} as 'unknown'.",
                type.First().Raw.Position));
        }
    }

    private static void NoteCuts(ResourceDraft[] drafts, int relationsMax, List<Diagnostic> diagnostics)
    {
        ResourceDraft[] cut = Array.FindAll(drafts, static draft => draft.WasCut);
        if (cut.Length > 0)
            diagnostics.Add(new Diagnostic(CloudsErrors.RelationsCut, DiagnosticSeverity.Warning,
                $"{cut.Length} resources have more than {relationsMax} relations, the first is {cut[0].Id}; the rest is left out.",
                cut[0].Raw.Position));
    }
}
