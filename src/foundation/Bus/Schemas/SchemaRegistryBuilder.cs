using System.Globalization;
using Google.Protobuf.Reflection;
using Sirsi.Bus.Messages;
using Sirsi.Bus.Schemas.Evolution;
using Sirsi.Bus.Schemas.Walking;

namespace Sirsi.Bus.Schemas;

/// <summary>
/// Collects schemas for a <see cref="SchemaRegistry"/>, beginning with the product's own (package <c>sirsi.v1</c>, each under the full name of its
/// message, version 1). A new version must get on with those beside it: see <see cref="SchemaEvolution"/>. For one thread.
/// </summary>
public sealed class SchemaRegistryBuilder
{
    private const string OwnPrefix = "sirsi.";
    private const int ReasonsMax = 100;

    private readonly SchemaOptions _options;
    private readonly Dictionary<string, SortedList<int, (RegisteredSchema Schema, MessageShape Shape)>> _schemas = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>Begins with the product's own schemas, which count among <see cref="SchemaOptions.SchemasMax"/>.</summary>
    /// <param name="options">The limits; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="BusException">The product's own schemas are more than allowed.</exception>
    public SchemaRegistryBuilder(SchemaOptions? options = null)
    {
        _options = options ?? new();
        _options.Validate();
        foreach (MessageDescriptor message in EventsReflection.Descriptor.MessageTypes) AddChecked(message.FullName, 1, message);
    }

    /// <summary>Adds one version of a schema. When it is refused the builder stays as it was.</summary>
    /// <param name="name">1 to 128 ASCII letters, digits, <c>.</c>, <c>_</c> and <c>-</c>; usually the message's full name.</param>
    /// <param name="version">From 1, in any order and with gaps. The same again is no fault when nothing in it differs.</param>
    /// <param name="descriptor">The message.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The name or the version is none.</exception>
    /// <exception cref="BusException">
    /// The name is taken, a limit is exceeded, or the version breaks a version beside it; then the message lists every reason (the first 100).
    /// </exception>
    public SchemaRegistryBuilder Add(string name, int version, MessageDescriptor descriptor)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(descriptor);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        if (!SchemaRegistry.IsName(name))
            throw new ArgumentException("A schema's name has 1 to 128 ASCII letters, digits, '.', '_' and '-'.", nameof(name));
        if (name.StartsWith(OwnPrefix, StringComparison.Ordinal))
        {
            throw new BusException(BusErrors.SchemaNameTaken,
                $"Schema {name} begins with {OwnPrefix}, as only the product's own do. Register it under another name.");
        }

        AddChecked(name, version, descriptor);
        return this;
    }

    /// <summary>As <see cref="Add(string, int, MessageDescriptor)"/>, with the message taken from what <c>protoc --include_imports --descriptor_set_out</c> writes.</summary>
    /// <param name="name">The schema's name.</param>
    /// <param name="version">Its version.</param>
    /// <param name="descriptorSet">A serialized <c>google.protobuf.FileDescriptorSet</c>, at most <see cref="SchemaOptions.DescriptorBytesMax"/> bytes.</param>
    /// <param name="messageName">The message's full name.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="BusException">The set is too large, cannot be read or has no such message; and as above.</exception>
    public SchemaRegistryBuilder Add(string name, int version, ReadOnlySpan<byte> descriptorSet, string messageName)
    {
        ArgumentException.ThrowIfNullOrEmpty(messageName);
        if (descriptorSet.Length > _options.DescriptorBytesMax)
        {
            throw new BusException(BusErrors.SchemaBeyondLimit, $"The descriptor set of schema {name} has {descriptorSet.Length} bytes; "
                + $"{nameof(SchemaOptions.DescriptorBytesMax)} is {_options.DescriptorBytesMax}.");
        }

        return Add(name, version, DescriptorSet.ReadMessage(descriptorSet, messageName));
    }

    /// <summary>The registry of what was added so far; what is added later is not in it.</summary>
    public SchemaRegistry Build() => new(_options, _schemas.Values.SelectMany(static versions => versions.Values));

    private void AddChecked(string name, int version, MessageDescriptor descriptor)
    {
        if (_schemas.TryGetValue(name, out var versions))
        {
            if (versions.TryGetValue(version, out var known))
            {
                RequireSame(known.Schema, descriptor);
                return;
            }

            int next = versions.Keys.TakeWhile(number => number < version).Count();
            if (next > 0) RequireCompatible(name, versions.Values[next - 1].Schema.Descriptor, versions.Keys[next - 1], descriptor, version);
            if (next < versions.Count) RequireCompatible(name, descriptor, version, versions.Values[next].Schema.Descriptor, versions.Keys[next]);
        }

        if (_count == _options.SchemasMax)
        {
            throw new BusException(BusErrors.SchemaBeyondLimit,
                $"Schema {name} would be one more than {nameof(SchemaOptions.SchemasMax)}, which is {_options.SchemasMax}.");
        }

        MessageShape shape = MessageShape.Of(descriptor);
        if (versions is null) _schemas.Add(name, versions = []);
        versions.Add(version, (new RegisteredSchema(name, version, descriptor), shape));
        _count++;
    }

    private static void RequireSame(RegisteredSchema known, MessageDescriptor descriptor)
    {
        if (ReferenceEquals(known.Descriptor, descriptor) || SchemaEvolution.Compare(known.Descriptor, descriptor).IsEmpty) return;
        throw new BusException(BusErrors.SchemaNameTaken,
            $"Schema {known.Name} version {known.Version} is registered already, and differs. Register it as the next version.");
    }

    private static void RequireCompatible(string name, MessageDescriptor older, int olderVersion, MessageDescriptor newer, int newerVersion)
    {
        string[] reasons = [.. SchemaEvolution.Compare(older, newer)
            .Where(static difference => difference.Impact == SchemaImpact.Breaking).Select(static difference => difference.ToString())];
        if (reasons.Length == 0) return;
        string more = reasons.Length > ReasonsMax ? string.Create(CultureInfo.InvariantCulture, $"\n  and {reasons.Length - ReasonsMax} more") : "";
        throw new BusException(BusErrors.SchemaIncompatible,
            $"Schema {name}: version {newerVersion} breaks version {olderVersion}:\n  " + string.Join("\n  ", reasons.Take(ReasonsMax)) + more);
    }
}
