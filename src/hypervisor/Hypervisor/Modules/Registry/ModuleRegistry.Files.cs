using System.Collections.Immutable;
using Sirsi.Core.Cryptography;
using Sirsi.Core.Errors;
using Sirsi.Core.Plugins;

namespace Sirsi.Hypervisor.Modules.Registry;

/// <content>Changes one after another, and their files.</content>
public sealed partial class ModuleRegistry
{
    private static string ObjectName(Sha256 digest) => $"{digest.ToString().Replace(':', '-')}.wasm";

    private static HypervisorException Refused(ErrorCode code, ModuleManifest manifest, string reason) => new(code, $"{manifest.Name}@{manifest.Version}: {reason}");

    /// <summary>The version asked for; without one the greatest that <paramref name="isMeant"/> says, else the active one, else the greatest.</summary>
    private static ModuleRecord RecordOf(ModuleCatalog catalog, string name, SemanticVersion? version, Func<ModuleRecord, bool>? isMeant = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!catalog.Names.TryGetValue(name, out var versions))
            throw new HypervisorException(HypervisorErrors.ModuleUnknown, $"There is no module '{name}'; {NearestName.Hint(name, [.. catalog.Names.Keys])}.");
        if (version is not null)
            return versions.GetValueOrDefault(version) ?? throw new HypervisorException(
                HypervisorErrors.ModuleUnknown, $"There is no version {version} of '{name}'; there are {string.Join(", ", versions.Keys)}.");
        ModuleRecord? meant = isMeant is null ? null : versions.Values.LastOrDefault(isMeant);
        return meant ?? catalog.Active(name) ?? versions.Values.Last();
    }

    /// <summary>Does one change at a time. Once it writes it is not given up: what is on disk and what is in memory stay the same.</summary>
    private async Task<InstalledModule> ChangeAsync(Func<Task<InstalledModule>> change, CancellationToken cancellation)
    {
        if (_lock is null) throw new InvalidOperationException("The registry was opened to be read only.");
        await _turn.Reader.ReadAsync(cancellation);
        try
        {
            return await change();
        }
        finally
        {
            Release();
        }
    }

    private void Release() => _turn.Writer.TryWrite(true);

    private async Task ReadRecordsAsync(CancellationToken cancellation)
    {
        var damage = ImmutableArray.CreateBuilder<string>();
        ModuleCatalog catalog = _catalog;
        foreach (string file in _records.List())
        {
            try
            {
                byte[] bytes = await _records.ReadAsync(file, RecordBytesMax, cancellation) ?? [];
                catalog = file.Contains('@', StringComparison.Ordinal)
                    ? catalog.With(ModuleRecord.Read(bytes, file))
                    : catalog.WithHistory(Path.GetFileNameWithoutExtension(file), ModuleRecord.ReadHistory(bytes));
            }
            catch (FormatException failure)
            {
                damage.Add($"{Path.Combine(_records.Path, file)}: {failure.Message}");
            }
        }

        catalog = await ReadValuesAsync(catalog, damage, cancellation);
        (_catalog, Damage) = (catalog, damage.ToImmutable());
    }

    private async Task StoreAsync(ModulePackage package)
    {
        string file = ObjectName(package.Digest);
        if (await _objects.ReadAsync(file, int.MaxValue, CancellationToken.None) is { } there && Sha256.Of(there) == package.Digest) return;
        await _objects.WriteAsync(file, package.Entry, CancellationToken.None);
    }

    private async Task<InstalledModule> PutAsync(ModuleRecord record)
    {
        await _records.WriteAsync(record.FileName, record.ToJson(), CancellationToken.None);
        _catalog = _catalog.With(record);
        return _catalog.Show(record);
    }

    private async Task<InstalledModule> SwitchAsync(ModuleRecord record, ImmutableArray<SemanticVersion> history, CancellationToken cancellation)
    {
        await LoadAsync(record, new ModuleLoadOptions(), cancellation);
        ModuleCatalog after = _catalog.WithHistory(record.Manifest.Name, history);
        await WriteHistoryAsync(after, record.Manifest.Name);
        _catalog = after;
        return after.Show(record);
    }

    /// <summary>One renaming makes one version active in place of another: no crash leaves two, or none.</summary>
    private async Task WriteHistoryAsync(ModuleCatalog catalog, string name)
    {
        if (catalog.History(name).IsEmpty) await _records.DeleteAsync(name + ".json", CancellationToken.None);
        else await _records.WriteAsync(name + ".json", ModuleRecord.HistoryToJson(catalog.History(name)), CancellationToken.None);
    }
}
