using Sirsi.Clouds.Estates;

namespace Sirsi.Clouds.Expressions;

/// <summary>Where names are looked up: the items of the lists being walked, innermost first, then the scope, then the outer scope.</summary>
internal readonly struct Scope(AttributeMap first, AttributeMap? outer, Frame? frame)
{
    public Frame? Frame => frame;

    public AttributeValue this[string name]
    {
        get
        {
            for (Frame? inner = frame; inner is not null; inner = inner.Parent)
                if (inner.Item.AsMap is { } item && item.Contains(name))
                    return item[name];
            if (outer is null) return first[name];
            return first.Contains(name) ? first[name] : outer[name];
        }
    }

    public Scope Within(Frame inner) => new(first, outer, inner);
}

/// <summary>The item a list function is at. One frame serves a whole walk, so a walk costs one allocation.</summary>
internal sealed class Frame
{
    private readonly Frame _root;
    private int _visits;

    public Frame(Frame? parent) => (Parent, _root) = (parent, parent?._root ?? this);

    public Frame? Parent { get; }

    public AttributeValue Item { get; private set; }

    /// <summary>Goes to an item; false when the evaluation has visited as many as it may.</summary>
    public bool Visit(AttributeValue item)
    {
        Item = item;
        return ++_root._visits <= Expression.VisitsMax;
    }
}
