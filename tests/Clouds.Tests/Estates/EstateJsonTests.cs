using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Sirsi.Clouds.Estates;
using Sirsi.Core.Errors;

namespace Sirsi.Clouds.Tests.Estates;

public sealed class EstateJsonTests
{
    [Fact]
    public async Task An_estate_comes_back_as_it_was_written()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            Estate estate = Any(new Random(seed));
            byte[] written = await Written(estate);
            Estate read = EstateJson.Read(new MemoryStream(written));
            Assert.Equal(written, await Written(read));
            Assert.Equal(estate.Diagnostics, read.Diagnostics);
            Assert.Equal(estate.Resources.Length, read.Resources.Length);
            for (int index = 0; index < estate.Resources.Length; index++)
            {
                Resource one = estate.Resources[index];
                Resource other = read.Resources[index];
                Assert.Equal(one.Attributes, other.Attributes);
                Assert.Equal(one.Facts, other.Facts);
                Assert.Equal(one.Tags, other.Tags);
                Assert.Equal(one.Relations, other.Relations);
                Assert.Equal((one.Id, one.Name, one.Kind, one.Cloud, one.Type, one.Region, one.Source),
                    (other.Id, other.Name, other.Kind, other.Cloud, other.Type, other.Region, other.Source));
            }
        }
    }

    [Fact]
    public async Task The_document_is_what_its_description_says()
    {
        var estate = new Estate(
            [new Resource { Id = "aws_vpc.v", Cloud = Cloud.Aws, Type = "aws_vpc", Name = "v", Kind = new ResourceKind("network.vpc") }], []);
        using JsonDocument document = JsonDocument.Parse(await Written(estate));
        Assert.Equal(["schema", "resources", "diagnostics"], document.RootElement.EnumerateObject().Select(static member => member.Name));
        Assert.Equal("sirsi.estate/1", document.RootElement.GetProperty("schema").GetString());
        Assert.Equal(
            ["id", "kind", "provider", "type", "name", "region", "source", "attributes", "facts", "tags", "relations"],
            document.RootElement.GetProperty("resources")[0].EnumerateObject().Select(static member => member.Name));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"schema":"sirsi.estate/2","resources":[]}""")]
    [InlineData("""{"schema":"sirsi.estate/1","resources":{}}""")]
    [InlineData("""{"schema":"sirsi.estate/1","resources":[{"id":"a"}]}""")]
    [InlineData("""{"schema":"sirsi.estate/1","resources":[7]}""")]
    [InlineData("""{"schema":"sirsi.estate/1","resources":[{"id":"a","kind":"k","type":"t","name":"n","provider":"moon"}]}""")]
    [InlineData("""{"schema":"sirsi.estate/1","resources":[{"id":"a","kind":"k","type":"t","name":"n","provider":"aws","relations":[{"kind":"in","target":"none"}]}]}""")]
    public void A_document_of_another_shape_is_refused(string text)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => EstateJson.Read(new MemoryStream(Encoding.UTF8.GetBytes(text))));
        Assert.Equal(CloudsErrors.EstateDocument, failure.Code);
    }

    private static async Task<byte[]> Written(Estate estate)
    {
        using var stream = new MemoryStream();
        await EstateJson.WriteAsync(estate, stream);
        return stream.ToArray();
    }

    private static Estate Any(Random random)
    {
        int count = random.Next(6);
        Resource[] resources = [.. Enumerable.Range(0, count).Select(index => new Resource
        {
            Id = $"r{index}{AnyText(random)}",
            Cloud = (Cloud)random.Next(4),
            Type = AnyText(random),
            Name = AnyText(random),
            Kind = new ResourceKind(AnyText(random)),
            Region = random.Next(2) == 0 ? null : AnyText(random),
            Source = AnyText(random),
            Attributes = AnyMap(random, 4),
            Facts = AnyMap(random, 2),
            Tags = AnyMap(random, 1),
        })];
        for (int index = 0; index < count; index++)
            resources[index] = resources[index] with
            {
                Relations = [.. Enumerable.Range(0, random.Next(3)).Select(_ =>
                    new Relation((RelationKind)random.Next(7), resources[random.Next(count)].Id, AnyText(random)))],
            };
        ErrorCode[] codes = [CloudsErrors.UnknownType, CloudsErrors.DuplicateAddress, CloudsErrors.ResourceDropped];
        return new Estate(resources, Enumerable.Range(0, random.Next(3)).Select(_ => new Diagnostic(
            codes[random.Next(3)], (DiagnosticSeverity)random.Next(3), AnyText(random),
            random.Next(2) == 0 ? null : new SourcePosition(AnyText(random), random.Next(1, 9), random.Next(0, 9)))));
    }

    private static AttributeMap AnyMap(Random random, int depth) =>
        AttributeMap.From(Enumerable.Range(0, random.Next(5)).Select(_ => KeyValuePair.Create(AnyText(random), AnyValue(random, depth - 1))));

    private static AttributeValue AnyValue(Random random, int depth) => random.Next(depth > 0 ? 10 : 8) switch
    {
        0 => AttributeValue.Null,
        1 => AttributeValue.Of(random.Next(2) == 0),
        2 => AttributeValue.Of(random.NextInt64(long.MinValue, long.MaxValue)),
        3 => AttributeValue.Of(random.NextDouble() * Math.Pow(10, random.Next(-300, 300))),
        4 => AttributeValue.MaskedOf(random.Next(100)),
        5 => AttributeValue.KnownAfterApply,
        8 => AttributeValue.Of(AnyMap(random, depth)),
        9 => AttributeValue.Of(Enumerable.Range(0, random.Next(4)).Select(_ => AnyValue(random, depth - 1)).ToImmutableArray()),
        _ => AttributeValue.Of(AnyText(random)),
    };

    private static string AnyText(Random random)
    {
        const string characters = "ab.\"\\/\n\t\u0001é<>&'😀日 {}[]:,";
        return string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => new StringInfoAt(characters, random.Next(characters.Length)).Text));
    }

    /// <summary>One character, never half of a pair.</summary>
    private readonly record struct StringInfoAt(string All, int At)
    {
        public string Text => char.IsSurrogate(All[At]) ? "😀" : All[At].ToString();
    }
}
