using System.Collections.Immutable;
using Sirsi.Clouds.Estates;
using Sirsi.Core.Errors;

namespace Sirsi.Clouds.Terraform;

/// <summary>Turns the instances of one input into raw resources: what they refer to by address becomes references to instances.</summary>
internal static class TerraformLinks
{
    /// <summary>The raw resources of an input, in its order.</summary>
    /// <param name="source">The input's name in the estate.</param>
    /// <param name="content">What was read from it.</param>
    /// <param name="options">Limits of fan-out.</param>
    /// <param name="diagnostics">Takes a note when a limit was met.</param>
    public static IEnumerable<RawResource> Resolve(
        string source, TerraformContent content, TerraformReaderOptions options, List<Diagnostic> diagnostics)
    {
        var index = new InstanceIndex(content.Instances);
        var resolver = new ReferenceResolver(options.TargetsPerReferenceMax);
        int cutCount = 0;
        foreach (TerraformInstance instance in content.Instances)
        {
            var references = new ReferenceSet(instance.Address, options.RelationsPerResourceMax);
            bool cut = false;
            if (content.Configuration is { } configuration) AddConfigured(instance, configuration, index, resolver, options, references, ref cut);
            foreach (string dependency in instance.Dependencies)
                foreach (ConfiguredTarget target in DependencyTargets(instance, dependency))
                    references.AddAll("", index.Find(
                        instance.Address, instance.Key, target, pairByKey: true, options.TargetsPerReferenceMax, ref cut));
            if (cut || references.WasCut) cutCount++;
            string? region = content.Configuration?.Regions.GetValueOrDefault(instance.Provider);
            yield return new RawResource
            {
                Source = source,
                Address = instance.Address,
                Group = TerraformAddress.WithoutKeys(instance.Address),
                Type = instance.Type,
                Label = instance.Label,
                Provider = instance.Provider,
                ProviderRegion = region,
                Attributes = instance.Attributes,
                References = references.ToImmutable(),
                Position = instance.Position,
            };
        }

        if (cutCount > 0)
            diagnostics.Add(new Diagnostic(CloudsErrors.RelationsCut, DiagnosticSeverity.Warning,
                $"{cutCount} resources refer to more than {options.TargetsPerReferenceMax} others at once; the rest is left out.",
                new SourcePosition(source)));
    }

    private static void AddConfigured(
        TerraformInstance instance, PlanConfiguration configuration, InstanceIndex index, ReferenceResolver resolver,
        TerraformReaderOptions options, ReferenceSet references, ref bool cut)
    {
        if (configuration.Find(TerraformAddress.WithoutKeys(instance.Address)) is not var (module, resource)) return;
        foreach (AttributeExpression expression in resource.Expressions)
        {
            bool pairByKey = expression.References.Exists(static reference =>
                reference.StartsWith("each.", StringComparison.Ordinal) || reference.StartsWith("count.", StringComparison.Ordinal));
            foreach (string reference in expression.References)
                foreach (ConfiguredTarget target in resolver.Resolve(module, reference))
                {
                    if (references.IsFull) return;
                    references.AddAll(expression.Path, index.Find(
                        instance.Address, instance.Key, target, pairByKey, options.TargetsPerReferenceMax, ref cut));
                }
        }

        foreach (string dependency in resource.DependsOn)
            foreach (ConfiguredTarget target in resolver.Resolve(module, dependency))
                references.AddAll("", index.Find(
                    instance.Address, instance.Key, target, pairByKey: true, options.TargetsPerReferenceMax, ref cut));
    }

    /// <summary>Since Terraform 0.13 dependencies are written from the root; before, from the module they are in.</summary>
    private static IEnumerable<ConfiguredTarget> DependencyTargets(TerraformInstance instance, string dependency)
    {
        if (dependency.StartsWith("data.", StringComparison.Ordinal) || dependency.Contains(".data.", StringComparison.Ordinal)) yield break;
        string address = TerraformAddress.WithoutKeys(dependency);
        yield return new ConfiguredTarget(address, "");
        string own = TerraformAddress.WithoutKeys(instance.Address);
        bool relative = own.StartsWith("module.", StringComparison.Ordinal) && !address.StartsWith("module.", StringComparison.Ordinal);
        if (!relative) yield break;
        IReadOnlyList<string> modules = TerraformAddress.ModulesOf(own, out _);
        yield return new ConfiguredTarget(string.Join('.', modules) + "." + address, "");
    }

    /// <summary>References without repeats, up to a limit.</summary>
    private sealed class ReferenceSet(string self, int max)
    {
        private readonly HashSet<RawReference> _seen = [];
        private ImmutableArray<RawReference>.Builder? _list;

        public bool WasCut { get; private set; }

        public bool IsFull => _seen.Count >= max;

        public void AddAll(string path, IEnumerable<string> targets)
        {
            foreach (string target in targets)
            {
                if (target == self) continue;
                var reference = new RawReference(path, target);
                if (_seen.Contains(reference)) continue;
                if (IsFull)
                {
                    WasCut = true;
                    return;
                }

                _seen.Add(reference);
                (_list ??= ImmutableArray.CreateBuilder<RawReference>()).Add(reference);
            }
        }

        public ImmutableArray<RawReference> ToImmutable() => _list?.ToImmutable() ?? [];
    }
}
