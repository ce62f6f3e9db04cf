using System.Reflection;
using System.Runtime.Loader;
using Sirsi.Core.Errors;

namespace Sirsi.Core.Plugins;

/// <summary>Makes the plug-in that lies in a folder.</summary>
internal static class PluginFolder
{
    /// <summary>Opens a folder; gives the reason when there is no plug-in to be had, and then no context stays loaded.</summary>
    public static PluginRegistration? TryOpen(string folder, out IPlugin? plugin, out PluginLoadContext? context)
    {
        plugin = null;
        context = null;
        if (ReadManifest(folder, out PluginManifest? manifest) is { } refusal) return refusal;
        PluginId id = manifest!.Metadata.Id;
        try
        {
            context = new PluginLoadContext(folder, manifest.Assembly);
            plugin = Make(context, folder, manifest, out string? problem);
            problem ??= Disagreement(manifest.Metadata, plugin!.Metadata);
            if (problem is null) return null;
            refusal = PluginRegistration.Refused(id, CoreErrors.PluginNotLoadable, problem, folder);
        }
        catch (Exception failure) // Code of others runs here: a constructor, static initializers, the runtime's loader on their files.
        {
            Exception cause = failure is TargetInvocationException { InnerException: { } inner } ? inner : failure;
            refusal = PluginRegistration.Refused(id, CoreErrors.PluginNotLoadable, $"{cause.GetType().Name}: {cause.Message}", folder);
        }

        plugin = null;
        context?.Unload();
        context = null;
        return refusal;
    }

    private static PluginRegistration? ReadManifest(string folder, out PluginManifest? manifest)
    {
        manifest = null;
        string file = Path.Combine(folder, PluginManifest.FileName);
        try
        {
            using FileStream stream = File.OpenRead(file);
            byte[] bytes = new byte[PluginManifest.BytesMax + 1];
            int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > PluginManifest.BytesMax)
                return PluginRegistration.Refused(default, CoreErrors.PluginManifestInvalid, $"It is larger than {PluginManifest.BytesMax} bytes.", file);
            manifest = PluginManifest.Read(bytes.AsMemory(0, length), out var problems);
            return manifest is not null ? null
                : PluginRegistration.Refused(default, CoreErrors.PluginManifestInvalid, string.Join(' ', problems), file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return PluginRegistration.Refused(default, CoreErrors.PluginManifestInvalid, $"It cannot be read: {failure.Message}", file);
        }
    }

    private static IPlugin? Make(PluginLoadContext context, string folder, PluginManifest manifest, out string? problem)
    {
        Assembly assembly = context.LoadFile(Path.Combine(folder, manifest.Assembly));
        Type? type = assembly.GetType(manifest.Type, throwOnError: false);
        problem = type is null || !type.IsVisible ? $"{manifest.Assembly} holds no public type {manifest.Type}."
            : !typeof(IPlugin).IsAssignableFrom(type) ? $"{manifest.Type} is no {nameof(IPlugin)}."
            : type.IsAbstract || type.GetConstructor(Type.EmptyTypes) is null ? $"{manifest.Type} has no public constructor without parameters."
            : null;
        return problem is null ? (IPlugin)Activator.CreateInstance(type!)! : null;
    }

    private static string? Disagreement(PluginMetadata manifest, PluginMetadata? plugin)
    {
        if (plugin is null || string.Join(' ', plugin.Problems()) is { Length: > 0 }) return null; // The registry says what is wrong with it.
        bool same = manifest.Id == plugin.Id && manifest.Version == plugin.Version
            && manifest.Capabilities.ToHashSet(StringComparer.Ordinal).SetEquals(plugin.Capabilities);
        return same ? null
            : $"The manifest announces {manifest.Id} {manifest.Version} with capabilities [{string.Join(", ", manifest.Capabilities)}]; "
                + $"the plug-in says {plugin.Id} {plugin.Version} with [{string.Join(", ", plugin.Capabilities)}].";
    }
}

/// <summary>
/// The load context of one plug-in folder. What the contract speaks in (this assembly and those it references) is the host's, so that
/// types are the same on both sides; everything else is the folder's own first. Assemblies are read into memory, so that the
/// folder's files can be replaced while the plug-in runs.
/// </summary>
internal sealed class PluginLoadContext(string folder, string assembly) : AssemblyLoadContext($"plug-in {Path.GetFileName(folder)}", isCollectible: true)
{
    private static readonly HashSet<string> OfTheHost =
    [
        typeof(PluginLoadContext).Assembly.GetName().Name!,
        .. typeof(PluginLoadContext).Assembly.GetReferencedAssemblies().Select(static name => name.Name!),
    ];

    private readonly AssemblyDependencyResolver _resolver = new(Path.Combine(folder, assembly));

    public Assembly LoadFile(string path)
    {
        using var code = new MemoryStream(File.ReadAllBytes(path));
        string symbols = Path.ChangeExtension(path, ".pdb");
        using MemoryStream? debugging = File.Exists(symbols) ? new MemoryStream(File.ReadAllBytes(symbols)) : null;
        return LoadFromStream(code, debugging);
    }

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (assemblyName.Name is null || OfTheHost.Contains(assemblyName.Name)) return null;
        return _resolver.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFile(path) : null;
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;
}
