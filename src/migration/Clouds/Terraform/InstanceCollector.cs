using Sirsi.Clouds.Estates;
using Sirsi.Core.Errors;

namespace Sirsi.Clouds.Terraform;

/// <summary>
/// Takes the instances of one input as they are read, masks their secrets, refuses more than the limit, and keeps the diagnostics.
/// One collector serves all inputs of an estate, one after the other.
/// </summary>
internal sealed class InstanceCollector(TerraformReaderOptions options)
{
    private readonly SecretMasker _masker = new();
    private List<TerraformInstance> _instances = [];
    private int _total;

    /// <summary>What was noticed in all inputs.</summary>
    public List<Diagnostic> Diagnostics { get; } = [];

    /// <summary>The instances of this input so far; a plan's later parts amend them.</summary>
    public List<TerraformInstance> Instances => _instances;

    /// <summary>Masks and keeps an instance.</summary>
    public void Add(TerraformInstance instance, SensitiveMarks? marks = null)
    {
        if (_total == options.ResourcesMax)
            throw new CloudsException(
                CloudsErrors.TooManyResources, $"{instance.Position}: there are more than {options.ResourcesMax} resources.");
        _total++;
        _instances.Add(instance with { Attributes = _masker.Mask(instance.Type, instance.Attributes, marks) });
    }

    /// <summary>Says that an entry is wrong and left out.</summary>
    public void Drop(SourcePosition position, string why) =>
        Report(CloudsErrors.ResourceDropped, DiagnosticSeverity.Error, why, position);

    /// <summary>Adds a diagnostic.</summary>
    public void Report(ErrorCode code, DiagnosticSeverity severity, string message, SourcePosition position) =>
        Diagnostics.Add(new Diagnostic(code, severity, message, position));

    /// <summary>The instances of the input just read, each address once; the collector is ready for the next input.</summary>
    public IReadOnlyList<TerraformInstance> TakeInstances()
    {
        List<TerraformInstance> taken = _instances;
        _instances = [];
        var addresses = new HashSet<string>(taken.Count, StringComparer.Ordinal);
        taken.RemoveAll(instance =>
        {
            if (addresses.Add(instance.Address)) return false;
            Report(CloudsErrors.DuplicateAddress, DiagnosticSeverity.Error,
                $"'{instance.Address}' is here a second time; the first one is kept.", instance.Position);
            return true;
        });
        return taken;
    }

    /// <summary>Forgets the input being read.</summary>
    public void Discard()
    {
        _total -= _instances.Count;
        _instances = [];
    }
}
