using Sirsi.Hypervisor.Contexts;
using Sirsi.Hypervisor.Durability;

namespace Sirsi.Simulation.Tests.Mistakes;

/// <summary>A fact of a record.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Bytes">All of it.</param>
internal sealed record Fact(FactKind Kind, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Takes a record apart: where a fact ends is known to whoever applies it.</summary>
    public static List<Fact> Of(ReadOnlyMemory<byte> record)
    {
        var facts = new List<Fact>();
        var image = new HostImage(deadLettersMax: 0, new ContextOptions());
        while (!record.IsEmpty)
        {
            var reader = new FactReader(record.Span);
            image.Apply(ref reader);
            int length = record.Length - reader.Left.Length;
            facts.Add(new Fact((FactKind)record.Span[0], record[..length]));
            record = record[length..];
        }

        return facts;
    }

    /// <summary>Puts a record together.</summary>
    public static ReadOnlyMemory<byte> Join(IEnumerable<Fact> facts)
    {
        var writer = new FactWriter();
        foreach (Fact fact in facts) writer.Append(fact.Bytes.Span);
        return writer.Written;
    }
}
