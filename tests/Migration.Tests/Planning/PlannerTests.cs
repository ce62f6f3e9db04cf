using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Migration.Designing;
using Sirsi.Migration.Planning;
using Sirsi.Migration.Tests.Designing;

namespace Sirsi.Migration.Tests.Planning;

public sealed class PlannerTests
{
    [Fact]
    public void An_empty_estate_needs_no_wave()
    {
        Plan plan = Plan(Given.Estate());
        Assert.Empty(plan.Waves);
        Assert.Empty(plan.Steps);
        Assert.Equal(TimeSpan.Zero, plan.Duration);
    }

    [Fact]
    public void The_foundation_comes_first_then_what_belongs_together_and_last_the_sources_go()
    {
        Plan plan = Plan(Shop());
        Assert.Equal(
            ["Network and identity", "Shop: databases, virtual machines, load balancers and 1 more", "Retire the sources"],
            plan.Waves.Select(static wave => wave.Title));
        Assert.Contains("aws_db_instance.main", plan.Waves[1].ResourceIds);
        Assert.Contains("aws_instance.web", plan.Waves[1].ResourceIds);
        Assert.Equal(StepAction.Retire, plan.Steps[^1].Action);
        Assert.Equal(TimeSpan.Zero, plan.Waves[0].Downtime);
        Assert.True(plan.Waves[1].Downtime > TimeSpan.Zero);
    }

    [Fact]
    public void A_database_serves_from_the_target_before_its_application_does()
    {
        Plan plan = Plan(Shop());
        Step database = Assert.Single(plan.Steps, static step => step.Id == "w02-cutover-aws_db_instance.main");
        Step application = Assert.Single(plan.Steps, static step => step.Id == "w02-cutover-aws_instance.web");
        Assert.Contains(database.Id, application.DependsOn);
        Assert.True(database.Start + database.Duration <= application.Start);
    }

    [Fact]
    public void Copying_takes_size_over_bandwidth_and_the_last_changes_are_downtime()
    {
        // 1,000 GiB at half of 100 Mbit/s: 8,589,934,592,000 bits at 50,000,000 a second. 5 % changes in a day; the copy takes 1.988 days.
        Estate estate = Given.Estate(Given.Aws("aws_db_instance.main", "database.relational", ("storageGiB", AttributeValue.Of(1000))));
        Plan plan = Planner.Plan(estate, RandomEstate.DesignOf(estate, null),
            new PlanAssumptions { BandwidthMbps = 100, BandwidthShare = 0.5 });
        Step copy = Assert.Single(plan.Steps, static step => step.Action is StepAction.Replicate);
        Assert.Equal(TimeSpan.FromSeconds(171_799) + TimeSpan.FromMinutes(10), copy.Duration);
        Assert.Equal(1000, copy.TransferGiB);
        Assert.Equal(1000, plan.TransferGiB);
        Step cutOver = Assert.Single(plan.Steps, static step => step.Action is StepAction.CutOver);
        double lastChanges = 1000 * 0.05 * (171_799d / 86_400);
        Assert.InRange(cutOver.Downtime.TotalSeconds, (30 * 60) + (171_799 * lastChanges / 1000) - 2,
            (30 * 60) + (171_799 * lastChanges / 1000) + 2);
    }

    [Fact]
    public void A_size_that_no_fact_tells_is_assumed_and_said()
    {
        Estate estate = Given.Estate(Given.Aws("aws_s3_bucket.a", "storage.bucket"));
        Plan plan = Planner.Plan(estate, RandomEstate.DesignOf(estate, null), new PlanAssumptions { UnknownStoreGiB = 40 });
        Step copy = Assert.Single(plan.Steps, static step => step.Action is StepAction.Replicate);
        Assert.Null(copy.TransferGiB);
        Assert.Contains("40 GiB assumed", copy.Basis, StringComparison.Ordinal);
        Assert.Equal(0, plan.TransferGiB);
        Assert.Contains(plan.OpenPoints, static point => point.StartsWith("Measure the data of a:", StringComparison.Ordinal));
    }

