using Sirsi.Clouds;
using Sirsi.Migration.Designing;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Writes one target resource, with all that belongs to it, into an emission.</summary>
internal delegate void Emitter(Emission emission);

/// <summary>Which emitter writes which kind in one cloud. The first type named for a kind is the one taken when a design names none of them.</summary>
internal sealed class EmitterTable
{
    private readonly Dictionary<string, Emitter> _byType = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _typeByKind = new(StringComparer.Ordinal);

    private EmitterTable(params IEnumerable<(string Kinds, string Type, Emitter Emitter)> rows)
    {
        foreach ((string kinds, string type, Emitter emitter) in rows)
        {
            _byType[type] = emitter;
            foreach (string kind in kinds.Split(' ')) _typeByKind.TryAdd(kind, type);
        }
    }

    /// <summary>The kinds that have an emitter, sorted.</summary>
    public IEnumerable<string> Kinds => _typeByKind.Keys.Order(StringComparer.Ordinal);

    /// <summary>The types that have an emitter, sorted.</summary>
    public IEnumerable<string> Types => _byType.Keys.Order(StringComparer.Ordinal);

    /// <summary>The table of one of the three clouds.</summary>
    public static EmitterTable For(Cloud cloud) => cloud switch
    {
        Cloud.Aws => Aws,
        Cloud.Azure => Azure,
        Cloud.Gcp => Gcp,
        _ => throw new ArgumentOutOfRangeException(nameof(cloud), cloud, "Code is written for AWS, Azure and Google Cloud."),
    };

    private static EmitterTable Aws { get; } = new([.. AwsTable.Rows]);

    private static EmitterTable Azure { get; } = new([.. AzureTable.Rows]);

    private static EmitterTable Gcp { get; } = new([.. GcpTable.Rows]);

    /// <summary>The type written for a target; null when nothing is.</summary>
    public string? TypeFor(TargetResource target)
    {
        if (AzureTable.Variant(target) is { } variant) return variant;
        return _byType.ContainsKey(target.Type) ? target.Type : _typeByKind.GetValueOrDefault(target.Kind.Name);
    }

    /// <summary>The emitter of a type that <see cref="TypeFor"/> gave.</summary>
    public Emitter this[string type] => _byType[type];
}
