namespace Sirsi.Clouds.Terraform;

/// <summary>
/// Finds the instances a configured address means, seen from another instance: inside the module instances the two share, the same
/// ones; elsewhere all of them. Built in one pass; each look-up costs no more than its answer. Not thread-safe.
/// </summary>
internal sealed class InstanceIndex
{
    private readonly HashSet<string> _addresses = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _groups = new(StringComparer.Ordinal);

    public InstanceIndex(IReadOnlyList<TerraformInstance> instances)
    {
        foreach (TerraformInstance instance in instances)
        {
            _addresses.Add(instance.Address);
            IReadOnlyList<string> modules = TerraformAddress.ModulesOf(instance.Address, out _);
            // Alone under its own address, it needs no group; one with an index anywhere can be meant without it.
            if (instance.Key.Length == 0 && modules.Count == 0) continue;
            string shared = "";
            Register(shared, TerraformAddress.WithoutKeys(instance.Address), instance.Address);
            for (int depth = 0; depth < modules.Count; depth++)
            {
                shared = shared.Length == 0 ? modules[depth] : shared + "." + modules[depth];
                string rest = instance.Address[(shared.Length + 1)..];
                Register(shared, TerraformAddress.WithoutKeys(rest), instance.Address);
            }
        }
    }

    /// <summary>The addresses a target means, at most <paramref name="max"/>.</summary>
    /// <param name="source">The address of the instance that refers.</param>
    /// <param name="sourceKey">Its index.</param>
    /// <param name="target">What it refers to.</param>
    /// <param name="pairByKey">Whether the instance of the same index is meant where there is one (<c>each.key</c>, <c>count.index</c>).</param>
    /// <param name="max">How many are wanted at most.</param>
    /// <param name="cut">Set when there were more.</param>
    public IEnumerable<string> Find(
        string source, string sourceKey, ConfiguredTarget target, bool pairByKey, int max, ref bool cut)
    {
        IReadOnlyList<string> own = TerraformAddress.ModulesOf(source, out _);
        IReadOnlyList<string> wanted = TerraformAddress.ModulesOf(target.Address, out int resourceStart);
        int common = 0;
        while (common < own.Count && common < wanted.Count && TerraformAddress.WithoutKeys(own[common]) == wanted[common]) common++;
        string shared = string.Join('.', own.Take(common));
        string rest = string.Join('.', [.. wanted.Skip(common), target.Address[resourceStart..]]);
        string exact = shared.Length == 0 ? rest : shared + "." + rest;
        if (target.Key.Length > 0 && _addresses.Contains(exact + target.Key)) return [exact + target.Key];
        if (_addresses.Contains(exact)) return [exact];
        if (pairByKey && sourceKey.Length > 0 && _addresses.Contains(exact + sourceKey)) return [exact + sourceKey];
        if (!_groups.TryGetValue(GroupKey(shared, rest), out List<string>? group)) return [];
        cut |= group.Count > max;
        return group.Take(max);
    }

    private void Register(string shared, string rest, string address)
    {
        string key = GroupKey(shared, rest);
        if (!_groups.TryGetValue(key, out List<string>? group)) _groups.Add(key, group = []);
        group.Add(address);
    }

    private static string GroupKey(string shared, string rest) => shared + "|" + rest;
}
