using System.Collections.Immutable;
using Sirsi.Core.Errors;

namespace Sirsi.Clouds.Estates;

/// <summary>A set of resources, their relations, and what was noticed while reading them. Immutable and thread-safe.</summary>
public sealed class Estate
{
    private readonly Dictionary<string, int> _indexById;

    /// <summary>An estate of the given resources.</summary>
    /// <param name="resources">In any order; ids must be unique and every relation's target present.</param>
    /// <param name="diagnostics">What was noticed while reading.</param>
    public Estate(IEnumerable<Resource> resources, IEnumerable<Diagnostic> diagnostics)
    {
        ArgumentNullException.ThrowIfNull(resources);
        ArgumentNullException.ThrowIfNull(diagnostics);
        Resource[] sorted = [.. resources];
        Array.Sort(sorted, (left, right) => string.CompareOrdinal(left.Id, right.Id));
        Resources = ImmutableArray.Create(sorted);
        Diagnostics = [.. diagnostics];
        _indexById = new Dictionary<string, int>(sorted.Length, StringComparer.Ordinal);
        for (int index = 0; index < sorted.Length; index++)
            if (!_indexById.TryAdd(sorted[index].Id, index))
                throw new ArgumentException($"Two resources have the id '{sorted[index].Id}'.", nameof(resources));
        foreach (Resource resource in sorted)
            foreach (Relation relation in resource.Relations)
                if (!_indexById.ContainsKey(relation.Target))
                    throw new ArgumentException($"'{resource.Id}' points to '{relation.Target}', which is not here.", nameof(resources));
    }

    /// <summary>All resources, sorted by id (ordinal).</summary>
    public ImmutableArray<Resource> Resources { get; }

    /// <summary>What was noticed while reading, in the order it was noticed.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; }

    /// <summary>The position in <see cref="Resources"/> of an id, or -1.</summary>
    public int IndexOf(string id) => _indexById.TryGetValue(id, out int index) ? index : -1;

    /// <summary>The resource of an id, or null.</summary>
    public Resource? Find(string id) => IndexOf(id) is var index and >= 0 ? Resources[index] : null;
}
