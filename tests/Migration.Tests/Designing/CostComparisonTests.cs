using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Prices;
using Sirsi.Migration.Assessing;

namespace Sirsi.Migration.Tests.Designing;

public sealed class CostComparisonTests
{
    private static readonly Resource Zone = Given.Aws("aws_route53_zone.a", "dns.zone");

    /// <summary>A size nobody sells has no price, on either side.</summary>
    private static readonly Resource Unpriced = Given.Aws("aws_instance.b", "compute.vm", ("size", AttributeValue.Of("zz9.plural")), ("os", AttributeValue.Of("linux")));

    [Fact]
    public void Only_what_is_priced_in_full_on_both_sides_is_compared()
    {
        CostComparison alone = Compare(Zone), together = Compare(Zone, Unpriced);
        Assert.Equal(1, alone.Resources);
        Assert.Equal(alone, together);
        Assert.Equal(((0.5m, 0.5m), 0m), ((alone.BeforeUsd, alone.AfterUsd), alone.Change));
    }

    [Fact]
    public void Without_a_full_price_there_is_nothing_to_compare()
    {
        CostComparison none = Compare(Unpriced);
        Assert.Equal((0, 0m, 0m), (none.Resources, none.BeforeUsd, none.AfterUsd));
        Assert.Null(none.Change);
    }

    private static CostComparison Compare(params Resource[] resources)
    {
        Estate estate = Given.Estate(resources);
        Assessment assessment = Assessor.Assess(estate, PriceCatalogue.Embedded, new AssessOptions { Now = Given.Now });
        return CostComparison.Of(assessment, Given.Design(Cloud.Azure, resources));
    }
}
