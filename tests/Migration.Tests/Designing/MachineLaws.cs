using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Prices;
using Sirsi.Migration.Designing;

namespace Sirsi.Migration.Tests.Designing;

public sealed class MachineLaws
{
    private static readonly Cloud[] Clouds = [Cloud.Aws, Cloud.Azure, Cloud.Gcp];

    [Theory]
    [InlineData(Cloud.Aws, "m5.large", Cloud.Azure)]
    [InlineData(Cloud.Aws, "m5.large", Cloud.Gcp)]
    [InlineData(Cloud.Azure, "Standard_D4s_v3", Cloud.Aws)]
    [InlineData(Cloud.Azure, "Standard_D4s_v3", Cloud.Gcp)]
    [InlineData(Cloud.Gcp, "n2-standard-8", Cloud.Aws)]
    [InlineData(Cloud.Gcp, "e2-custom-4-8192", Cloud.Azure)]
    public void A_steady_machine_gets_a_steady_size_with_runners_up_and_prices(Cloud from, string size, Cloud to)
    {
        Assert.True(PriceCatalogue.Embedded.TryGetVm(from, size, out VmSize? need));
        var resource = new Resource
        {
            Id = "x.a",
            Cloud = from,
            Type = "x",
            Name = "a",
            Kind = new ResourceKind("compute.vm"),
            Region = RegionOf(from),
            Facts = AttributeMap.Of(("size", AttributeValue.Of(size)), ("os", AttributeValue.Of("linux"))),
        };
        Mapping mapping = Given.Mapping(to, resource);
        Assert.True(PriceCatalogue.Embedded.TryGetVm(to, mapping.Target!.Size!, out VmSize? chosen));
        Assert.True(chosen.VCpus >= need.VCpus && chosen.MemoryGiB >= need.MemoryGiB * 0.98 && !chosen.Burstable);
        Assert.InRange(mapping.Alternatives.Length, 1, 3);
        Assert.All(mapping.Alternatives.Take(2), static alternative => Assert.True(alternative.MonthlyUsd > 0));
        Assert.True(mapping.Cost.MonthlyUsd > 0);
    }

    [Fact]
    public void No_size_that_fits_as_well_is_cheaper() => Check.That(4, 300, static random =>
    {
        Cloud from = Clouds[random.Next(3)], to = Clouds[random.Next(3)];
        if (from == to) return;
        VmSize[] sizes = [.. PriceCatalogue.Embedded.VmsOf(from)
            .Where(static vm => !vm.Name.StartsWith("db.", StringComparison.Ordinal)
            && !vm.Name.StartsWith("cache.", StringComparison.Ordinal))];
        VmSize need = sizes[random.Next(sizes.Length)];
        VmOs os = random.Next(4) == 0 ? VmOs.Windows : VmOs.Linux;
        SizeChoice choice = new Machines(PriceCatalogue.Embedded, to).For(from, need.Name, os, RegionOf(to));
        PricedVm[] offered = PriceCatalogue.Embedded.VmsByPrice(to, RegionOf(to), os).ToArray();
        if (choice.Size is null)
        {
            Assert.NotEmpty(choice.Decisions);
            Assert.DoesNotContain(offered, candidate => Holds(candidate.Vm, need) && candidate.Vm.Architecture == need.Architecture);
            return;
        }

        PricedVm chosen = Assert.Single(offered, candidate => candidate.Vm.Name == choice.Size);
        Assert.True(Holds(chosen.Vm, need), $"{need} → {chosen.Vm}");
        Assert.All(choice.Alternatives, alternative => Assert.NotEqual(choice.Size, alternative.Choice));
        Assert.InRange(choice.Alternatives.Length, 0, 3);
        bool diskKept = chosen.Vm.HasLocalDisk is true || need.HasLocalDisk is not true;
        PricedVm[] cheaper = [.. offered.Where(candidate => candidate.Price.Usd < chosen.Price.Usd && Holds(candidate.Vm, need)
            && candidate.Vm.Architecture == chosen.Vm.Architecture
            && (candidate.Vm.HasLocalDisk is true || !diskKept)
            && (candidate.Vm.Network is NetworkClass.Unknown || candidate.Vm.Network >= chosen.Vm.Network)
            && (!candidate.Vm.Burstable || need.Burstable || chosen.Vm.Burstable)
            && (candidate.Vm.CurrentGeneration || !chosen.Vm.CurrentGeneration))];
        if (to is not Cloud.Azure) Assert.Empty(cheaper.Select(static candidate => candidate.Vm.Name));
    });

    [Fact]
    public void Windows_is_dearer_than_linux_on_the_same_target()
    {
        decimal Cost(string os) =>
            Given.Mapping(Cloud.Azure,
            Given.Aws("aws_instance.a", "compute.vm", ("size", AttributeValue.Of("m5.xlarge")), ("os", AttributeValue.Of(os))))
            .Cost.MonthlyUsd!.Value;
        Assert.True(Cost("windows") > Cost("linux"));
    }

    [Fact]
    public void An_arm_machine_stays_on_arm()
    {
        SizeChoice choice = new Machines(PriceCatalogue.Embedded, Cloud.Azure).For(Cloud.Aws, "m6g.large", VmOs.Linux, "eastus");
        Assert.True(PriceCatalogue.Embedded.TryGetVm(Cloud.Azure, choice.Size!, out VmSize? vm));
        Assert.Equal(VmArchitecture.Arm64, vm.Architecture);
    }

    [Fact]
    public void A_size_out_of_the_tables_and_a_region_without_prices_are_decisions()
    {
        var machines = new Machines(PriceCatalogue.Embedded, Cloud.Azure);
        Assert.NotEmpty(machines.For(Cloud.Aws, "z99.huge", VmOs.Linux, "eastus").Decisions);
        Assert.NotEmpty(machines.For(Cloud.Aws, "m5.large", VmOs.Linux, "nowhere").Decisions);
    }

    private static bool Holds(VmSize vm, VmSize need) =>
        vm.VCpus >= need.VCpus && vm.MemoryGiB >= need.MemoryGiB * 0.98 && vm.Gpus >= need.Gpus && (need.Gpus > 0 || vm.Gpus == 0)
            && vm.BareMetal == need.BareMetal;

    private static string RegionOf(Cloud cloud) => cloud switch
    {
        Cloud.Azure => "eastus",
        Cloud.Gcp => "us-central1",
        _ => "us-east-1",
    };
}
