using Google.Protobuf.Reflection;

namespace Sirsi.Bus.Schemas.Evolution;

/// <summary>Two versions of one enumeration. Its own name is not on the wire and does not matter.</summary>
internal static class EnumComparison
{
    public static void Compare(EnumDescriptor older, EnumDescriptor newer, SchemaComparison comparison)
    {
        Reservations oldReserved = Reservations.Of(older.ToProto()), newReserved = Reservations.Of(newer.ToProto());
        ILookup<int, string> oldNames = Names(older), newNames = Names(newer);
        var numbers = newer.Values.ToDictionary(static value => value.Name, static value => value.Number, StringComparer.Ordinal);
        foreach (IGrouping<int, string> value in oldNames)
        {
            if (newNames.Contains(value.Key)) Renamed(older, value, newNames[value.Key], numbers, comparison);
            else Removed(older, value, numbers, newReserved, comparison);
        }

        foreach (IGrouping<int, string> value in newNames) Added(older, value, oldNames.Contains(value.Key), oldReserved, comparison);
        oldReserved.ReportDropped(newReserved, older.FullName, comparison);
    }

    private static void Added(EnumDescriptor older, IGrouping<int, string> value, bool isKnown, Reservations reserved, SchemaComparison comparison)
    {
        string path = $"{older.FullName}.{value.First()}";
        if (reserved.Has(value.Key)) comparison.Breaking(path, $"uses number {value.Key}, which was reserved");
        else if (value.FirstOrDefault(reserved.Has) is { } name) comparison.Breaking($"{older.FullName}.{name}", "uses a name that was reserved");
        else if (!isKnown) comparison.Compatible(path, $"is added with number {value.Key}; old readers keep the number");
    }

    private static void Removed(
        EnumDescriptor older, IGrouping<int, string> value, Dictionary<string, int> numbers, Reservations reserved, SchemaComparison comparison)
    {
        string path = $"{older.FullName}.{value.First()}";
        if (value.FirstOrDefault(numbers.ContainsKey) is { } moved)
            Moved($"{older.FullName}.{moved}", value.Key, numbers[moved], comparison);
        else if (reserved.Has(value.Key) && value.All(reserved.Has))
            comparison.Compatible(path, $"is removed; its number {value.Key} and name are reserved");
        else
            comparison.Breaking(path, $"is removed without reserving its number {value.Key} and name: a later value could be taken for it");
    }

    /// <summary>Names of one number (several are aliases) that are gone from it.</summary>
    private static void Renamed(
        EnumDescriptor older, IGrouping<int, string> value, IEnumerable<string> now, Dictionary<string, int> numbers, SchemaComparison comparison)
    {
        foreach (string name in value.Except(now, StringComparer.Ordinal))
        {
            string path = $"{older.FullName}.{name}";
            if (numbers.TryGetValue(name, out int elsewhere)) Moved(path, value.Key, elsewhere, comparison);
            else comparison.Conditional(path, $"number {value.Key} is called '{now.First()}' now: the bytes are the same, JSON and text are not");
        }
    }

    private static void Moved(string path, int from, int to, SchemaComparison comparison) =>
        comparison.Breaking(path, $"has number {to} instead of {from}; numbers never change");

    private static ILookup<int, string> Names(EnumDescriptor enumeration) =>
        enumeration.Values.ToLookup(static value => value.Number, static value => value.Name);
}
