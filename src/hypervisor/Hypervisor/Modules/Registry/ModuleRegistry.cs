using System.Collections.Immutable;
using System.Threading.Channels;
using Sirsi.Core.Hosting;
using Sirsi.Core.Plugins;

namespace Sirsi.Hypervisor.Modules.Registry;

/// <summary>
/// The modules of one machine, in a folder: versions side by side, at most one of each name active. Nothing gets in that its publisher did not sign, and nothing becomes active that asks for
/// more than a person granted. One process writes at a time; what an operation did is on disk when it completes, and a crash leaves it done or not done. Thread-safe: reading waits for nobody,
/// changes wait for each other.
/// </summary>
/// <remarks>
/// <c>objects/sha256-….wasm</c> are the entry files by digest, <c>records/NAME@VERSION.json</c> one a version, <c>records/NAME.json</c> what was active, the last at the end,
/// <c>configuration/NAME.json</c> the values of its configuration, and <c>publishers/NAME.pem</c> the public keys that are trusted, unless <see cref="ModuleRegistryOptions.Trust"/> says otherwise.
/// </remarks>
public sealed partial class ModuleRegistry : IDisposable
{
    private const int RecordBytesMax = 1 << 20;

    private readonly Channel<bool> _turn = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { AllowSynchronousContinuations = true });
    private readonly HostEnvironment _environment;
    private readonly ModuleRegistryOptions _options;
    private readonly ModuleFolder _objects;
    private readonly ModuleFolder _records;
    private readonly IModuleTrust _trust;
    private IDisposable? _lock;
    private volatile ModuleCatalog _catalog;

    private ModuleRegistry(HostEnvironment environment, string folder, ModuleRegistryOptions options)
    {
        (_environment, _options) = (environment, options);
        _objects = new ModuleFolder(environment.Files, Path.Combine(folder, "objects"));
        _records = new ModuleFolder(environment.Files, Path.Combine(folder, "records"));
        _values = new ModuleFolder(environment.Files, Path.Combine(folder, "configuration"));
        _trust = options.Trust ?? new PublisherKeys(environment.Files, Path.Combine(folder, "publishers"));
        _catalog = ModuleCatalog.Empty;
    }

    /// <summary>What of the folder could not be read, in words; those records count as absent. Empty when all is well.</summary>
    public ImmutableArray<string> Damage { get; private set; } = [];

    /// <summary>Opens the registry of a folder.</summary>
    /// <param name="environment">The machine.</param>
    /// <param name="folder">The folder; created when absent, unless it is only read.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ArgumentException">The options break rules; the message names every one.</exception>
    /// <exception cref="HypervisorException">
    /// <see cref="HypervisorErrors.ModuleRegistryInUse"/>: another process writes to it, and the message names it. <see cref="HypervisorErrors.ModuleFolderInaccessible"/>: the disk.
    /// </exception>
    public static async Task<ModuleRegistry> OpenAsync(HostEnvironment environment, string folder, ModuleRegistryOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new ModuleRegistryOptions();
        string problems = string.Join(' ', options.Problems());
        if (problems.Length > 0) throw new ArgumentException(problems, nameof(options));
        var registry = new ModuleRegistry(environment, folder, options);
        try
        {
            if (!options.IsReadOnly) registry._lock = new ModuleFolder(environment.Files, folder).Lock();
            await registry.ReadRecordsAsync(cancellation);
            registry.Release();
            return registry;
        }
        catch
        {
            registry.Dispose();
            throw;
        }
    }

    /// <summary>All versions, by name and version.</summary>
    public ImmutableArray<InstalledModule> List()
    {
        ModuleCatalog catalog = _catalog;
        return [.. catalog.Records.Select(catalog.Show)];
    }

    /// <summary>One version; without a version the active one, else the greatest.</summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.ModuleUnknown"/>: there is none; the message names what there is.</exception>
    public InstalledModule Find(string name, SemanticVersion? version = null)
    {
        ModuleCatalog catalog = _catalog;
        return catalog.Show(RecordOf(catalog, name, version));
    }

    /// <summary>Takes in the module of a folder, which holds <c>module.yaml</c> and what it names. The same module again is no failure and changes nothing.</summary>
    /// <returns>It, waiting for a person when it asks for what this module was not granted before, else granted.</returns>
    /// <exception cref="HypervisorException">
    /// <see cref="HypervisorErrors.ModuleManifestInvalid"/>, <see cref="HypervisorErrors.ModuleDigestWrong"/>, <see cref="HypervisorErrors.ModuleSignatureInvalid"/>,
    /// <see cref="HypervisorErrors.ModuleInvalid"/>: refused, with every reason. <see cref="HypervisorErrors.ModuleVersionTaken"/>: that version exists with another content.
    /// </exception>
    public Task<InstalledModule> AddAsync(string folder, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return ChangeAsync(async () =>
        {
            ModulePackage package = await ModulePackage.ReadAsync(_environment.Files, folder, _options, cancellation);
            ModuleManifest manifest = package.Manifest;
            await ThrowUnlessTrustedAsync(manifest, cancellation);
            Compile(manifest, package.Entry, new ModuleLoadOptions());
            if (_catalog.Find(manifest.Name, manifest.Version) is { } known)
            {
                if (known.Text != package.Text || known.Object != package.Digest)
                    throw Refused(HypervisorErrors.ModuleVersionTaken, manifest, "That version is there with another content.");
                await StoreAsync(package); // Adding again is how a damaged one is mended.
                return _catalog.Show(known);
            }

            await StoreAsync(package);
            DateTimeOffset now = _environment.Time.GetUtcNow();
            ModuleGrant? grant = _catalog.Unanswered(manifest).IsEmpty ? new ModuleGrant(now, "") : null;
            return await PutAsync(new ModuleRecord(manifest, package.Text, package.Digest, now, grant));
        }, cancellation);
    }

    /// <summary>Allows a version all that it asks for; without a version, the greatest one that waits.</summary>
    /// <param name="name">The module.</param>
    /// <param name="version">The version, or null.</param>
    /// <param name="by">Who decides.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<InstalledModule> GrantAsync(string name, SemanticVersion? version, string by, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(by);
        return ChangeAsync(async () =>
        {
            ModuleRecord record = RecordOf(_catalog, name, version, static record => record.Grant is null);
            return record.Grant is not null ? _catalog.Show(record) : await PutAsync(record with { Grant = new ModuleGrant(_environment.Time.GetUtcNow(), by) });
        }, cancellation);
    }

    /// <summary>Makes a granted version the active one; without a version, the greatest one that is granted. The one active before is superseded.</summary>
    /// <param name="name">The module.</param>
    /// <param name="version">The version, or null.</param>
    /// <param name="values">Values of its configuration to keep with it; null for none.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="HypervisorException">
    /// <see cref="HypervisorErrors.ModuleStateWrong"/>: it waits for a person. <see cref="HypervisorErrors.ModuleConfigurationInvalid"/>: values, those kept too, do not fit this version. Or what <see cref="VerifyAsync"/> would find.
    /// </exception>
    public Task<InstalledModule> ActivateAsync(
        string name, SemanticVersion? version = null, ImmutableDictionary<string, string>? values = null, CancellationToken cancellation = default) => ChangeAsync(async () =>
    {
        ModuleRecord record = RecordOf(_catalog, name, version, static record => record.Grant is not null);
        if (record.Grant is null)
            throw Refused(HypervisorErrors.ModuleStateWrong, record.Manifest, $"It waits for a person to grant it {string.Join(", ", _catalog.Unanswered(record.Manifest))}.");
        await KeepAsync(record.Manifest, values ?? ImmutableDictionary<string, string>.Empty, []);
        return _catalog.Active(name) == record ? _catalog.Show(record) : await SwitchAsync(record, [.. _catalog.History(name), record.Manifest.Version], cancellation);
    }, cancellation);

    /// <summary>Makes the version active that was so before the active one, which becomes granted again.</summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.ModuleStateWrong"/>: none was.</exception>
    public Task<InstalledModule> RollBackAsync(string name, CancellationToken cancellation = default) => ChangeAsync(async () =>
    {
        ModuleRecord record = RecordOf(_catalog, name, null);
        ImmutableArray<SemanticVersion> history = _catalog.History(name);
        for (int at = history.Length - 2; at >= 0; at--)
            if (_catalog.Find(name, history[at]) is { } before) return await SwitchAsync(before, history[..(at + 1)], cancellation);
        throw Refused(HypervisorErrors.ModuleStateWrong, record.Manifest, "No version was active before.");
    }, cancellation);

    /// <summary>Removes a version that is not active, and its entry file when no other version has the same.</summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.ModuleStateWrong"/>: it is active and others are there.</exception>
    public Task<InstalledModule> RemoveAsync(string name, SemanticVersion version, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(version);
        return ChangeAsync(async () =>
        {
            ModuleRecord record = RecordOf(_catalog, name, version);
            InstalledModule removed = _catalog.Show(record);
            if (removed.State is ModuleState.Active && _catalog.Names[name].Count > 1)
                throw Refused(HypervisorErrors.ModuleStateWrong, record.Manifest, "It is the active one of several: activate another, or roll back.");
            ModuleCatalog after = _catalog.Without(record);
            await _records.DeleteAsync(record.FileName, CancellationToken.None);
            if (removed.State is ModuleState.Active or ModuleState.Superseded) await WriteHistoryAsync(after, name);
            if (!after.IsUsed(record.Object)) await _objects.DeleteAsync(ObjectName(record.Object), CancellationToken.None);
            _catalog = after;
            if (!after.Names.ContainsKey(name) && !after.Values(name).IsEmpty) await WriteValuesAsync(name, after.Values(name).Clear());
            return removed;
        }, cancellation);
    }

    /// <summary>Gives the folder back.</summary>
    public void Dispose() => _lock?.Dispose();
}
