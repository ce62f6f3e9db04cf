using System.Collections.Immutable;
using Google.Protobuf.Reflection;

namespace Sirsi.Bus.Schemas.Evolution;

/// <summary>
/// Holds two versions of a message against each other. Readers and writers of both live at the same time, and logs keep old events, so each
/// must read what the other writes. The rules are those of protobuf.dev, "Language Guide", sections "Updating A Message Type",
/// "Deleting Fields" and "Updating Enum Definitions"; where they say "safe if …" the impact is <see cref="SchemaImpact.Conditional"/>.
/// </summary>
public static class SchemaEvolution
{
    /// <summary>
    /// Every difference in the message and in all messages and enumerations it leads to, those first that lie nearer to it; empty when they are the
    /// same but for comments and options. Takes time in proportion to the larger of the two. Safe for threads.
    /// </summary>
    /// <param name="older">The version with the lower number.</param>
    /// <param name="newer">The version with the higher number.</param>
    public static ImmutableArray<SchemaDifference> Compare(MessageDescriptor older, MessageDescriptor newer)
    {
        ArgumentNullException.ThrowIfNull(older);
        ArgumentNullException.ThrowIfNull(newer);
        var comparison = new SchemaComparison();
        if (older.FullName != newer.FullName)
            comparison.Breaking(older.FullName, $"is another message now, {newer.FullName}");
        comparison.Enqueue(older, newer);
        return comparison.Run();
    }
}
