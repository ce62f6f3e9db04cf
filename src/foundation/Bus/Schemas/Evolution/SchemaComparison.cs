using System.Collections.Immutable;
using Google.Protobuf.Reflection;

namespace Sirsi.Bus.Schemas.Evolution;

/// <summary>One run of <see cref="SchemaEvolution.Compare"/>: what was found, and what is still to be looked at.</summary>
internal sealed class SchemaComparison
{
    private readonly ImmutableArray<SchemaDifference>.Builder _differences = ImmutableArray.CreateBuilder<SchemaDifference>();

    // Types may form circles and long chains: each pair is looked at once, from a queue.
    private readonly HashSet<(IDescriptor, IDescriptor)> _met = [];
    private readonly Queue<(IDescriptor Older, IDescriptor Newer)> _waiting = new();

    public void Enqueue(IDescriptor older, IDescriptor newer)
    {
        if (!ReferenceEquals(older, newer) && _met.Add((older, newer))) _waiting.Enqueue((older, newer));
    }

    public ImmutableArray<SchemaDifference> Run()
    {
        while (_waiting.TryDequeue(out (IDescriptor Older, IDescriptor Newer) pair))
        {
            if (pair.Older is EnumDescriptor older) EnumComparison.Compare(older, (EnumDescriptor)pair.Newer, this);
            else MessageComparison.Compare((MessageDescriptor)pair.Older, (MessageDescriptor)pair.Newer, this);
        }

        return _differences.ToImmutable();
    }

    public void Compatible(string path, string reason) => _differences.Add(new(path, SchemaImpact.Compatible, reason));

    public void Conditional(string path, string reason) => _differences.Add(new(path, SchemaImpact.Conditional, reason));

    public void Breaking(string path, string reason) => _differences.Add(new(path, SchemaImpact.Breaking, reason));
}
