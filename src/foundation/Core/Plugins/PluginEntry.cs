using System.Runtime.Loader;
using System.Text.Json;
using Sirsi.Core.Errors;
using Sirsi.Core.Governing;
using Sirsi.Core.Hosting;

namespace Sirsi.Core.Plugins;

/// <summary>
/// One plug-in in a registry: its state, and what of it runs now. Changes of state happen one at a time; executions begin and end
/// beside them. When it is unloaded it lets go of the plug-in and its load context.
/// </summary>
#pragma warning disable CA1001 // Release is its end, and disposes of all it owns.
internal sealed class PluginEntry(
    IPlugin plugin, PluginMetadata metadata, string origin, AssemblyLoadContext? context, ResourceGovernor governor, HostEnvironment environment)
#pragma warning restore CA1001
{
    private readonly Lock _lock = new();

    /// <summary>One permit: whoever holds it changes the state.</summary>
    private readonly ResourceGovernor _turn = new($"changes of plug-in {metadata.Id}", new() { PermitsMax = 1 }, environment);

    private IPlugin? _plugin = plugin;
    private AssemblyLoadContext? _context = context;
    private PluginState _state = PluginState.Loaded;
    private int _running;
    private TaskCompletionSource? _idle;
    private CancellationTokenSource _stopping = new();

    public PluginMetadata Metadata { get; } = metadata;

    public string Origin { get; } = origin;

    public bool IsFromFolder => _context is not null;

    public ResourceGovernor Governor { get; } = governor;

    public PluginState State
    {
        get
        {
            lock (_lock) return _state;
        }
    }

    /// <summary>The plug-in itself; null once unloaded.</summary>
    public IPlugin? Plugin
    {
        get
        {
            lock (_lock) return _plugin;
        }
    }

    public PluginListing Listing => new(
        Metadata.Id, Metadata.Version, State, [.. Metadata.Capabilities.Order(StringComparer.Ordinal)], Metadata.Description, Origin);

    public ValueTask<OperationPermit> TakeTurnAsync(CancellationToken cancellation) => _turn.AcquireAsync(OperationKind.Compute, cancellation);

    /// <summary>Runs the plug-in once. The caller holds a permit.</summary>
    public async Task<JsonElement> ExecuteAsync(JsonElement input, TimeSpan timeout, CancellationToken cancellation)
    {
        (IPlugin plugin, CancellationToken stopping) = Begin();
        try
        {
            using var timer = new CancellationTokenSource(timeout, environment.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, stopping, timer.Token);
            try
            {
                return await plugin.ExecuteAsync(input, either.Token);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                throw new OperationCanceledException(cancellation);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                throw new CoreException(CoreErrors.PluginNotActive, $"The plug-in {Metadata.Id} was stopped while it ran.");
            }
            catch (OperationCanceledException) when (timer.IsCancellationRequested)
            {
                throw new CoreException(CoreErrors.PluginTimedOut, $"The plug-in {Metadata.Id} did not finish within {timeout}.");
            }
            catch (Exception failure)
            {
                throw Failed("executing", failure);
            }
        }
        finally
        {
            End();
        }
    }

    /// <summary>Takes the plug-in to the next state. The caller has the turn.</summary>
    public async Task MoveAsync(PluginState next, TimeSpan drainTimeout, CancellationToken cancellation)
    {
        PluginState state = State;
        if (!PluginLifecycle.Allows(state, next) || Plugin is not { } plugin)
            throw new CoreException(CoreErrors.PluginTransitionIllegal, $"The plug-in {Metadata.Id} is {state} and cannot become {next}.");
        if (next is PluginState.Paused)
        {
            SetState(next); // First of all, so that nothing new begins while the rest ends.
            await DrainAsync(drainTimeout, cancellation);
        }
        else if (next is PluginState.Unloaded) await DrainAsync(drainTimeout, cancellation);

        try
        {
            await (next switch
            {
                PluginState.Ready => plugin.PrepareAsync(environment, cancellation),
                PluginState.Active => plugin.ActivateAsync(cancellation),
                PluginState.Paused => plugin.PauseAsync(cancellation),
                _ => plugin.UnloadAsync(cancellation),
            });
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            throw Failed($"becoming {next}", failure);
        }

        SetState(next);
    }

    /// <summary>Lets go of the unloaded plug-in, so that its code can leave memory.</summary>
    public PluginRemains Release()
    {
        AssemblyLoadContext? loaded;
        lock (_lock)
        {
            loaded = _context;
            _context = null;
            _plugin = null;
            _state = PluginState.Unloaded;
        }

        Governor.Dispose();
        _turn.Dispose();
        _stopping.Dispose();
        loaded?.Unload();
        return new PluginRemains(loaded);
    }

    private (IPlugin Plugin, CancellationToken Stopping) Begin()
    {
        lock (_lock)
        {
            if (_state is not PluginState.Active)
                throw new CoreException(CoreErrors.PluginNotActive, $"The plug-in {Metadata.Id} is {_state}; only active ones execute.");
            _running++;
            return (_plugin!, _stopping.Token);
        }
    }

    private void End()
    {
        lock (_lock)
        {
            if (--_running > 0 || _idle is not { } idle) return;
            _idle = null;
            environment.Executor.Post(static state => ((TaskCompletionSource)state!).TrySetResult(), idle);
        }
    }

    /// <summary>Waits until nothing runs: first patiently, then after cancelling.</summary>
    private async Task DrainAsync(TimeSpan timeout, CancellationToken cancellation)
    {
        for (int attempt = 0; attempt < 2; attempt++)
        {
            Task idle;
            lock (_lock)
            {
                if (_running == 0) return;
                idle = (_idle ??= new TaskCompletionSource()).Task;
            }

            try
            {
                await idle.WaitAsync(timeout, environment.Time, cancellation);
                return;
            }
            catch (TimeoutException)
            {
                StopRunning();
            }
        }

        throw new CoreException(
            CoreErrors.PluginStillRunning, $"The plug-in {Metadata.Id} still runs {timeout} after it was told to stop; it executes nothing new.");
    }

    private void StopRunning() => _stopping.Cancel();

    private void SetState(PluginState state)
    {
        lock (_lock)
        {
            _state = state;
            if (state is not PluginState.Active || !_stopping.IsCancellationRequested) return;
            _stopping.Dispose();
            _stopping = new CancellationTokenSource();
        }
    }

    private CoreException Failed(string doing, Exception failure) =>
        new(CoreErrors.PluginFailed, $"The plug-in {Metadata.Id} failed {doing}: {failure.GetType().Name}: {failure.Message}", failure);
}
