namespace Sirsi.Hypervisor.Modules;

/// <summary>What the host runs of a module.</summary>
public enum ModuleKind
{
    /// <summary>A plug-in of the Extism ABI: the host calls its exports, and its memory lives from turn to turn.</summary>
    Plugin,

    /// <summary>
    /// A command of WASI preview 1: it has <c>_start</c>, imports WASI, nothing of Extism, and exports none of the host's handlers. It runs anew for each message, from standard input to standard output.
    /// </summary>
    Command,
}
