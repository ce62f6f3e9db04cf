using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.Loader;
using Sirsi.Core.Errors;

namespace Sirsi.Core.Plugins;

/// <summary>Whether a plug-in was taken in; if not, why.</summary>
/// <param name="Id">Its name, as far as it was known.</param>
/// <param name="Refusal">The reason it was refused; null when it was taken in.</param>
public sealed record PluginRegistration(PluginId Id, Diagnostic? Refusal)
{
    /// <summary>Whether it was taken in.</summary>
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsAccepted => Refusal is null;

    internal static PluginRegistration Refused(PluginId id, ErrorCode code, string message, string origin) =>
        new(id, new Diagnostic(code, DiagnosticSeverity.Error, message, new SourcePosition(origin)));
}

/// <summary>One line of the list of plug-ins.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="Capabilities">The permissions it needs, in ordinal order.</param>
/// <param name="Description">What it does.</param>
/// <param name="Origin"><c>code</c>, or the folder it was loaded from.</param>
public sealed record PluginListing(
    PluginId Id, SemanticVersion Version, PluginState State, ImmutableArray<string> Capabilities, string Description, string Origin);

/// <summary>What is left of an unloaded plug-in: a way to see whether its code has left memory.</summary>
public sealed class PluginRemains
{
    private readonly WeakReference<AssemblyLoadContext>? _context;

    // Tracked beyond finalization: a context is finalized when unloading begins, and gone only when its code is.
    internal PluginRemains(AssemblyLoadContext? context) =>
        _context = context is null ? null : new WeakReference<AssemblyLoadContext>(context, trackResurrection: true);

    /// <summary>
    /// Whether its code has been freed: true after a garbage collection once nothing uses its objects or types any more. Code that was
    /// not loaded from a folder stays with the process and counts as freed.
    /// </summary>
    public bool IsFreed => _context is null || !_context.TryGetTarget(out _);
}
