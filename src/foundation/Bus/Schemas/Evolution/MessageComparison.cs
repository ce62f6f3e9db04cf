using Google.Protobuf.Reflection;

namespace Sirsi.Bus.Schemas.Evolution;

/// <summary>Two versions of one message.</summary>
internal static class MessageComparison
{
    public static void Compare(MessageDescriptor older, MessageDescriptor newer, SchemaComparison comparison)
    {
        Reservations oldReserved = Reservations.Of(older.ToProto()), newReserved = Reservations.Of(newer.ToProto());
        var newByNumber = newer.Fields.InFieldNumberOrder().ToDictionary(static field => field.FieldNumber);
        var newByName = newer.Fields.InFieldNumberOrder().ToDictionary(static field => field.Name, StringComparer.Ordinal);
        var kept = new List<(FieldDescriptor Older, FieldDescriptor Newer)>();
        foreach (FieldDescriptor field in older.Fields.InFieldNumberOrder())
        {
            if (newByNumber.Remove(field.FieldNumber, out FieldDescriptor? same))
            {
                kept.Add((field, same));
                FieldComparison.Compare(field, same, comparison);
                if (field.Name != same.Name) Renamed(field, same, newByName.GetValueOrDefault(field.Name), oldReserved, comparison);
            }
            else
            {
                Removed(field, newByName.GetValueOrDefault(field.Name), newReserved, comparison);
            }
        }

        foreach (FieldDescriptor field in newByNumber.Values.OrderBy(static field => field.FieldNumber)) Added(field, oldReserved, comparison);
        Oneofs(kept, comparison);
        oldReserved.ReportDropped(newReserved, older.FullName, comparison);
    }

    /// <summary>A new name is harmless in the bytes, unless a name goes to another number by it.</summary>
    private static void Renamed(
        FieldDescriptor older, FieldDescriptor newer, FieldDescriptor? elsewhere, Reservations reserved, SchemaComparison comparison)
    {
        if (elsewhere is not null) Renumbered(older, elsewhere, comparison);
        if (reserved.Has(newer.Name)) comparison.Breaking(newer.FullName, "uses a name that was reserved");
    }

    private static void Renumbered(FieldDescriptor older, FieldDescriptor elsewhere, SchemaComparison comparison) =>
        comparison.Breaking(older.FullName, $"has number {elsewhere.FieldNumber} instead of {older.FieldNumber}; numbers never change");

    private static void Removed(FieldDescriptor field, FieldDescriptor? elsewhere, Reservations reserved, SchemaComparison comparison)
    {
        if (elsewhere is not null)
        {
            Renumbered(field, elsewhere, comparison);
            return;
        }

        if (field.IsRequired) comparison.Breaking(field.FullName, "was required and is removed: old readers refuse messages without it");
        bool hasNumber = reserved.Has(field.FieldNumber), hasName = reserved.Has(field.Name);
        if (hasNumber && hasName)
        {
            comparison.Compatible(field.FullName, $"is removed; its number {field.FieldNumber} and name are reserved");
            return;
        }

        string missing = hasNumber ? "its name" : hasName ? $"its number {field.FieldNumber}" : $"its number {field.FieldNumber} and name";
        comparison.Breaking(field.FullName, $"is removed without reserving {missing}: a later field could be taken for it");
    }

    private static void Added(FieldDescriptor field, Reservations reserved, SchemaComparison comparison)
    {
        bool hadNumber = reserved.Has(field.FieldNumber), hadName = reserved.Has(field.Name);
        if (hadNumber) comparison.Breaking(field.FullName, $"uses number {field.FieldNumber}, which was reserved");
        if (hadName) comparison.Breaking(field.FullName, "uses a name that was reserved");
        if (field.IsRequired) comparison.Breaking(field.FullName, "is added as required: new readers refuse old messages");
        else if (!hadNumber && !hadName) comparison.Compatible(field.FullName, $"is added with number {field.FieldNumber}");
    }

    /// <summary>
    /// Of the fields both versions have, those that exclude each other must be the same. So one field alone may move into a new oneof or out of one, and
    /// a oneof may be renamed or get new members.
    /// </summary>
    private static void Oneofs(List<(FieldDescriptor Older, FieldDescriptor Newer)> kept, SchemaComparison comparison)
    {
        foreach (var members in kept.Where(static pair => pair.Newer.RealContainingOneof is not null)
            .GroupBy(static pair => pair.Newer.RealContainingOneof).Where(static group => Differs(group, static pair => pair.Older)))
        {
            comparison.Breaking(members.First().Older.ContainingType.FullName + "." + members.Key.Name,
                $"{Names(members)} could be set together and are in one oneof now: setting one clears the others");
        }

        foreach (var members in kept.Where(static pair => pair.Older.RealContainingOneof is not null)
            .GroupBy(static pair => pair.Older.RealContainingOneof).Where(static group => Differs(group, static pair => pair.Newer)))
        {
            comparison.Breaking(members.Key.FullName,
                $"{Names(members)} were in one oneof and can be set together now: old readers keep only the last");
        }
    }

    private static bool Differs(
        IEnumerable<(FieldDescriptor Older, FieldDescriptor Newer)> members,
        Func<(FieldDescriptor Older, FieldDescriptor Newer), FieldDescriptor> otherSide)
    {
        OneofDescriptor?[] others = [.. members.Select(member => otherSide(member).RealContainingOneof)];
        return others.Length > 1 && (others[0] is null || others.Any(other => other != others[0]));
    }

    private static string Names(IEnumerable<(FieldDescriptor Older, FieldDescriptor Newer)> members) =>
        string.Join(", ", members.Select(static member => $"'{member.Older.Name}'"));
}
