using System.Collections.Immutable;
using Sirsi.Clouds.Estates;
using Sirsi.Migration.Designing;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>
/// The resources that are written and their relations, which are those of their sources. What is folded into another stands for
/// that other. Built in time linear in resources and relations.
/// </summary>
internal sealed class TargetGraph
{
    private TargetGraph(ImmutableArray<TargetNode> nodes, ImmutableArray<Omission> omissions) => (Nodes, Omissions) = (nodes, omissions);

    /// <summary>What is written, in the order of the estate.</summary>
    public ImmutableArray<TargetNode> Nodes { get; }

    /// <summary>What is not written, with the reason, in the order of the estate.</summary>
    public ImmutableArray<Omission> Omissions { get; }

    /// <summary>The graph of a design.</summary>
    public static TargetGraph Of(Estate estate, Design design, EmitterTable emitters)
    {
        var standsFor = new TargetNode?[estate.Resources.Length];
        var nodes = ImmutableArray.CreateBuilder<TargetNode>();
        var omissions = ImmutableArray.CreateBuilder<Omission>();
        foreach (Mapping mapping in design.Mappings)
        {
            int index = estate.IndexOf(mapping.ResourceId);
            if (index < 0) continue;
            Resource source = estate.Resources[index];
            if (mapping.Target is not { } target)
            {
                if (Omitted(source, mapping) is { } omission) omissions.Add(omission);
                continue;
            }

            if (emitters.TypeFor(target) is not { } type)
            {
                omissions.Add(new(source.Id, target.Type,
                    $"No code is written for {target.Service}; build it by hand or from its own template."));
                continue;
            }

            var node = new TargetNode(index, source, target, type);
            standsFor[index] = node;
            nodes.Add(node);
        }

        Fold(estate, design, standsFor);
        Relate(estate, standsFor);
        return new(nodes.ToImmutable(), omissions.ToImmutable());
    }

    private static Omission? Omitted(Resource source, Mapping mapping) => mapping.Outcome switch
    {
        MappingOutcome.Folded or MappingOutcome.NotNeeded => null,
        _ => new(source.Id, source.Type, mapping.Reason),
    };

    private static void Fold(Estate estate, Design design, TargetNode?[] standsFor)
    {
        foreach (Mapping mapping in design.Mappings)
        {
            if (mapping.Outcome is not MappingOutcome.Folded || estate.IndexOf(mapping.ResourceId) is not (var index and >= 0)) continue;
            Resource source = estate.Resources[index];
            if (OwnerOf(estate, mapping, source) is not (var owner and >= 0) || standsFor[owner] is not { } node) continue;
            node.Fold(source);
            standsFor[index] = node;
        }
    }

    private static int OwnerOf(Estate estate, Mapping mapping, Resource source)
    {
        if (mapping.OwnerId is { } named) return estate.IndexOf(named);
        foreach (Relation relation in source.Relations)
            if (relation.Kind is RelationKind.Configures) return estate.IndexOf(relation.Target);
        return -1;
    }

    private static void Relate(Estate estate, TargetNode?[] standsFor)
    {
        var seen = new HashSet<(int From, int To)>();
        for (int index = 0; index < standsFor.Length; index++)
        {
            if (standsFor[index] is not { } from) continue;
            foreach (Relation relation in estate.Resources[index].Relations)
                if (relation.Kind is not RelationKind.DependsOn && standsFor[estate.IndexOf(relation.Target)] is { } to
                    && !ReferenceEquals(from, to) && seen.Add((from.Index, to.Index)))
                    from.PointTo(to);
        }
    }
}

/// <summary>A resource that no code is written for.</summary>
/// <param name="ResourceId">Which.</param>
/// <param name="Type">The target type, or the source's own when there is none.</param>
/// <param name="Reason">Why, as a sentence.</param>
internal sealed record Omission(string ResourceId, string Type, string Reason);