    [Fact]
    public void A_cycle_is_broken_at_its_softest_relation()
    {
        Estate estate = Given.Estate(
            Given.Aws("aws_a.a", "compute.vm").Related(RelationKind.Uses, "aws_a.b"),
            Given.Aws("aws_a.b", "compute.vm").Related(RelationKind.AllowedBy, "aws_a.c"),
            Given.Aws("aws_a.c", "network.firewall").Related(RelationKind.In, "aws_a.a"));
        BrokenCycle cycle = Assert.Single(Planner.Plan(estate, RandomEstate.DesignOf(estate, null), new PlanAssumptions()).Cycles);
        Assert.Equal(("aws_a.b", "aws_a.c"), (cycle.From, cycle.To));
        Assert.Equal(["aws_a.b", "aws_a.c", "aws_a.a"], cycle.ResourceIds);
        Assert.StartsWith("allowed_by can wait", cycle.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_equally_soft_relations_the_lowest_id_gives_way()
    {
        Estate estate = Given.Estate(
            Given.Aws("aws_a.a", "network.firewall").Related(RelationKind.AllowedBy, "aws_a.b"),
            Given.Aws("aws_a.b", "network.firewall").Related(RelationKind.AllowedBy, "aws_a.a"));
        BrokenCycle cycle = Assert.Single(Planner.Plan(estate, RandomEstate.DesignOf(estate, null), new PlanAssumptions()).Cycles);
        Assert.Equal(("aws_a.a", "aws_a.b"), (cycle.From, cycle.To));
    }

    [Fact]
    public void What_a_setting_asks_for_gives_way_before_what_a_resource_asks_for()
    {
        Estate estate = Given.Estate(
            Given.Aws("aws_a.bucket", "storage.bucket"),
            Given.Aws("aws_a.policy", "setting").Related(RelationKind.Configures, "aws_a.bucket").Related(RelationKind.In, "aws_a.role"),
            Given.Aws("aws_a.role", "identity.role").Related(RelationKind.DependsOn, "aws_a.bucket"));
        Design design = Given.Design(new DesignOptions { Target = Cloud.Azure }, estate);
        BrokenCycle cycle = Assert.Single(Planner.Plan(estate, design, new PlanAssumptions()).Cycles);
        Assert.Equal(("aws_a.bucket", "aws_a.role"), (cycle.From, cycle.To));
    }

    [Fact]
    public void A_wave_takes_no_more_than_wished_unless_it_belongs_together()
    {
        Estate estate = Given.Estate(Enumerable.Range(0, 10).SelectMany(static app => Enumerable.Range(0, 3).Select(part =>
            part == 0 ? Given.Aws($"aws_a.{app}x{part}", "queue") : Given.Aws($"aws_a.{app}x{part}", "compute.function")
                .Related(RelationKind.Uses, $"aws_a.{app}x{part - 1}"))));
        Plan seven = Planner.Plan(estate, RandomEstate.DesignOf(estate, null), new PlanAssumptions { WaveResourcesMax = 7 });
        Assert.All(seven.Waves.SkipLast(1), static wave => Assert.Equal(6, wave.ResourceIds.Length));
        Plan two = Planner.Plan(estate, RandomEstate.DesignOf(estate, null), new PlanAssumptions { WaveResourcesMax = 2 });
        Assert.All(two.Waves.SkipLast(1), static wave => Assert.Equal(3, wave.ResourceIds.Length));
        Assert.Contains(two.OpenPoints, static point => point.Contains("belong together", StringComparison.Ordinal));
    }

    [Fact]
    public void What_many_use_does_not_chain_them_into_one_wave()
    {
        Estate estate = Given.Estate(Enumerable.Range(0, 100).Select(static at => at == 0
            ? Given.Aws("aws_a.000", "database.relational")
            : Given.Aws($"aws_a.{at:000}", "compute.vm").Related(RelationKind.Uses, "aws_a.000")));
        Plan plan = Planner.Plan(estate, RandomEstate.DesignOf(estate, null), new PlanAssumptions { WaveResourcesMax = 20 });
        Assert.All(plan.Waves, static wave => Assert.InRange(wave.ResourceIds.Length, 0, 20));
        Assert.Contains("aws_a.000", plan.Waves[0].ResourceIds);
    }

    [Fact]
    public void Decisions_are_one_meeting_per_wave_that_building_waits_for()
    {
        Plan plan = Plan(Shop());
        Step meeting = Assert.Single(plan.Steps, static step => step.Id == "w01-decide");
        Assert.Equal(StepAction.Manual, meeting.Action);
        Assert.Contains(meeting.Id, Assert.Single(plan.Steps, static step => step.Id == "w01-provision-aws_iam_role.web").DependsOn);
        Assert.Contains(plan.OpenPoints, static point => point.StartsWith("Identities web:", StringComparison.Ordinal));
    }

    [Fact]
    public void Open_points_of_a_large_estate_are_gathered_by_type()
    {
        Estate estate = Given.Estate(Enumerable.Range(0, 5_000)
            .Select(static at => Given.Aws($"aws_strange_{at % 400:000}.r{at}", "unknown")));
        Plan plan = Plan(estate);
        Assert.InRange(plan.OpenPoints.Length, 100, 200);
        Assert.Contains(" and 10 more: ", plan.OpenPoints[0], StringComparison.Ordinal);
        Assert.StartsWith("And ", plan.OpenPoints[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0.5, 1, 1, 1)]
    [InlineData(1, 0, 1, 1, 1)]
    [InlineData(1, 1.1, 1, 1, 1)]
    [InlineData(1, 0.5, 0, 1, 1)]
    [InlineData(1, 0.5, 1, 0, 1)]
    [InlineData(1, 0.5, 1, 1, -1)]
    [InlineData(double.NaN, 0.5, 1, 1, 1)]
    public void Assumptions_out_of_their_range_are_refused(double mbps, double share, int crew, int max, double unknown)
    {
        var assumptions = new PlanAssumptions
        {
            BandwidthMbps = mbps,
            BandwidthShare = share,
            Crew = crew,
            WaveResourcesMax = max,
            UnknownStoreGiB = unknown,
        };
        Assert.ThrowsAny<ArgumentOutOfRangeException>(() =>
            Planner.Plan(Given.Estate(), new Design(Cloud.Aws, []) { Region = "us-east-1" }, assumptions));
    }

    [Fact]
    public void A_design_of_another_estate_is_refused() => Assert.Throws<ArgumentException>(static () =>
        Planner.Plan(Given.Estate(Given.Aws("aws_a.a", "queue")), new Design(Cloud.Aws, []) { Region = "us-east-1" },
            new PlanAssumptions()));

    [Fact]
    public void A_chain_of_two_hundred_thousand_needs_no_deep_stack()
    {
        const int Count = 200_000;
        DependencyGraph chain = DependencyGraph.Of(new int[Count], Enumerable.Range(0, Count).Select(static node =>
            (node, new DependencyGraph.Edge((node + 1) % Count, RelationKind.Uses, 11, false))));
        (int[] component, int count) = StronglyConnected.Of(chain);
        Assert.Equal(1, count);
        Assert.All(component, static number => Assert.Equal(0, number));
    }

    [Fact]
    public void Ten_times_the_estate_takes_no_more_than_twelve_times_the_memory_to_plan()
    {
        long small = Bytes(10_000), large = Bytes(100_000);
        Assert.True(large <= small * 12, $"{large} bytes against {small}");

        static long Bytes(int count)
        {
            (Estate estate, Design design) = RandomEstate.Orderly(new Random(1), count);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Plan plan = Planner.Plan(estate, design, new PlanAssumptions());
            Assert.True(plan.Steps.Length > count);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private static Plan Plan(Estate estate) =>
        Planner.Plan(estate, Given.Design(new DesignOptions { Target = Cloud.Azure }, estate), new PlanAssumptions());

    private static Estate Shop()
    {
        AttributeMap tags = AttributeMap.Of(("App", AttributeValue.Of("shop")));
        return Given.Estate(
            Given.Aws("aws_vpc.main", "network.vpc"),
            Given.Aws("aws_subnet.a", "network.subnet").Related(RelationKind.In, "aws_vpc.main"),
            Given.Aws("aws_iam_role.web", "identity.role"),
            Given.Aws("aws_db_instance.main", "database.relational", ("engine", AttributeValue.Of("postgres")),
                ("size", AttributeValue.Of("db.m5.large")), ("storageGiB", AttributeValue.Of(100)))
                .Related(RelationKind.In, "aws_subnet.a") with
            { Tags = tags },
            Given.Aws("aws_instance.web", "compute.vm", ("size", AttributeValue.Of("m5.large")),
                ("image", AttributeValue.Of("ubuntu-jammy")))
                .Related(RelationKind.In, "aws_subnet.a").Related(RelationKind.Uses, "aws_db_instance.main")
                    .Related(RelationKind.Uses, "aws_iam_role.web") with
            { Tags = tags },
            Given.Aws("aws_lb.web", "network.loadbalancer", ("type", AttributeValue.Of("application")))
                .Related(RelationKind.RoutesTo, "aws_instance.web"),
            Given.Aws("aws_route53_record.www", "dns.record").Related(RelationKind.RoutesTo, "aws_lb.web"));
    }
}
