namespace Sirsi.Migration.Emitting.Terraform.Hcl;

/// <summary>
/// Attributes, blocks and comments in the order they were added. Written by <see cref="HclWriter"/>. Not thread-safe.
/// </summary>
internal sealed class HclBody
{
    private readonly List<HclItem> _items = [];

    /// <summary>What was added, in order.</summary>
    public IReadOnlyList<HclItem> Items => _items;

    /// <summary>Adds an attribute; null adds nothing.</summary>
    public HclValue? this[string name]
    {
        set
        {
            if (value is not null) _items.Add(new HclAttribute(name, value));
        }
    }

    /// <summary>Adds the attributes whose value is not null.</summary>
    public HclBody With(params ReadOnlySpan<(string Name, HclValue? Value)> attributes)
    {
        foreach ((string name, HclValue? value) in attributes) this[name] = value;
        return this;
    }

    /// <summary>Adds a block without labels and gives its body.</summary>
    public HclBody Block(string type, params ReadOnlySpan<(string Name, HclValue? Value)> attributes) =>
        Add(new HclBlock(type, [], new HclBody().With(attributes)));

    /// <summary>Adds a block with labels and gives its body.</summary>
    public HclBody Labelled(string type, IReadOnlyList<string> labels, params ReadOnlySpan<(string Name, HclValue? Value)> attributes) =>
        Add(new HclBlock(type, labels, new HclBody().With(attributes)));

    /// <summary>Adds a comment; each line of the text becomes a line of its own.</summary>
    public HclBody Comment(string text)
    {
        _items.Add(new HclComment(text));
        return this;
    }

    private HclBody Add(HclBlock block)
    {
        _items.Add(block);
        return block.Body;
    }
}

/// <summary>Something in a body.</summary>
internal abstract record HclItem;

/// <summary><c>name = value</c>.</summary>
internal sealed record HclAttribute(string Name, HclValue Value) : HclItem;

/// <summary><c>type "label" { … }</c>.</summary>
internal sealed record HclBlock(string Type, IReadOnlyList<string> Labels, HclBody Body) : HclItem;

/// <summary><c># text</c>.</summary>
internal sealed record HclComment(string Text) : HclItem;
