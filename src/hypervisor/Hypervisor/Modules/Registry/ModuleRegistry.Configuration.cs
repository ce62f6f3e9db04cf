using System.Collections.Immutable;
using System.Text.Json;
using Sirsi.Core.Documents;
using Sirsi.Core.Errors;

namespace Sirsi.Hypervisor.Modules.Registry;

/// <content>
/// Values of modules' configuration, kept by name: a version that is activated later finds those it knows. They hold no secrets: what a value of the type <c>secret</c> has is a reference.
/// </content>
public sealed partial class ModuleRegistry
{
    private const int ValueLengthMax = 4_096;
    private const string ConfigurationSchema = "sirsi.module-values/1";

    private readonly ModuleFolder _values;

    /// <summary>The values kept for a module, those of members that the active version does not know too; none when nobody set any.</summary>
    public ImmutableSortedDictionary<string, string> Configuration(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return _catalog.Values(name);
    }

    /// <summary>Keeps values for a module. They are given to it when it is loaded the next time.</summary>
    /// <param name="name">The module.</param>
    /// <param name="values">The values to set.</param>
    /// <param name="unset">Those to forget; what is not kept is no failure.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The active version, else the greatest: the one whose manifest says what the values may be.</returns>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.ModuleConfigurationInvalid"/>: names or values do not fit; all are named, and nothing is changed.</exception>
    public Task<InstalledModule> ConfigureAsync(
        string name, ImmutableDictionary<string, string> values, IReadOnlyCollection<string>? unset = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        return ChangeAsync(async () =>
        {
            ModuleRecord record = RecordOf(_catalog, name, null);
            await KeepAsync(record.Manifest, values, unset ?? []);
            return _catalog.Show(record);
        }, cancellation);
    }

    /// <summary>What a guest reads: what is given, else kept, else the default.</summary>
    private ImmutableDictionary<string, string> Configure(ModuleManifest manifest, ImmutableDictionary<string, string> given)
    {
        List<string> problems = Unfit(manifest, given);
        ImmutableSortedDictionary<string, string> kept = _catalog.Values(manifest.Name);
        ImmutableDictionary<string, string>.Builder values = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach ((string name, ConfigurationEntry entry) in manifest.Configuration)
        {
            string? value = given.GetValueOrDefault(name) ?? kept.GetValueOrDefault(name) ?? entry.Default;
            if (value is null && entry.IsRequired) problems.Add($"'{name}' is required.");
            else if (value is not null && !given.ContainsKey(name) && Misfit(name, entry, value) is { } misfit) problems.Add(misfit);
            else if (value is not null) values[name] = entry.Type is ConfigurationType.Secret ? $"${{{value}}}" : value;
        }

        return problems.Count == 0 ? values.ToImmutable() : throw Refused(HypervisorErrors.ModuleConfigurationInvalid, manifest, string.Join(' ', problems));
    }

    private async Task KeepAsync(ModuleManifest manifest, ImmutableDictionary<string, string> values, IReadOnlyCollection<string> unset)
    {
        List<string> problems = Unfit(manifest, values);
        ImmutableSortedDictionary<string, string> before = _catalog.Values(manifest.Name), after = before.RemoveRange(unset).SetItems(values);
        // What an earlier version took may not do for this one.
        foreach ((string name, string value) in after)
            if (!values.ContainsKey(name) && manifest.Configuration.TryGetValue(name, out ConfigurationEntry? entry) && Misfit(name, entry, value) is { } misfit) problems.Add(misfit);
        if (problems.Count > 0) throw Refused(HypervisorErrors.ModuleConfigurationInvalid, manifest, string.Join(' ', problems));
        if (after.SequenceEqual(before)) return;
        await WriteValuesAsync(manifest.Name, after);
    }

    private async Task WriteValuesAsync(string name, ImmutableSortedDictionary<string, string> values)
    {
        if (values.IsEmpty) await _values.DeleteAsync(name + ".json", CancellationToken.None);
        else await _values.WriteAsync(name + ".json", ToJson(values), CancellationToken.None);
        _catalog = _catalog.WithValues(name, values);
    }

    private async Task<ModuleCatalog> ReadValuesAsync(ModuleCatalog catalog, ImmutableArray<string>.Builder damage, CancellationToken cancellation)
    {
        foreach (string file in _values.List())
        {
            try
            {
                byte[] bytes = await _values.ReadAsync(file, RecordBytesMax, cancellation) ?? [];
                catalog = catalog.WithValues(Path.GetFileNameWithoutExtension(file), FromJson(bytes));
            }
            catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                damage.Add($"{Path.Combine(_values.Path, file)}: it holds no values: {failure.Message}");
            }
        }

        return catalog;
    }

    private static List<string> Unfit(ModuleManifest manifest, ImmutableDictionary<string, string> values)
    {
        var problems = new List<string>();
        foreach ((string name, string value) in values.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            if (!manifest.Configuration.TryGetValue(name, out ConfigurationEntry? entry)) problems.Add($"'{name}' is no value of it; {NearestName.Hint(name, [.. manifest.Configuration.Keys])}.");
            else if (Misfit(name, entry, value) is { } misfit) problems.Add(misfit);
        }

        return problems;
    }

    /// <summary>A value that should be a reference is not quoted: it may be the secret itself.</summary>
    private static string? Misfit(string name, ConfigurationEntry entry, string value) =>
        value.Length > ValueLengthMax ? $"'{name}' has {value.Length} characters; a value has at most {ValueLengthMax}."
        : value.Contains('\0', StringComparison.Ordinal) ? $"'{name}' has a NUL in it."
        : entry.Fits(value) ? null
        : entry.Type is ConfigurationType.Secret ? $"'{name}' is no reference to a secret: write secret:NAME, and store the value with 'sirsi secret set NAME'."
        : $"'{name}' is '{value}', which is no {entry.Type.ToString().ToLowerInvariant()}.";

    private static byte[] ToJson(ImmutableSortedDictionary<string, string> values)
    {
        using var json = new MemoryStream();
        SchemaDocument.Write(json, ConfigurationSchema, members =>
        {
            members.WriteStartObject("values");
            foreach ((string name, string value) in values) members.WriteString(name, value);
            members.WriteEndObject();
        });
        return json.ToArray();
    }

    private static ImmutableSortedDictionary<string, string> FromJson(ReadOnlyMemory<byte> bytes)
    {
        using JsonDocument document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 4 });
        return document.RootElement.GetProperty("values").EnumerateObject()
            .ToImmutableSortedDictionary(static member => member.Name, static member => member.Value.GetString() ?? "", StringComparer.Ordinal);
    }
}
