namespace Sirsi.Architecture.Tests;

/// <summary>Rules of the repository that matter are run, not remembered.</summary>
public sealed class RepositoryTests
{
    private const int FileLinesMax = 400;

    private static readonly string[] ForbiddenFolders = ["Utils", "Util", "Helpers", "Managers", "Models", "Interfaces", "Common", "Misc"];

    [Fact]
    public void Folders_are_named_after_what_they_are_about() =>
        Assert.Empty(Sources().SelectMany(static file => file.Split('/')).Intersect(ForbiddenFolders, StringComparer.Ordinal));

    [Fact]
    public void A_source_file_holds_one_idea_and_stays_short()
    {
        string[] tooLong = [.. Sources().Where(static file => File.ReadLines(Full(file)).Count() > FileLinesMax)];
        Assert.True(tooLong.Length == 0, $"More than {FileLinesMax} lines: {string.Join(", ", tooLong)}");
    }

    [Fact]
    public void No_source_file_holds_unfinished_marks()
    {
        string[] marks = ["TO" + "DO", "FIX" + "ME", "HA" + "CK:", "NotImplemented" + "Exception"];
        string[] unfinished = [.. Sources().Where(file => marks.Any(File.ReadAllText(Full(file)).Contains))];
        Assert.True(unfinished.Length == 0, $"Unfinished: {string.Join(", ", unfinished)}");
    }

    [Fact]
    public void Text_files_end_their_lines_the_same_way_and_end_with_one()
    {
        string[] wrong = [.. Sources().Where(static file => File.ReadAllText(Full(file)) is var text
            && (text.Contains('\r', StringComparison.Ordinal) || !text.EndsWith('\n') || text.EndsWith("\n\n", StringComparison.Ordinal)))];
        Assert.True(wrong.Length == 0, $"CR, no final line end, or more than one: {string.Join(", ", wrong)}");
    }

    [Fact]
    public void Every_link_between_documents_leads_somewhere()
    {
        var broken = new List<string>();
        foreach (string file in Documents())
            foreach (string target in Links(File.ReadAllText(file)))
                if (!Path.Exists(Path.Combine(Path.GetDirectoryName(file)!, target)))
                    broken.Add($"{Path.GetRelativePath(Repository.Root, file)} → {target}");
        Assert.True(broken.Count == 0, "Broken links: " + string.Join(", ", broken));
    }

    private static IEnumerable<string> Sources() =>
        new[] { "src", "tests", "tools", "bench" }
            .Select(static folder => Path.Combine(Repository.Root, folder))
            .Where(Directory.Exists)
            .SelectMany(static folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
            .Select(static file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
            .Where(static file => !file.Split('/').Any(static part => part is "bin" or "obj"))
            .Order(StringComparer.Ordinal);

    private static IEnumerable<string> Documents() =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Repository.Root, "*.md"));

    private static IEnumerable<string> Links(string markdown)
    {
        for (int at = markdown.IndexOf("](", StringComparison.Ordinal); at >= 0; at = markdown.IndexOf("](", at + 2, StringComparison.Ordinal))
        {
            int end = markdown.IndexOf(')', at);
            if (end < 0) yield break;
            string target = markdown[(at + 2)..end];
            if (target.Length > 0 && target[0] != '#' && !target.Contains("://", StringComparison.Ordinal))
                yield return target.Split('#')[0];
        }
    }

    private static string Full(string file) => Path.Combine(Repository.Root, file);
}
