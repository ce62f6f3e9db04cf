using System.Collections.Frozen;
using System.Collections.Immutable;
using Sirsi.Bus.Schemas.Walking;

namespace Sirsi.Bus.Schemas;

/// <summary>
/// Knows what events may carry, and checks payloads before they are published. Made by a <see cref="SchemaRegistryBuilder"/>;
/// immutable, and safe for any number of threads.
/// </summary>
public sealed class SchemaRegistry
{
    /// <summary>The longest name of a schema, in characters.</summary>
    public const int NameLengthMax = 128;

    private readonly SchemaOptions _options;
    private readonly FrozenDictionary<string, Version[]> _versions;

    internal SchemaRegistry(SchemaOptions options, IEnumerable<(RegisteredSchema Schema, MessageShape Shape)> schemas)
    {
        _options = options;
        var ordered = schemas.OrderBy(static s => s.Schema.Name, StringComparer.Ordinal).ThenBy(static s => s.Schema.Version).ToList();
        Schemas = [.. ordered.Select(static s => s.Schema)];
        _versions = ordered.GroupBy(static s => s.Schema.Name, static s => new Version(s.Schema.Version, s.Shape), StringComparer.Ordinal)
            .ToFrozenDictionary(static group => group.Key, static group => group.ToArray(), StringComparer.Ordinal);
    }

    /// <summary>Every schema, by name and version.</summary>
    public ImmutableArray<RegisteredSchema> Schemas { get; }

    /// <summary>
    /// Whether <paramref name="payload"/> is a serialized message of the schema. Fields that the schema does not know are let pass, as
    /// they may come from a newer version; enumerations are open. Allocates nothing when the payload is accepted.
    /// </summary>
    /// <param name="schemaName">The schema's name; empty for opaque bytes.</param>
    /// <param name="version">Its version; of no account when the name is empty.</param>
    /// <param name="payload">The bytes; read during the call only.</param>
    public PayloadVerdict Check(string schemaName, int version, ReadOnlySpan<byte> payload)
    {
        ArgumentNullException.ThrowIfNull(schemaName);
        if (payload.Length > _options.PayloadBytesMax) return new(TooLarge(payload.Length));
        if (Find(schemaName, version) is not { } shape) return new(Unregistered(schemaName, version));
        WalkFault? fault = PayloadWalker.Walk(shape, payload, _options.DepthMax);
        return new(fault?.Report(schemaName, version));
    }

    private MessageShape? Find(string name, int version)
    {
        if (!_versions.TryGetValue(name, out Version[]? versions)) return null;
        foreach (Version known in versions)
            if (known.Number == version) return known.Shape;
        return null;
    }

    private PayloadFault TooLarge(int length) => new(PayloadFaultKind.TooLarge, _options.PayloadBytesMax, "",
        $"The payload has {length} bytes; the limit is {_options.PayloadBytesMax}.");

    private PayloadFault? Unregistered(string name, int version)
    {
        if (_options.Unregistered == UnregisteredPayloads.Pass) return null;
        if (name.Length == 0)
        {
            return _options.Unregistered == UnregisteredPayloads.PassUnnamed
                ? null
                : Unknown("The event names no schema, and opaque payloads are not allowed here.");
        }

        if (_versions.TryGetValue(name, out Version[]? versions))
            return Unknown($"Schema {name} has no version {version}; known: {string.Join(", ", versions.Select(static v => v.Number))}.");
        if (!IsName(name)) return Unknown($"The schema's name is not one: it has 1 to {NameLengthMax} ASCII letters, digits, '.', '_' and '-'.");
        string[] near = NearNames.Of(name, _versions.Keys);
        return Unknown($"Schema {name} is not registered." + (near.Length == 0 ? "" : $" Near names: {string.Join(", ", near)}."));
    }

    private static PayloadFault Unknown(string message) => new(PayloadFaultKind.UnknownSchema, 0, "", message);

    internal static bool IsName(string name) => name.Length is > 0 and <= NameLengthMax
        && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private readonly record struct Version(int Number, MessageShape Shape);
}
