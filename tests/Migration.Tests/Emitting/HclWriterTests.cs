using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Tests.Emitting;

public sealed class HclWriterTests
{
    [Fact]
    public void Equal_signs_are_aligned_over_attributes_that_fit_on_a_line()
    {
        var body = new HclBody();
        HclBody resource = body.Labelled("resource", ["aws_vpc", "main"], ("cidr_block", "10.0.0.0/16"), ("id", 3));
        resource["tags"] = Map(("Name", "main"), ("cost centre", "42"));
        resource["enable_dns_support"] = true;
        resource.Block("timeouts");

        Assert.Equal(
            """
            resource "aws_vpc" "main" {
              cidr_block = "10.0.0.0/16"
              id         = 3
              tags = {
                Name          = "main"
                "cost centre" = "42"
              }
              enable_dns_support = true

              timeouts {}
            }

            """.ReplaceLineEndings("\n"),
            HclWriter.Write(body));
    }

    [Theory]
    [InlineData("a\"b", "\"a\\\"b\"")]
    [InlineData("${secret}", "\"$${secret}\"")]
    [InlineData("%{if}", "\"%%{if}\"")]
    [InlineData("$$x", "\"$$x\"")]
    [InlineData("a\nb\t\\", "\"a\\nb\\t\\\\\"")]
    [InlineData("\u0001", "\"\\u0001\"")]
    public void Text_is_escaped(string text, string written)
    {
        var body = new HclBody { ["x"] = text };

        Assert.Equal($"x = {written}\n", HclWriter.Write(body));
    }

    [Fact]
    public void A_comment_cannot_break_out_of_its_lines() =>
        Assert.Equal("# a\n# resource {}\n", HclWriter.Write(new HclBody().Comment("a\nresource {}")));

    [Fact]
    public async Task Random_documents_are_already_in_terraform_fmt_layout()
    {
        using var folder = new TemporaryFolder();
        Check.That(seed: 26, runs: 60, random => folder.Write($"d{random.Next()}.tf", HclWriter.Write(Document(random))));

        (int exit, string output) = await TerraformTool.RunAsync(folder.Path, "fmt", "-check", "-diff", "-no-color");

        Assert.True(exit == 0, output);
    }

    private static HclBody Document(Random random)
    {
        var body = new HclBody();
        for (int count = random.Next(1, 8); count > 0; count--)
        {
            if (random.Next(4) == 0) body.Comment(Word(random) + "\n" + Word(random));
            Fill(body.Labelled("resource", [Name(random), Name(random)]), random, 0);
        }

        return body;
    }

    private static void Fill(HclBody body, Random random, int depth)
    {
        for (int count = random.Next(0, 9); count > 0; count--)
            switch (random.Next(8))
            {
                case 0 when depth < 3:
                    Fill(body.Block(Name(random)), random, depth + 1);
                    break;
                case 1:
                    body.Comment(Word(random));
                    break;
                default:
                    body[Name(random) + $"_{count}"] = Value(random, 0);
                    break;
            }
    }

    private static HclValue Value(Random random, int depth) => random.Next(depth < 3 ? 9 : 5) switch
    {
        0 => random.Next(),
        1 => random.Next(2) == 0,
        2 => Expr("aws_vpc.main.id"),
        3 => Template(Word(random)!, Expr("var.suffix")),
        4 => ((HclValue?)Word(random))!,
        5 => List(Enumerable.Range(0, random.Next(6)).Select(_ => Value(random, depth + 1))),
        6 => Map(Enumerable.Range(0, random.Next(5)).Select(index => ($"{Word(random)}{index}", (HclValue?)Value(random, depth + 1)))),
        7 => Call("jsonencode", Value(random, depth + 1)),
        _ => List(Enumerable.Range(0, 14).Select(_ => (HclValue?)Word(random))),
    };

    private static string Name(Random random) =>
        new([.. Enumerable.Range(0, random.Next(1, 14)).Select(_ => (char)('a' + random.Next(26)))]);

    private static string Word(Random random)
    {
        const string Alphabet = "ab z0-_./\"\\${}%#'\n\t=é漢😀\u0301\u0007<>[]();,:*";
        return new([.. Enumerable.Range(0, random.Next(0, 12)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]);
    }
}
