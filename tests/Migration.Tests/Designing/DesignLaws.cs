using System.Text;
using System.Text.RegularExpressions;
using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Migration.Designing;
using Sirsi.Migration.Tests.Planning;

namespace Sirsi.Migration.Tests.Designing;

/// <summary>What holds for the design of any estate.</summary>
public sealed partial class DesignLaws
{
    [Fact]
    public void Names_are_unique_short_and_safe_in_terraform() => ForAnyDesign(static (_, design) =>
    {
        string[] names = [.. design.Mappings.Select(static mapping => mapping.Target?.Name).OfType<string>()];
        Assert.Equal(names.Length, names.Distinct(StringComparer.Ordinal).Count());
        Assert.All(names, static name => Assert.Matches(SafeName(), name));
    });

    [Fact]
    public void Every_outcome_has_what_belongs_to_it() => ForAnyDesign(static (estate, design) =>
    {
        Assert.Equal(estate.Resources.Length, design.Mappings.Length);
        for (int index = 0; index < design.Mappings.Length; index++)
        {
            Mapping mapping = design.Mappings[index];
            Assert.Equal(estate.Resources[index].Id, mapping.ResourceId);
            Assert.NotEmpty(mapping.Reason);
            Assert.InRange(mapping.Alternatives.Length, 0, 3);
            bool built = mapping.Outcome is MappingOutcome.Equivalent or MappingOutcome.Adapted;
            Assert.Equal(built, mapping.Target is not null);
            Assert.Equal(estate.Resources[index].Cloud == design.Target, mapping.Outcome is MappingOutcome.Stays);
            if (mapping.Outcome is MappingOutcome.NoEquivalent or MappingOutcome.Unknown) Assert.NotEmpty(mapping.Decisions);
            if (mapping.OwnerId is { } owner)
            {
                Assert.Equal(MappingOutcome.Folded, mapping.Outcome);
                Assert.NotEqual(MappingOutcome.Folded, design.Mappings[estate.IndexOf(owner)].Outcome);
            }
        }
    });

    [Fact]
    public void The_order_of_reading_changes_nothing() => Check.That(3, 10, static random =>
    {
        Estate estate = RandomEstate.Wild(random, 150).Estate;
        Resource[] shuffled = [.. estate.Resources];
        random.Shuffle(shuffled);
        var options = new DesignOptions { Target = Cloud.Gcp };
        Assert.Equal(Text(Given.Design(options, estate)), Text(Given.Design(options, new Estate(shuffled, []))));
    });

    [Fact]
    public void Equal_and_long_and_strange_names_become_different_safe_ones()
    {
        string lengthy = new('a', 300);
        Design design = Given.Design(Cloud.Azure,
            Given.Aws("aws_vpc.main", "network.vpc"), Given.Aws("aws_subnet.main", "network.subnet"),
                Given.Aws("aws_subnet.main[0]", "network.subnet"),
            Given.Aws("module.shop[\"a\"].aws_vpc.main", "network.vpc") with { Type = "aws_vpc" },
            Given.Aws($"aws_vpc.{lengthy}1", "network.vpc"), Given.Aws($"aws_vpc.{lengthy}2", "network.vpc"),
            Given.Aws("aws_vpc.ünï-9", "network.vpc"), Given.Aws("aws_vpc.9", "network.vpc"), Given.Aws("aws_vpc.???", "network.vpc"));
        string?[] names = [.. design.Mappings.Select(static mapping => mapping.Target?.Name)];
        Assert.Equal("main main_0 r_9 resource main_vpc n_9 shop_a_main", string.Join(' ', names.Where(static name => name?.Length < 40)));
        Assert.Equal(2, names.Count(static name => name?.Length == TargetNames.LengthMax));
    }

    [Fact]
    public void A_design_of_a_hundred_thousand_resources_takes_no_more_than_its_share()
    {
        long small = Bytes(5_000), large = Bytes(50_000);
        Assert.True(large < small * 12, $"{large} bytes against {small}");

        static long Bytes(int count)
        {
            Estate estate = RandomEstate.Orderly(new Random(5), count).Estate;
            var options = new DesignOptions { Target = Cloud.Azure };
            var assessment = new Migration.Assessing.Assessment(
                [.. estate.Resources.Select(static resource => new Migration.Assessing.ResourceAssessment(
                    resource.Id, Migration.Assessing.CostEstimate.Free, new(Migration.Assessing.ReadinessLevel.Ready, [])))], []);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Designer.Design(estate, assessment, Clouds.Prices.PriceCatalogue.Embedded, options);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private static void ForAnyDesign(Action<Estate, Design> law) => Check.That(20261122, 25, random =>
    {
        Estate estate = RandomEstate.Wild(random, random.Next(200)).Estate;
        law(estate, Given.Design(new DesignOptions { Target = (Cloud)random.Next(1, 4) }, estate));
    });

    private static string Text(Design design)
    {
        using var stream = new MemoryStream();
        DesignJson.Write(design, stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    [GeneratedRegex("^[a-z][a-z0-9_]{0,47}$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SafeName();
}
