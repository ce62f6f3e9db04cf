using System.Collections.Frozen;
using Sirsi.Clouds.Tables;

namespace Sirsi.Clouds.Estates;

/// <summary>What <c>Data/secrets.tsv</c> says of an attribute.</summary>
internal enum SecretTreatment
{
    /// <summary>Nothing: the name and the shape of the value decide.</summary>
    None,

    /// <summary>Only the shape of the value decides.</summary>
    Keep,

    /// <summary>Every text and number below is masked.</summary>
    Mask,

    /// <summary>A JSON text of container definitions: only what is known to be harmless stays.</summary>
    Containers,
}

/// <summary>The table <c>Data/secrets.tsv</c>, compiled. Immutable and thread-safe.</summary>
internal sealed class SecretRules
{
    private readonly List<(string Type, string Parent, string Name, SecretTreatment Treatment)> _rows;

    private SecretRules(List<(string, string, string, SecretTreatment)> rows) => _rows = rows;

    /// <summary>The table this library carries.</summary>
    public static SecretRules BuiltIn => field ??= Read(TableText.BuiltIn("secrets.tsv"));

    private static SecretRules Read(TableText table)
    {
        var rows = new List<(string, string, string, SecretTreatment)>();
        foreach (TableRow row in table)
        {
            string path = row[1].ToString();
            int dot = path.IndexOf('.', StringComparison.Ordinal);
            SecretTreatment treatment = row[2] switch
            {
                "mask" => SecretTreatment.Mask,
                "keep" => SecretTreatment.Keep,
                "containers" => SecretTreatment.Containers,
                _ => throw row.Broken($"'{row[2]}' is no treatment"),
            };
            rows.Add((row[0].ToString(), dot < 0 ? "" : path[..dot], path[(dot + 1)..], treatment));
        }

        return new(rows);
    }

    /// <summary>The rows that hold for one type.</summary>
    public TypeRules For(string type)
    {
        var byName = new Dictionary<string, SecretTreatment>(StringComparer.Ordinal);
        var byParent = new Dictionary<string, Dictionary<string, SecretTreatment>>(StringComparer.Ordinal);
        // From general to special, so that the special one is set last.
        foreach ((string _, string parent, string name, SecretTreatment treatment) in _rows
            .Where(row => Matches(row.Type, type))
            .OrderBy(row => row.Type.EndsWith('*') ? row.Type.Length : int.MaxValue))
        {
            if (parent.Length == 0)
            {
                byName[name] = treatment;
                continue;
            }

            if (!byParent.TryGetValue(parent, out Dictionary<string, SecretTreatment>? children))
                byParent.Add(parent, children = new(StringComparer.Ordinal));
            children[name] = treatment;
        }

        return new(byName.ToFrozenDictionary(StringComparer.Ordinal), byParent.ToFrozenDictionary(StringComparer.Ordinal));
    }

    private static bool Matches(string pattern, string type) =>
        pattern.EndsWith('*') ? type.AsSpan().StartsWith(pattern.AsSpan()[..^1], StringComparison.Ordinal) : type == pattern;

    /// <summary>The rows of one type: by the last two names of a path, then by any name below a parent, then by the last name.</summary>
    internal sealed class TypeRules(
        FrozenDictionary<string, SecretTreatment> byName,
        FrozenDictionary<string, Dictionary<string, SecretTreatment>> byParent)
    {
        public SecretTreatment Of(string parent, string name)
        {
            if (parent.Length > 0 && byParent.TryGetValue(parent, out Dictionary<string, SecretTreatment>? children)
                && (children.TryGetValue(name, out SecretTreatment treatment) || children.TryGetValue("*", out treatment)))
                return treatment;
            return byName.GetValueOrDefault(name);
        }
    }
}
