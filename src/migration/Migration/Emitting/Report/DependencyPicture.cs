using Sirsi.Clouds.Estates;

namespace Sirsi.Migration.Emitting.Report;

/// <summary>
/// What depends on what, in columns by wave. Where there are too many resources to read, those of a wave and kind become one box.
/// </summary>
internal static class DependencyPicture
{
    private const int NodesMax = 150;
    private const int ColumnMax = 18;
    private const int LayersMax = 3;
    private const int NodeWidth = 176;
    private const int NodeHeight = 30;
    private const int ColumnGap = 56;
    private const int RowGap = 8;

    public static void Write(HtmlWriter html, ReportFacts facts)
    {
        List<Node> nodes = Nodes(facts, out int[] nodeOf, out string grouping);
        Dictionary<(int From, int To), int> edges = Edges(facts, nodeOf);
        html.Write(
            $"<section id=\"dependencies\"><h2>Dependencies</h2><p class=\"intro\">What moves, in columns by wave; a line leads from a resource to what it needs. {grouping}</p>\n");
        if (nodes.Count == 0)
        {
            html.Write($"<p class=\"empty\">Nothing has to move.</p></section>\n");
            return;
        }

        Place(nodes, edges, out int width, out int height, out List<(int X, int Wave)> columns);
        html.Write(
            $"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Dependency picture\"><svg class=\"graph{(width <= 1_600 ? " fit" : "")}\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"Dependencies between resources, by wave\">\n");
        foreach ((int x, int wave) in columns) html.Write($"<text class=\"tick column\" x=\"{x}\" y=\"14\">Wave {wave}</text>");
        foreach (((int from, int to), int count) in edges.OrderBy(static edge => edge.Key))
        {
            Node a = nodes[from];
            Node b = nodes[to];
            // From the left side of what needs to the right side of what is needed; inside a column the line bends out to the left.
            int x1 = a.X;
            int y1 = a.Y + (NodeHeight / 2);
            int x2 = b.X < a.X ? b.X + NodeWidth : b.X;
            int y2 = b.Y + (NodeHeight / 2);
            int bend = b.X < a.X ? Math.Max(24, (x1 - x2) / 2) : -28;
            html.Write(
                $"\n<path data-a=\"{from}\" data-b=\"{to}\" d=\"M{x1} {y1}C{x1 - Math.Abs(bend)} {y1} {x2 + bend} {y2} {x2} {y2}\" stroke-width=\"{1 + Math.Min(2.5, Math.Log2(count) / 2)}\"/>");
        }

        for (int index = 0; index < nodes.Count; index++)
        {
            Node node = nodes[index];
            html.Write(
                $"\n<g class=\"node\" data-n=\"{index}\" tabindex=\"0\"><title>{node.Detail}</title><rect class=\"f-{node.Family}\" x=\"{node.X}\" y=\"{node.Y}\" width=\"{NodeWidth}\" height=\"{NodeHeight}\" rx=\"5\"/><text x=\"{node.X + 12}\" y=\"{node.Y + 13}\">{Short(node.Title, 21)}</text><text class=\"sub\" x=\"{node.X + 12}\" y=\"{node.Y + 24}\">{Short(node.Sub, 30)}</text></g>");
        }

        html.Write($"\n</svg></div></section>\n");
    }

    private static List<Node> Nodes(ReportFacts facts, out int[] nodeOf, out string grouping)
    {
        Estate estate = facts.Result.Estate;
        (int Index, int Wave)[] moving =
            [.. facts.Result.Plan.Waves.SelectMany(static wave => wave.ResourceIds.Select(id => (id, wave.Number)))
            .Select(pair => (Index: estate.IndexOf(pair.id), Wave: pair.Number)).Where(static pair => pair.Index >= 0)];
        nodeOf = new int[estate.Resources.Length];
        Array.Fill(nodeOf, -1);
        var nodes = new List<Node>();
        if (moving.Length <= NodesMax)
        {
            grouping = "Point at a box, or move to it with the keyboard, to see its lines.";
            foreach ((int index, int wave) in moving)
            {
                Resource resource = estate.Resources[index];
                nodeOf[index] = nodes.Count;
                nodes.Add(new(wave, resource.Kind.Family, resource.Name, ReportFacts.KindTitle(resource.Kind.Name), resource.Id));
            }

            return nodes;
        }

        // By wave and kind; where even that is too much, by family, and at last by family over all waves.
        foreach ((Func<int, int, (int, string)> key, string words) in (ReadOnlySpan<(Func<int, int, (int, string)>, string)>)
            [
                ((index, wave) => (wave, estate.Resources[index].Kind.Name), "Resources of a wave and kind share a box."),
                ((index, wave) => (wave, estate.Resources[index].Kind.Family), "Resources of a wave and family share a box."),
                ((index, _) => (1, estate.Resources[index].Kind.Name), "Resources of a kind share a box, over all waves."),
            ])
        {
            var groups = moving.GroupBy(item => key(item.Index, item.Wave)).OrderBy(static group => group.Key).ToList();
            if (groups.Count > NodesMax && !words.EndsWith("waves.", StringComparison.Ordinal)) continue;
            foreach (var group in groups)
            {
                foreach ((int index, _) in group) nodeOf[index] = nodes.Count;
                int count = group.Count();
                string family = estate.Resources[group.First().Index].Kind.Family;
                nodes.Add(new(group.Key.Item1, family,
                    count == 1 ? estate.Resources[group.First().Index].Name : Wording.Count(count, "resource"),
                    ReportFacts.KindTitle(group.Key.Item2),
                        $"{Wording.Count(count, "resource")} of {ReportFacts.KindTitle(group.Key.Item2)}"));
            }

            grouping = $"{words} {Wording.Number(moving.Length)} resources are too many to draw one by one.";
            return nodes;
        }

        grouping = "";
        return nodes;
    }

