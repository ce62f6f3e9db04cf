using System.Collections.Immutable;
using Sirsi.Core.Cryptography;
using Sirsi.Core.Plugins;

namespace Sirsi.Hypervisor.Modules.Registry;

/// <content>What is taken out: bytes are checked against their digest, and signatures against today's trust, each time.</content>
public sealed partial class ModuleRegistry
{
    /// <summary>Loads the active version of a module, within the limits of its manifest.</summary>
    /// <param name="name">The module.</param>
    /// <param name="options">What the host gives it.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="HypervisorException">
    /// <see cref="HypervisorErrors.ModuleUnknown"/>, <see cref="HypervisorErrors.ModuleStateWrong"/>: none is active. <see cref="HypervisorErrors.ModuleDamaged"/>,
    /// <see cref="HypervisorErrors.ModuleSignatureInvalid"/>: it is not to be trusted any more. <see cref="HypervisorErrors.ModuleConfigurationInvalid"/>: values are missing or do not fit; all
    /// are named.
    /// </exception>
    public async Task<LoadedModule> LoadActiveAsync(string name, ModuleLoadOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new ModuleLoadOptions();
        ModuleCatalog catalog = _catalog;
        ModuleRecord any = RecordOf(catalog, name, null);
        if (catalog.Active(name) is not { } record) throw Refused(HypervisorErrors.ModuleStateWrong, any.Manifest, "No version of the module is active.");
        return await LoadAsync(record, options with { Configuration = Configure(record.Manifest, options.Configuration) }, cancellation);
    }

    /// <summary>Looks at everything that is kept of a version; without a version, of the active one, else of the greatest.</summary>
    /// <returns>What is wrong with it, in words; empty when it is sound.</returns>
    public async Task<ImmutableArray<string>> VerifyAsync(string name, SemanticVersion? version = null, CancellationToken cancellation = default)
    {
        ModuleRecord record = RecordOf(_catalog, name, version);
        var problems = ImmutableArray.CreateBuilder<string>();
        if (await DistrustAsync(record.Manifest, cancellation) is { } distrust) problems.Add(distrust);
        try
        {
            Compile(record.Manifest, await EntryAsync(record, cancellation), new ModuleLoadOptions());
        }
        catch (HypervisorException failure) when (failure.Code == HypervisorErrors.ModuleDamaged || failure.Code == HypervisorErrors.ModuleInvalid)
        {
            problems.Add(failure.Message);
        }

        return problems.ToImmutable();
    }

    /// <summary>What a version imports, exports and would be able to do; without a version, the active one, else the greatest.</summary>
    public async Task<ModuleInspection> InspectAsync(string name, SemanticVersion? version = null, CancellationToken cancellation = default)
    {
        ModuleRecord record = RecordOf(_catalog, name, version);
        return ModuleInspection.Of(await EntryAsync(record, cancellation), _environment.Time, record.Manifest);
    }

    private async Task<LoadedModule> LoadAsync(ModuleRecord record, ModuleLoadOptions options, CancellationToken cancellation)
    {
        await ThrowUnlessTrustedAsync(record.Manifest, cancellation);
        return new LoadedModule(Compile(record.Manifest, await EntryAsync(record, cancellation), options), record.Manifest);
    }

    private async Task<byte[]> EntryAsync(ModuleRecord record, CancellationToken cancellation)
    {
        byte[]? bytes = await _objects.ReadAsync(ObjectName(record.Object), int.MaxValue, cancellation);
        string? damage = bytes is null ? "its entry file is gone"
            : Sha256.Of(bytes) != record.Object ? "its entry file is not what was added"
            : record.Manifest.Digest is { } named && named != record.Object ? "its record names another entry file than its manifest"
            : null;
        return damage is null ? bytes! : throw Refused(HypervisorErrors.ModuleDamaged, record.Manifest, $"In {_objects.Path} {damage}.");
    }

    private AgentModule Compile(ModuleManifest manifest, byte[] entry, ModuleLoadOptions options)
    {
        var limits = new ModuleLimits
        {
            MemoryBytesMax = (long)manifest.Limits.MemoryMiB << 20,
            TurnTimeout = TimeSpan.FromSeconds(manifest.Limits.DeadlineSeconds),
            FuelPerTurn = manifest.Limits.FuelPerTurn,
            AllowedHosts = manifest.Network,
        };
        return AgentModule.Load(entry, options.Configuration, _environment.Time, limits, options.Log);
    }
}
