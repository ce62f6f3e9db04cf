using System.Collections;
using System.Runtime.InteropServices;

namespace Sirsi.Hypervisor.Capabilities;

/// <summary>Capabilities, each once, in the order of their texts; what a grant holds or a manifest asks for. Immutable: grants share it.</summary>
public sealed class CapabilitySet : IReadOnlyList<Capability>
{
    /// <summary>The most capabilities of a set.</summary>
    public const int CountMax = 256;

    private readonly Capability[] _capabilities;
    private readonly Dictionary<string, Section> _byAction;

    /// <summary>A set of what is given.</summary>
    /// <exception cref="HypervisorException">3040: there are more than <see cref="CountMax"/>.</exception>
    public CapabilitySet(IEnumerable<Capability> capabilities)
    {
        ArgumentNullException.ThrowIfNull(capabilities);
        _capabilities = [.. capabilities.Distinct().OrderBy(static capability => capability.Action, StringComparer.Ordinal)
            .ThenBy(static capability => capability.Scope, StringComparer.Ordinal)];
        if (_capabilities.Length > CountMax)
            throw new HypervisorException(HypervisorErrors.CapabilityInvalid, $"A set has at most {CountMax} capabilities; this one has {_capabilities.Length}.");
        _byAction = new Dictionary<string, Section>(StringComparer.Ordinal);
        for (int i = 0; i < _capabilities.Length; i++)
        {
            string action = _capabilities[i].Action;
            _byAction[action] = new Section(_byAction.TryGetValue(action, out Section begun) ? begun.First : i, i + 1);
        }
    }

    /// <summary>No capability.</summary>
    public static CapabilitySet Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _capabilities.Length;

    /// <inheritdoc/>
    public Capability this[int index] => _capabilities[index];

    /// <summary>Reads a set from texts, one a capability.</summary>
    /// <exception cref="HypervisorException">3040: some are none, and the message names each; or there are too many.</exception>
    public static CapabilitySet Parse(IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var capabilities = new List<Capability>();
        var problems = new List<string>();
        foreach (string text in texts.Take(CountMax + 1))
        {
            if (Capability.TryParse(text, out Capability? capability, out string? problem)) capabilities.Add(capability);
            else problems.Add(problem);
        }

        return problems.Count == 0
            ? new CapabilitySet(capabilities)
            : throw new HypervisorException(HypervisorErrors.CapabilityInvalid, string.Join(' ', problems));
    }

    /// <summary>Whether one of these capabilities allows all that <paramref name="capability"/> allows.</summary>
    public bool Covers(Capability capability)
    {
        ArgumentNullException.ThrowIfNull(capability);
        return _byAction.TryGetValue(capability.Action, out Section section)
            && Array.Exists(_capabilities[section.First..section.End], own => own.Covers(capability));
    }

    /// <inheritdoc/>
    public IEnumerator<Capability> GetEnumerator() => ((IEnumerable<Capability>)_capabilities).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The texts, joined by commas.</summary>
    public override string ToString() => string.Join(", ", (object[])_capabilities);

    /// <summary>The place of the first capability that allows it, or -1.</summary>
    internal int Find(string action, ReadOnlySpan<char> subject)
    {
        if (!_byAction.TryGetValue(action, out Section section)) return -1;
        for (int i = section.First; i < section.End; i++)
            if (_capabilities[i].AllowsSubject(subject)) return i;
        return -1;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Section(int First, int End);
}
