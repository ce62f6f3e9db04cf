using System.Text;
using System.Text.RegularExpressions;
using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Migration.Emitting.Report;
using Sirsi.Migration.Emitting.Runbook;

namespace Sirsi.Migration.Tests.Emitting;

public sealed partial class ReportWriterTests
{
    private const string Hostile =
        "</script><script>alert(1)</script>\"onmouseover='x' <img src=x onerror=y> &amp; | `code` *b* [l](javascript:1)\n# h";

    [Theory]
    [InlineData("summary")]
    [InlineData("cost")]
    [InlineData("findings")]
    [InlineData("mapping")]
    [InlineData("dependencies")]
    [InlineData("waves")]
    [InlineData("decisions")]
    [InlineData("assumptions")]
    public async Task The_report_has_every_section(string section) =>
        Assert.Contains($"<section id=\"{section}\"", Html(await SampleRuns.OfAsync("shop.tfstate", Cloud.Azure)));

    [Fact]
    public async Task The_report_needs_nothing_from_elsewhere()
    {
        string html = Html(await SampleRuns.OfAsync("shop.tfstate", Cloud.Azure));

        Assert.DoesNotMatch(@"(src|href)=""(?!#)", html);
        Assert.DoesNotContain("@import", html);
        Assert.DoesNotContain("url(", html);
        Assert.Contains("default-src 'none'", html);
        Assert.DoesNotContain(" style=", html);
    }

    [Fact]
    public void Hostile_names_stay_text()
    {
        string html = Html(SampleRuns.Of(HostileEstate(), Cloud.Azure));

        Assert.Single(Script().Matches(html));
        Assert.DoesNotContain("<img", html);
        Assert.DoesNotMatch(@"<[^>]*""onmouseover", html);
        Assert.Contains("&lt;/script&gt;&lt;script&gt;alert(1)", html);
    }

    [Fact]
    public void The_tags_of_the_report_are_balanced_even_with_hostile_names()
    {
        string html = Html(SampleRuns.Of(HostileEstate(), Cloud.Azure));
        int body = html.IndexOf("<body>", StringComparison.Ordinal);
        string page = html[body..html.IndexOf("<script>", body, StringComparison.Ordinal)];
        var open = new Stack<string>();
        foreach (Match tag in Tag().Matches(page))
        {
            string name = tag.Groups["name"].Value;
            if (tag.Groups["end"].Length > 0) Assert.Equal(name, open.Pop());
            else if (!tag.Value.EndsWith("/>", StringComparison.Ordinal) && name is not ("input" or "meta")) open.Push(name);
        }

        Assert.Equal(["body"], open);
    }

    [Fact]
    public void Hostile_names_cannot_leave_their_cell_in_the_runbook()
    {
        using var stream = new MemoryStream();
        RunbookWriter.Write(SampleRuns.Of(HostileEstate(), Cloud.Azure), stream);
        string text = Encoding.UTF8.GetString(stream.ToArray());

        Assert.DoesNotContain("<script", text);
        Assert.DoesNotMatch(@"(?<!\\)\]\(javascript", text);
        Assert.DoesNotContain("\n# h", text);
        foreach (string line in text.Split('\n').Where(static line => line.StartsWith("| ☐ |", StringComparison.Ordinal)))
            Assert.Equal(8, Regex.Count(line, @"(?<!\\)\|", RegexOptions.None, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void A_report_of_many_resources_stays_below_15_megabytes()
    {
        MigrationResult result = SampleRuns.Of(Many(20_000), Cloud.Azure);
        using var stream = new MemoryStream();

        ReportWriter.Write(result, stream);

        Assert.InRange(stream.Length, 1_000_000, 15_000_000);
        Assert.Contains("are shown; all are in design.json", Encoding.UTF8.GetString(stream.ToArray()));
    }

    private static Estate Many(int count) => new(
        Enumerable.Range(0, count).Select(static index => new Resource
        {
            Id = $"aws_instance.web[{index}]",
            Cloud = Cloud.Aws,
            Type = "aws_instance",
            Name = $"web-{index}",
            Kind = new ResourceKind(index % 7 == 0 ? "storage.bucket" : "compute.vm"),
            Region = "us-east-1",
            Facts = AttributeMap.Of(("size", AttributeValue.Of("m5.large")), ("os", AttributeValue.Of("linux"))),
            Relations = index > 0 ? [new Relation(RelationKind.Uses, $"aws_instance.web[{index / 2}]", "x")] : [],
        }),
        []);

    private static Estate HostileEstate() => new(
        Enumerable.Range(0, 3).Select(static index => new Resource
        {
            Id = $"aws_instance.x[\"{Hostile}{index}\"]",
            Cloud = Cloud.Aws,
            Type = "aws_instance",
            Name = Hostile,
            Kind = new ResourceKind("compute.vm"),
            Region = "us-east-1",
            Tags = AttributeMap.Of((Hostile, AttributeValue.Of(Hostile))),
            Facts = AttributeMap.Of(("size", AttributeValue.Of(Hostile)), ("public", AttributeValue.Of(true)),
                ("image", AttributeValue.Of(Hostile))),
            Relations = index > 0 ? [new Relation(RelationKind.Uses, $"aws_instance.x[\"{Hostile}0\"]", Hostile)] : [],
        }),
        []);

    private static string Html(MigrationResult result)
    {
        using var stream = new MemoryStream();
        ReportWriter.Write(result, stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    [GeneratedRegex("<script", RegexOptions.NonBacktracking)]
    private static partial Regex Script();

    [GeneratedRegex("<(?<end>/?)(?<name>[a-z][a-z0-9]*)[^<>]*>", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Tag();
}
