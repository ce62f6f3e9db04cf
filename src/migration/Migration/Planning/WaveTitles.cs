using Sirsi.Clouds.Estates;

namespace Sirsi.Migration.Planning;

/// <summary>Says in a few words what a wave is about.</summary>
internal static class WaveTitles
{
    private static readonly (string Family, string Words)[] Foundations =
    [
        ("network", "network"), ("identity", "identity"), ("key", "keys"), ("vault", "keys"), ("secret", "secrets"), ("dns", "DNS"),
        ("certificate", "certificates"), ("parameter", "configuration"), ("logs", "logs"), ("container", "images"), ("compute", "images"),
        ("group", "groups"),
    ];

    /// <summary>The title of each wave; titles that would repeat are numbered.</summary>
    public static string[] Of(IReadOnlyList<int[]> waves, DependencyGraph graph, Estate estate)
    {
        string[] titles = [.. waves.Select(wave => Title([.. wave.Select(node => estate.Resources[graph.Resources[node]])]))];
        Dictionary<string, int> times = new(StringComparer.Ordinal);
        foreach (string title in titles) times[title] = times.GetValueOrDefault(title) + 1;
        Dictionary<string, int> seen = new(StringComparer.Ordinal);
        for (int index = 0; index < titles.Length; index++)
        {
            string title = titles[index];
            if (times[title] == 1) continue;
            seen[title] = seen.GetValueOrDefault(title) + 1;
            titles[index] = $"{title} ({seen[title]} of {times[title]})";
        }

        return titles;
    }

    private static string Title(Resource[] resources)
    {
        if (Array.TrueForAll(resources, static resource => KindTimes.Of(resource.Kind).Stage is Stage.Foundation))
            return Sentence(Foundation(resources));
        string[] applications = MostFrequent(resources.Select(Applications.Of).Where(static name => name.Length > 0));
        string what = Join(MostFrequent(
            resources.Where(static resource => KindTimes.Of(resource.Kind).Stage is not Stage.Foundation)
                .OrderBy(static resource => KindTimes.Of(resource.Kind).Order)
                .Select(static resource => KindTimes.Of(resource.Kind).Noun)));
        return applications.Length == 0 ? Sentence(what) : Sentence($"{Join(applications)}: {what}");
    }

    private static string Foundation(Resource[] resources)
    {
        HashSet<string> families = new(resources.Select(static resource => resource.Kind.Family), StringComparer.Ordinal);
        string[] words = [.. Foundations.Where(part => families.Contains(part.Family)).Select(static part => part.Words)
            .Distinct(StringComparer.Ordinal)];
        return Join(words.Length == 0 ? ["foundation"] : words);
    }

    private static string[] MostFrequent(IEnumerable<string> words) =>
        [.. words.GroupBy(static word => word, StringComparer.Ordinal).OrderByDescending(static group => group.Count())
            .Select(static group => group.Key)];

    private static string Join(string[] words) => words.Length switch
    {
        0 => "resources",
        1 => words[0],
        2 => $"{words[0]} and {words[1]}",
        3 => $"{words[0]}, {words[1]} and {words[2]}",
        _ => $"{words[0]}, {words[1]}, {words[2]} and {words.Length - 3} more",
    };

    private static string Sentence(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}
