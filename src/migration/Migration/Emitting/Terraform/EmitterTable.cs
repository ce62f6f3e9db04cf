using Sirsi.Clouds;
using Sirsi.Migration.Designing;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Writes one target resource, with all that belongs to it, into an emission.</summary>
internal delegate void Emitter(Emission emission);

/// <summary>Which emitter writes which type in one cloud.</summary>
internal sealed class EmitterTable
{
    private readonly Dictionary<string, Emitter> _byType = new(StringComparer.Ordinal);

    private EmitterTable(params IEnumerable<(string Kinds, string Type, Emitter Emitter)> rows)
    {
        foreach ((_, string type, Emitter emitter) in rows) _byType.Add(type, emitter);
    }

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
        return _byType.ContainsKey(target.Type) ? target.Type : null;
    }

    /// <summary>The emitter of a type that <see cref="TypeFor"/> gave.</summary>
    public Emitter this[string type] => _byType[type];
}
