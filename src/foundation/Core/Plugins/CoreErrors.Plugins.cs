namespace Sirsi.Core.Errors;

public static partial class CoreErrors
{
    /// <summary>A plug-in of that id is registered already.</summary>
    public static ErrorCode PluginDuplicate { get; } = new(
        1030, "Plug-in is registered already", "Unload the other one first, or reload it if this is its new version.");

    /// <summary>The plug-in is made for other versions of the host.</summary>
    public static ErrorCode PluginIncompatible { get; } = new(
        1031, "Plug-in does not fit this version", "Use a version of the plug-in that is made for this version of SirsiNexus.");

    /// <summary>What the plug-in says about itself breaks rules.</summary>
    public static ErrorCode PluginMetadataInvalid { get; } = new(
        1032, "Description of a plug-in is not valid", "Mend every field the message names in the plug-in's metadata.");

    /// <summary>No plug-in of that id is registered.</summary>
    public static ErrorCode PluginUnknown { get; } = new(
        1033, "No such plug-in", "'sirsi plugins' lists the plug-ins there are.");

    /// <summary>A plug-in cannot go from its state to the one asked for.</summary>
    public static ErrorCode PluginTransitionIllegal { get; } = new(
        1034, "Plug-in cannot change to that state", "Take it through the states in between: Loaded, Ready, Active, Paused, Unloaded.");

    /// <summary>Only active plug-ins execute.</summary>
    public static ErrorCode PluginNotActive { get; } = new(
        1035, "Plug-in is not active", "Activate or resume it first.");

    /// <summary>A plug-in failed at what it was asked to do.</summary>
    public static ErrorCode PluginFailed { get; } = new(
        1036, "Plug-in failed", "See the message of the plug-in; if it does not help, ask its author.");

    /// <summary>A plug-in took longer than it may.</summary>
    public static ErrorCode PluginTimedOut { get; } = new(
        1037, "Plug-in took too long", "Give it less to do at once or raise the time-out.");

    /// <summary>A plug-in does not end what it is doing.</summary>
    public static ErrorCode PluginStillRunning { get; } = new(
        1038, "Plug-in is still running", "It ignores cancellation; try again later, or restart the process to be rid of it.");

    /// <summary>The manifest of a plug-in folder cannot be used.</summary>
    public static ErrorCode PluginManifestInvalid { get; } = new(
        1039, "Manifest of a plug-in is not valid", "Mend every field of plugin.json the message names.");

    /// <summary>The assembly of a plug-in folder cannot be used.</summary>
    public static ErrorCode PluginNotLoadable { get; } = new(
        1040, "Plug-in cannot be loaded", "Check that its folder holds the assembly, all it depends on, and the named public type.");
}