    private static Dictionary<(int From, int To), int> Edges(ReportFacts facts, int[] nodeOf)
    {
        Estate estate = facts.Result.Estate;
        // Settings and other folded parts stand for their owners.
        int Owner(int index)
        {
            if (nodeOf[index] >= 0) return nodeOf[index];
            return facts.Mappings[index]?.OwnerId is { } owner && estate.IndexOf(owner) is var place and >= 0 ? nodeOf[place] : -1;
        }

        var edges = new Dictionary<(int, int), int>();
        for (int index = 0; index < estate.Resources.Length; index++)
        {
            int from = Owner(index);
            if (from < 0) continue;
            foreach (Relation relation in estate.Resources[index].Relations)
            {
                int to = Owner(estate.IndexOf(relation.Target));
                if (to < 0 || to == from) continue;
                edges[(from, to)] = edges.GetValueOrDefault((from, to)) + 1;
            }
        }

        return edges;
    }

    private static void Place(
        List<Node> nodes, Dictionary<(int From, int To), int> edges, out int width, out int height, out List<(int X, int Wave)> columns)
    {
        ILookup<int, int> needs = edges.Keys.OrderBy(static edge => edge).ToLookup(static edge => edge.From, static edge => edge.To);
        int[] layers = Layers(nodes, needs);
        columns = [];
        int x = 0;
        int deepest = 0;
        foreach (var layer in Enumerable.Range(0,
            nodes.Count).GroupBy(index => (nodes[index].Wave, Layer: layers[index])).OrderBy(static group => group.Key))
        {
            if (columns.Count == 0 || columns[^1].Wave != layer.Key.Wave) columns.Add((x, layer.Key.Wave));
            // Near what they need: the mean height of what was placed already.
            int[] order = [.. layer.OrderBy(
                index => needs[index].Where(other => nodes[other].Placed).Select(other => (double)nodes[other].Y).DefaultIfEmpty(
                1e6).Average())
                .ThenBy(index => nodes[index].Family, StringComparer.Ordinal).ThenBy(index => nodes[index].Title, StringComparer.Ordinal)];
            for (int place = 0; place < order.Length; place++)
            {
                Node node = nodes[order[place]];
                if (place > 0 && place % ColumnMax == 0) x += NodeWidth + ColumnGap;
                node.X = x;
                node.Y = 28 + (place % ColumnMax * (NodeHeight + RowGap));
                node.Placed = true;
                deepest = Math.Max(deepest, node.Y);
            }

            x += NodeWidth + ColumnGap;
        }

        width = x - ColumnGap + 2;
        height = deepest + NodeHeight + 8;
    }

    // The longest way to a node over others of its wave, at most LayersMax - 1; what lies in a circle comes last.
    private static int[] Layers(List<Node> nodes, ILookup<int, int> needs)
    {
        var layers = new int[nodes.Count];
        var waiting = new int[nodes.Count];
        var users = new List<int>[nodes.Count];
        for (int index = 0; index < nodes.Count; index++) users[index] = [];
        for (int index = 0; index < nodes.Count; index++)
            foreach (int needed in needs[index])
                if (nodes[needed].Wave == nodes[index].Wave)
                {
                    waiting[index]++;
                    users[needed].Add(index);
                }

        var ready = new Queue<int>(Enumerable.Range(0, nodes.Count).Where(index => waiting[index] == 0));
        var done = new bool[nodes.Count];
        while (ready.TryDequeue(out int index))
        {
            done[index] = true;
            foreach (int user in users[index])
            {
                layers[user] = Math.Min(Math.Max(layers[user], layers[index] + 1), LayersMax - 1);
                if (--waiting[user] == 0) ready.Enqueue(user);
            }
        }

        for (int index = 0; index < nodes.Count; index++)
            if (!done[index]) layers[index] = LayersMax - 1;
        return layers;
    }

    private static string Short(string text, int max) => text.Length <= max ? text : $"{text[..(max - 1)]}…";

    private sealed class Node(int wave, string family, string title, string sub, string detail)
    {
        public int Wave => wave;

        public string Family => family;

        public string Title => title;

        public string Sub => sub;

        public string Detail => detail;

        public int X { get; set; }

        public int Y { get; set; }

        public bool Placed { get; set; }
    }
}
