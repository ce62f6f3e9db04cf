using Sirsi.Clouds.Tables;

namespace Sirsi.Clouds.Estates;

/// <summary>
/// Computes the facts of all drafts, and puts those of settings on what they configure: a setting's word wins over its owner's own
/// attribute, lists (rules of a firewall) are joined, each item once.
/// </summary>
internal static class FactFolder
{
    private const int OwnersMax = 4;

    /// <summary>The facts, in the order of the drafts.</summary>
    public static AttributeMap[] Facts(ResourceDraft[] drafts, CancellationToken cancellation)
    {
        var facts = new AttributeMap[drafts.Length];
        var folded = new Dictionary<int, Folding>();
        for (int index = 0; index < drafts.Length; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            (AttributeMap own, AttributeMap forOwner) = FactTable.BuiltIn.Compute(drafts[index].Raw.Type, drafts[index].Raw.Attributes);
            facts[index] = own;
            if (forOwner.Count == 0 || OwnerOf(drafts[index]) is not { } owner) continue;
            if (!folded.TryGetValue(owner.Index, out Folding? folding)) folded.Add(owner.Index, folding = new());
            folding.Add(forOwner);
        }

        foreach ((int owner, Folding folding) in folded) facts[owner] = folding.Over(facts[owner]);
        return facts;
    }

    /// <summary>A setting of a setting speaks of what that one configures.</summary>
    private static ResourceDraft? OwnerOf(ResourceDraft draft)
    {
        ResourceDraft? owner = draft.Owner;
        for (int step = 0; step < OwnersMax && owner?.Kind == ResourceKind.Setting && owner.Owner is { } next; step++) owner = next;
        return owner;
    }

    private sealed class Folding
    {
        private readonly AttributeMap.Builder _scalars = new();
        private readonly SortedDictionary<string, List<AttributeValue>> _lists = new(StringComparer.Ordinal);

        public void Add(AttributeMap facts)
        {
            foreach ((string name, AttributeValue value) in facts)
            {
                if (value.Type is not AttributeType.List)
                {
                    _scalars.Add(name, value);
                    continue;
                }

                if (!_lists.TryGetValue(name, out List<AttributeValue>? items)) _lists.Add(name, items = []);
                items.AddRange(value.AsList);
            }
        }

        public AttributeMap Over(AttributeMap own)
        {
            foreach ((string name, List<AttributeValue> items) in _lists)
                _scalars.Add(name, AttributeValue.Of([.. own[name].AsList.Concat(items).Distinct()]));
            return own.With(_scalars.Build());
        }
    }
}
