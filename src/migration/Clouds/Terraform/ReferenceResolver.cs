namespace Sirsi.Clouds.Terraform;

/// <summary>A resource that an expression leads to, as a configuration names it.</summary>
/// <param name="Address">Its address without indexes, from the root.</param>
/// <param name="Key">The index the expression names, with brackets; empty when none.</param>
internal readonly record struct ConfiguredTarget(string Address, string Key);

/// <summary>
/// Follows the references of a configuration through variables and outputs of modules to resources. Each variable and output is
/// followed once, and none leads to more than a limited number of resources, so the work is linear in the configuration even where
/// modules multiply each other. Not thread-safe.
/// </summary>
internal sealed class ReferenceResolver(int targetsMax)
{
    private const int StepsMax = 64;

    private readonly Dictionary<(ModuleConfiguration Module, string Name), List<ConfiguredTarget>> _known = [];

    /// <summary>The resources one reference (<c>aws_subnet.a[0].id</c>, <c>module.vpc.subnets</c>, <c>var.x</c>) leads to.</summary>
    public IReadOnlyList<ConfiguredTarget> Resolve(ModuleConfiguration module, string reference) => Follow(module, reference, StepsMax);

    private List<ConfiguredTarget> Follow(ModuleConfiguration module, string reference, int steps)
    {
        string[] parts = Parts(reference);
        if (parts.Length < 2 || steps == 0) return [];
        switch (parts[0])
        {
            case "each" or "count" or "path" or "local" or "self" or "terraform" or "data":
                // Locals are not in a plan; their references are lost.
                return [];
            case "var":
                return module.Parent is { } parent && parent.Calls.TryGetValue(module.Call, out ModuleCall? own)
                    && own.Inputs.TryGetValue(parts[1], out List<string>? inputs)
                    ? FollowAll(module, "var." + parts[1], parent, inputs, steps)
                    : [];
            case "module":
                string callName = WithoutKey(parts[1], out _);
                return parts.Length > 2 && module.Calls.TryGetValue(callName, out ModuleCall? call)
                    && call.Module.Outputs.TryGetValue(WithoutKey(parts[2], out _), out List<string>? outputs)
                    ? FollowAll(call.Module, "output." + parts[2], call.Module, outputs, steps)
                    : [];
            default:
                string resource = parts[0] + "." + WithoutKey(parts[1], out string key);
                return module.Resources.ContainsKey(resource)
                    ? [new ConfiguredTarget(module.Path.Length == 0 ? resource : module.Path + "." + resource, key)]
                    : [];
        }
    }

    private List<ConfiguredTarget> FollowAll(
        ModuleConfiguration owner, string name, ModuleConfiguration scope, List<string> references, int steps)
    {
        if (_known.TryGetValue((owner, name), out List<ConfiguredTarget>? known)) return known;
        var targets = new List<ConfiguredTarget>();
        // Put there first: a circle finds it unfinished and ends.
        _known.Add((owner, name), targets);
        var seen = new HashSet<ConfiguredTarget>();
        foreach (string reference in references)
        {
            foreach (ConfiguredTarget target in Follow(scope, reference, steps - 1).ToArray())
            {
                if (targets.Count >= targetsMax) return targets;
                if (seen.Add(target)) targets.Add(target);
            }
        }

        return targets;
    }

    /// <summary>Splits at dots outside brackets: for_each keys may hold dots.</summary>
    private static string[] Parts(string reference)
    {
        var parts = new List<string>(4);
        int start = 0;
        bool quoted = false;
        int depth = 0;
        for (int at = 0; at < reference.Length; at++)
        {
            char character = reference[at];
            if (quoted && character == '\\') at++;
            else if (character == '"') quoted = !quoted;
            else if (!quoted && character == '[') depth++;
            else if (!quoted && character == ']') depth--;
            else if (!quoted && depth == 0 && character == '.')
            {
                parts.Add(reference[start..at]);
                start = at + 1;
            }
        }

        parts.Add(reference[start..]);
        return [.. parts];
    }

    private static string WithoutKey(string part, out string key)
    {
        int open = part.IndexOf('[', StringComparison.Ordinal);
        key = open < 0 ? "" : part[open..];
        return open < 0 ? part : part[..open];
    }
}
