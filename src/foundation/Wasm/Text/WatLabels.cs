namespace Sirsi.Wasm.Text;

/// <summary>The labels in scope, innermost last. Finding one by name takes the same time however deep it lies.</summary>
internal sealed class WatLabels
{
    private readonly List<(string? Name, int Shadowed)> _labels = [];
    private readonly Dictionary<string, int> _byName = new(StringComparer.Ordinal);

    internal void Clear()
    {
        _labels.Clear();
        _byName.Clear();
    }

    internal void Push(string? name)
    {
        int shadowed = -1;
        if (name is not null)
        {
            shadowed = _byName.GetValueOrDefault(name, -1);
            _byName[name] = _labels.Count;
        }

        _labels.Add((name, shadowed));
    }

    internal void Pop()
    {
        (string? name, int shadowed) = _labels[^1];
        _labels.RemoveAt(_labels.Count - 1);
        if (name is null) return;
        if (shadowed < 0) _byName.Remove(name);
        else _byName[name] = shadowed;
    }

    /// <summary>A label by name or depth, as its depth.</summary>
    internal uint Index(WatReader reader)
    {
        if (!reader.Is(WatTokenKind.Id)) return reader.U32("a label");
        WatToken token = reader.Take();
        string name = reader.IdOf(token);
        if (_byName.TryGetValue(name, out int index)) return (uint)(_labels.Count - 1 - index);
        reader.Problem(token.Start, $"unknown label ${name}");
        return 0;
    }
}
