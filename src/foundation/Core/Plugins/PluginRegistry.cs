using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.Loader;
using System.Text.Json;
using Sirsi.Core.Errors;
using Sirsi.Core.Governing;
using Sirsi.Core.Hosting;

namespace Sirsi.Core.Plugins;

/// <summary>
/// The plug-ins of a host: takes them in, leads them through their lives, runs them under the governor. Safe for any number of
/// threads; readers see one consistent set.
/// </summary>
public sealed class PluginRegistry
{
    private readonly HostEnvironment _environment;
    private readonly ResourceGovernor _governor;
    private readonly PluginRegistryOptions _options;
    private readonly Lock _lock = new();
    private volatile ImmutableSortedDictionary<PluginId, PluginEntry> _entries = ImmutableSortedDictionary<PluginId, PluginEntry>.Empty;

    /// <summary>An empty registry.</summary>
    /// <param name="environment">What plug-ins take everything from.</param>
    /// <param name="governor">Each plug-in gets a child of it.</param>
    /// <param name="options">How plug-ins are treated.</param>
    /// <exception cref="ArgumentException">The options break rules; the message names every one.</exception>
    public PluginRegistry(HostEnvironment environment, ResourceGovernor governor, PluginRegistryOptions options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(governor);
        ArgumentNullException.ThrowIfNull(options);
        string problems = string.Join(' ', options.Problems());
        if (problems.Length > 0) throw new ArgumentException(problems, nameof(options));
        _environment = environment;
        _governor = governor;
        _options = options;
    }

    /// <summary>All plug-ins, in the order of their ids.</summary>
    public ImmutableArray<PluginListing> List() => [.. _entries.Values.Select(static entry => entry.Listing)];

