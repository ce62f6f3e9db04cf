using System.Collections.Frozen;
using Sirsi.Clouds.Tables;

namespace Sirsi.Migration.Assessing;

/// <summary>
/// Which names a condition may read on which kind: the facts of <c>Data/vocabulary.tsv</c> and the derived facts of
/// <see cref="DerivedFacts"/>. A condition over a name nobody supplies would be silently false, so such names are refused.
/// </summary>
internal sealed class FactVocabulary
{
    private const string EveryKind = "*";

    private readonly FrozenDictionary<string, FrozenSet<string>> _factsByKind;
    private readonly FrozenSet<string> _itemFields;

    private FactVocabulary(
        FrozenSet<string> kinds, FrozenDictionary<string, FrozenSet<string>> factsByKind, FrozenSet<string> itemFields) =>
        (Kinds, _factsByKind, _itemFields) = (kinds, factsByKind, itemFields);

    /// <summary>The vocabulary that comes with the program.</summary>
    public static FactVocabulary Embedded { get; } = Read();

    /// <summary>Every canonical kind.</summary>
    public FrozenSet<string> Kinds { get; }

    /// <summary>Whether a resource of <paramref name="kind"/> can have the fact.</summary>
    public bool Has(string kind, string name) =>
        DerivedFacts.Names.Contains(name)
        || _factsByKind[EveryKind].Contains(name)
        || (_factsByKind.TryGetValue(kind, out FrozenSet<string>? facts) && facts.Contains(name));

    /// <summary>Whether the items of some list fact have the field.</summary>
    public bool HasItemField(string name) => name == "it" || _itemFields.Contains(name) || DerivedFacts.RelationFields.Contains(name);

    private static FactVocabulary Read()
    {
        var factsByKind = new Dictionary<string, FrozenSet<string>>(StringComparer.Ordinal);
        var itemFields = new HashSet<string>(StringComparer.Ordinal);
        foreach (string[] row in DataTable.Read("vocabulary.tsv", columns: 2))
        {
            FrozenSet<string> facts = ReadFacts(row[1], itemFields);
            foreach (string kind in row[0].Split(", ")) factsByKind.Add(kind, facts);
        }

        return new FactVocabulary(
            KindTable.BuiltIn.Kinds.Select(static info => info.Kind.Name).ToFrozenSet(StringComparer.Ordinal),
            factsByKind.ToFrozenDictionary(StringComparer.Ordinal),
            itemFields.ToFrozenSet(StringComparer.Ordinal));
    }

    /// <summary>Reads <c>size, rules (direction, action), priority</c>; what stands in parentheses goes to the item fields.</summary>
    private static FrozenSet<string> ReadFacts(string text, HashSet<string> itemFields)
    {
        var facts = new HashSet<string>(StringComparer.Ordinal);
        bool inItem = false;
        foreach (string part in text.Split(", "))
        {
            string[] words = part.Split(" (");
            (inItem ? itemFields : facts).Add(words[0].TrimEnd(')'));
            if (words.Length > 1) itemFields.Add(words[1].TrimEnd(')'));
            inItem = (inItem || words.Length > 1) && !part.EndsWith(')');
        }

        return facts.ToFrozenSet(StringComparer.Ordinal);
    }
}
