using System.Collections.Immutable;
using Sirsi.Core.Cryptography;
using Sirsi.Core.Plugins;
using Sirsi.Hypervisor.Capabilities;

namespace Sirsi.Hypervisor.Modules.Registry;

/// <summary>All versions and what was active, without the files. Immutable.</summary>
internal sealed record ModuleCatalog(
    ImmutableSortedDictionary<string, ImmutableSortedDictionary<SemanticVersion, ModuleRecord>> Names,
    ImmutableDictionary<string, ImmutableArray<SemanticVersion>> Histories,
    ImmutableDictionary<string, ImmutableSortedDictionary<string, string>> Configurations)
{
    private const int HistoryMax = 100;

    public static ModuleCatalog Empty { get; } = new(
        ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<SemanticVersion, ModuleRecord>>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, ImmutableArray<SemanticVersion>>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, ImmutableSortedDictionary<string, string>>(StringComparer.Ordinal));

    private static readonly ImmutableSortedDictionary<string, string> NoValues = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    public IEnumerable<ModuleRecord> Records => Names.Values.SelectMany(static versions => versions.Values);

    public ModuleRecord? Find(string name, SemanticVersion version) =>
        Names.TryGetValue(name, out var versions) && versions.TryGetValue(version, out ModuleRecord? record) ? record : null;

    public ImmutableArray<SemanticVersion> History(string name) => Histories.GetValueOrDefault(name, []);

    public ImmutableSortedDictionary<string, string> Values(string name) => Configurations.GetValueOrDefault(name, NoValues);

    public ModuleCatalog WithValues(string name, ImmutableSortedDictionary<string, string> values) => this with { Configurations = Configurations.SetItem(name, values) };

    public ModuleRecord? Active(string name) => History(name) is [.., var last] ? Find(name, last) : null;

    public bool IsUsed(Sha256 digest) => Records.Any(record => record.Object == digest);

    public ModuleCatalog With(ModuleRecord record)
    {
        var versions = Names.GetValueOrDefault(record.Manifest.Name) ?? ImmutableSortedDictionary<SemanticVersion, ModuleRecord>.Empty;
        return this with { Names = Names.SetItem(record.Manifest.Name, versions.SetItem(record.Manifest.Version, record)) };
    }

    public ModuleCatalog Without(ModuleRecord record)
    {
        string name = record.Manifest.Name;
        var versions = Names[name].Remove(record.Manifest.Version);
        return this with
        {
            Names = versions.IsEmpty ? Names.Remove(name) : Names.SetItem(name, versions),
            Histories = Histories.SetItem(name, History(name).RemoveAll(version => version == record.Manifest.Version)),
        };
    }

    public ModuleCatalog WithHistory(string name, ImmutableArray<SemanticVersion> versions) =>
        this with { Histories = Histories.SetItem(name, versions.Length > HistoryMax ? versions[^HistoryMax..] : versions) };

    public ModuleState State(ModuleRecord record)
    {
        ImmutableArray<SemanticVersion> history = History(record.Manifest.Name);
        if (history is [.., var last] && last == record.Manifest.Version) return ModuleState.Active;
        if (history.Contains(record.Manifest.Version)) return ModuleState.Superseded;
        return record.Grant is null ? ModuleState.Waiting : ModuleState.Granted;
    }

    /// <summary>
    /// What a version asks for that no version of the module by the same publisher has been granted. Another publisher's grants are not inherited, nor are those of unsigned versions by
    /// signed ones or the other way round: whoever the person trusted then was somebody else.
    /// </summary>
    public ImmutableArray<string> Unanswered(ModuleManifest asking)
    {
        ModuleManifest[] granted = [.. (Names.GetValueOrDefault(asking.Name)?.Values ?? [])
            .Where(record => record.Grant is not null && record.Manifest.Publisher == asking.Publisher && record.Manifest.IsSigned == asking.IsSigned)
            .Select(static record => record.Manifest)];
        Capability[] capabilities = [.. granted.SelectMany(static manifest => manifest.Capabilities).Select(static request => request.Capability)];
        string[] hosts = [.. granted.SelectMany(static manifest => manifest.Network)];
        return
        [
            .. asking.Capabilities.Select(static request => request.Capability).Where(asked => !capabilities.Any(known => known.Covers(asked))).Select(static asked => asked.ToString()),
            .. asking.Network.Where(host => !hosts.Contains(host, StringComparer.Ordinal)).Select(static host => "network:" + host),
        ];
    }

    public InstalledModule Show(ModuleRecord record) => new(
        record.Manifest, State(record), record.Object, record.AddedAt, record.Grant, record.Grant is null ? Unanswered(record.Manifest) : []);
}
