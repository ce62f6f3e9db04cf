using System.Runtime.InteropServices;

namespace Sirsi.Store;

/// <summary>Whose data it is: part of every key in the store.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Project">The project of that tenant.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ProjectScope(TenantId Tenant, ProjectId Project)
{
    internal void ThrowIfEmpty(string parameter)
    {
        if (Tenant.IsEmpty || Project.IsEmpty) throw new ArgumentException("A tenant and a project have to be named.", parameter);
    }
}
