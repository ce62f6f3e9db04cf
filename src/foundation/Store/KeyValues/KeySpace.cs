using System.Runtime.InteropServices;

namespace Sirsi.Store;

/// <summary>A set of keys of one project, with one numbering of changes: the context of a session, for example.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct KeySpace
{
    /// <summary>A space.</summary>
    /// <param name="scope">Whose it is.</param>
    /// <param name="name">Its name in the project: 1 to 512 bytes of UTF-8.</param>
    public KeySpace(ProjectScope scope, string name)
    {
        scope.ThrowIfEmpty(nameof(scope));
        StoreName.ThrowIfWrong(name, nameof(name));
        (Scope, Name) = (scope, name);
    }

    /// <summary>Whose it is.</summary>
    public ProjectScope Scope { get; }

    /// <summary>Its name in the project.</summary>
    public string Name { get; }

    internal SignalKey Signal => new("space", Scope, Name);

    internal void ThrowIfEmpty(string parameter)
    {
        if (Name is null) throw new ArgumentException("A space has to be named.", parameter);
    }
}