    /// <summary>Takes in a plug-in made by code; it is then Loaded. Refused with a reason if its metadata are not valid, its id is taken, or it
    /// is made for other versions of the host.</summary>
    public PluginRegistration Register(IPlugin plugin)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        return Admit(plugin, origin: "code", context: null);
    }

    /// <summary>
    /// Takes in the plug-in of a folder: <c>plugin.json</c> (see <see cref="PluginManifest"/>), an assembly, and the assemblies only it
    /// uses, in a load context of its own. Refused with a reason if anything of that is missing or wrong, and as by <see cref="Register"/>.
    /// </summary>
    public PluginRegistration LoadFolder(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string path = Path.GetFullPath(folder);
        PluginRegistration? refusal = PluginFolder.TryOpen(path, out IPlugin? plugin, out PluginLoadContext? context);
        return refusal ?? Admit(plugin!, path, context);
    }

    /// <summary>Finds a plug-in that offers <typeparamref name="T"/>. Whoever keeps it, keeps its code in memory.</summary>
    public bool TryFind<T>(PluginId id, [NotNullWhen(true)] out T? plugin)
        where T : class
    {
        plugin = _entries.TryGetValue(id, out PluginEntry? entry) ? entry.Plugin as T : null;
        return plugin is not null;
    }

    /// <summary>All plug-ins that offer <typeparamref name="T"/>, in the order of their ids.</summary>
    public ImmutableArray<T> FindAll<T>()
        where T : class =>
        [.. _entries.Values.Select(static entry => entry.Plugin).OfType<T>()];

    /// <summary>Runs an active plug-in once, with a permit of its governor.</summary>
    /// <exception cref="CoreException">
    /// <see cref="CoreErrors.PluginUnknown"/>, <see cref="CoreErrors.PluginNotActive"/>, <see cref="CoreErrors.PluginFailed"/>,
    /// <see cref="CoreErrors.PluginTimedOut"/>, or a refusal of the governor.
    /// </exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task<JsonElement> ExecuteAsync(PluginId id, JsonElement input, CancellationToken cancellation)
    {
        PluginEntry entry = Find(id);
        using OperationPermit permit = await entry.Governor.AcquireAsync(OperationKind.Compute, cancellation);
        return await entry.ExecuteAsync(input, _options.ExecutionTimeout, cancellation);
    }

    /// <summary>Loaded → Ready.</summary>
    /// <exception cref="CoreException">
    /// <see cref="CoreErrors.PluginUnknown"/>, <see cref="CoreErrors.PluginTransitionIllegal"/> or <see cref="CoreErrors.PluginFailed"/>.
    /// </exception>
    public Task PrepareAsync(PluginId id, CancellationToken cancellation) => MoveAsync(id, PluginState.Ready, cancellation);

    /// <summary>Ready or Paused → Active.</summary>
    /// <inheritdoc cref="PrepareAsync"/>
    public Task ActivateAsync(PluginId id, CancellationToken cancellation) => MoveAsync(id, PluginState.Active, cancellation);

    /// <summary>Active → Paused: nothing new begins, and what runs has ended, at the latest by being cancelled.</summary>
    /// <inheritdoc cref="PrepareAsync"/>
    public Task PauseAsync(PluginId id, CancellationToken cancellation) => MoveAsync(id, PluginState.Paused, cancellation);

    /// <summary>→ Unloaded, an active plug-in by way of Paused; it is no longer listed, and its id is free.</summary>
    /// <inheritdoc cref="PrepareAsync"/>
    public async Task<PluginRemains> UnloadAsync(PluginId id, CancellationToken cancellation)
    {
        PluginEntry entry = Find(id);
        using OperationPermit turn = await entry.TakeTurnAsync(cancellation);
        await EndAsync(entry, cancellation);
        lock (_lock)
            if (_entries.TryGetValue(id, out PluginEntry? current) && current == entry) _entries = _entries.Remove(id);
        return entry.Release();
    }

    /// <summary>
    /// Loads the folder a plug-in came from anew and puts the new one in its place, in the same state: the new one is led there first, then
    /// takes over, then the old one finishes and is unloaded. If the new one is refused or fails, the old one stays as it is.
    /// </summary>
    /// <exception cref="ArgumentException">The plug-in did not come from a folder.</exception>
    /// <inheritdoc cref="PrepareAsync" path="/exception"/>
    public async Task<(PluginRegistration Registration, PluginRemains? Old)> ReloadAsync(PluginId id, CancellationToken cancellation)
    {
        PluginEntry old = Find(id);
        if (!old.IsFromFolder) throw new ArgumentException($"The plug-in {id} did not come from a folder.", nameof(id));
        using OperationPermit turn = await old.TakeTurnAsync(cancellation);
        PluginEntry? next = null;
        PluginRegistration? refusal = PluginFolder.TryOpen(old.Origin, out IPlugin? plugin, out PluginLoadContext? context);
        if (refusal is null) refusal = TryMakeEntry(plugin!, old.Origin, context, replaced: id, out next);
        if (refusal is not null)
        {
            context?.Unload();
            return (refusal, null);
        }

        try
        {
            await FollowAsync(next!, old.State, cancellation);
        }
        catch
        {
            next!.Release();
            throw;
        }

        lock (_lock) _entries = _entries.SetItem(id, next!);
        await EndAsync(old, cancellation);
        return (new PluginRegistration(id, null), old.Release());
    }

    /// <summary>Asks one plug-in how it is. Not answering in time, and failing to answer, are answers.</summary>
    /// <exception cref="CoreException"><see cref="CoreErrors.PluginUnknown"/>.</exception>
    public async Task<PluginHealthReport> CheckHealthAsync(PluginId id, CancellationToken cancellation)
    {
        PluginEntry entry = Find(id);
        long start = _environment.Time.GetTimestamp();
        PluginHealth health = await AskAsync(entry, cancellation);
        return new PluginHealthReport(id, entry.State, health, _environment.Time.GetElapsedTime(start));
    }

    /// <summary>Asks all plug-ins at once; reports in the order of their ids.</summary>
    public async Task<ImmutableArray<PluginHealthReport>> CheckHealthAsync(CancellationToken cancellation) =>
        [.. await Task.WhenAll(_entries.Values.Select(async entry =>
        {
            long start = _environment.Time.GetTimestamp();
            PluginHealth health = await AskAsync(entry, cancellation);
            return new PluginHealthReport(entry.Metadata.Id, entry.State, health, _environment.Time.GetElapsedTime(start));
        }))];

    private async Task<PluginHealth> AskAsync(PluginEntry entry, CancellationToken cancellation)
    {
        if (entry.Plugin is not { } plugin) return new PluginHealth(PluginCondition.Unhealthy, "It is unloaded.");
        using var timer = new CancellationTokenSource(_options.HealthTimeout, _environment.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
        try
        {
            // On the executor and waited for with a limit, for a plug-in may hold on to its thread and ignore its token.
            Task<PluginHealth> asking = _environment.Executor.RunAsync(() => plugin.CheckHealthAsync(either.Token).AsTask());
            return await asking.WaitAsync(either.Token) ?? new PluginHealth(PluginCondition.Unhealthy, "It said nothing.");
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested)
        {
            return new PluginHealth(PluginCondition.TimedOut, $"No answer within {_options.HealthTimeout}.");
        }
        catch (Exception failure)
        {
            return new PluginHealth(PluginCondition.Unhealthy, $"{failure.GetType().Name}: {failure.Message}");
        }
    }

    private PluginEntry Find(PluginId id) => _entries.TryGetValue(id, out PluginEntry? entry)
        ? entry
        : throw new CoreException(CoreErrors.PluginUnknown, $"There is no plug-in '{id}'.");

    private async Task MoveAsync(PluginId id, PluginState next, CancellationToken cancellation)
    {
        PluginEntry entry = Find(id);
        using OperationPermit turn = await entry.TakeTurnAsync(cancellation);
        await entry.MoveAsync(next, _options.DrainTimeout, cancellation);
    }

    private async Task EndAsync(PluginEntry entry, CancellationToken cancellation)
    {
        if (entry.State is PluginState.Active) await entry.MoveAsync(PluginState.Paused, _options.DrainTimeout, cancellation);
        await entry.MoveAsync(PluginState.Unloaded, _options.DrainTimeout, cancellation);
    }

    private async Task FollowAsync(PluginEntry entry, PluginState state, CancellationToken cancellation)
    {
        for (PluginState next = PluginState.Ready; next <= state; next++) await entry.MoveAsync(next, _options.DrainTimeout, cancellation);
    }

    private PluginRegistration Admit(IPlugin plugin, string origin, AssemblyLoadContext? context)
    {
        lock (_lock)
        {
            PluginRegistration? refusal = TryMakeEntry(plugin, origin, context, replaced: null, out PluginEntry? entry);
            if (refusal is null)
            {
                _entries = _entries.Add(entry!.Metadata.Id, entry);
                return new PluginRegistration(entry.Metadata.Id, null);
            }

            context?.Unload();
            return refusal;
        }
    }

    /// <summary>Judges a plug-in by what it says about itself; gives the reason if it is refused.</summary>
    private PluginRegistration? TryMakeEntry(
        IPlugin plugin, string origin, AssemblyLoadContext? context, PluginId? replaced, out PluginEntry? entry)
    {
        entry = null;
        PluginMetadata? metadata;
        try
        {
            metadata = plugin.Metadata;
        }
        catch (Exception failure)
        {
            return PluginRegistration.Refused(
                default, CoreErrors.PluginMetadataInvalid, $"It failed to say what it is: {failure.GetType().Name}: {failure.Message}", origin);
        }

        if (metadata is null) return PluginRegistration.Refused(default, CoreErrors.PluginMetadataInvalid, "It says nothing about itself.", origin);
        string problems = string.Join(' ', metadata.Problems());
        if (problems.Length > 0) return PluginRegistration.Refused(metadata.Id, CoreErrors.PluginMetadataInvalid, problems, origin);
        if (replaced is { } id && metadata.Id != id)
            return PluginRegistration.Refused(metadata.Id, CoreErrors.PluginMetadataInvalid, $"Its folder held {id} before, and now {metadata.Id}.", origin);
        if (replaced is null && _entries.TryGetValue(metadata.Id, out PluginEntry? other))
            return PluginRegistration.Refused(metadata.Id, CoreErrors.PluginDuplicate,
                $"{metadata.Id} {other.Metadata.Version} is registered already, from {other.Origin}.", origin);
        if (!metadata.HostVersions.Contains(_options.HostVersion))
            return PluginRegistration.Refused(metadata.Id, CoreErrors.PluginIncompatible,
                $"{metadata.Id} {metadata.Version} is made for host versions {metadata.HostVersions}; this is {_options.HostVersion}.", origin);
        ResourceGovernor governor = _governor.CreateChild($"plug-in {metadata.Id}", _options.PluginLimits);
        entry = new PluginEntry(plugin, metadata, origin, context, governor, _environment);
        return null;
    }
}
