using Sirsi.Bus.Drivers;
using Sirsi.Bus.Redis;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Contract;

/// <summary>The contract over a Redis Cluster of three nodes, of which the driver is told one: the partitions of a log lie on all of them.</summary>
public sealed class RedisClusterContract() : ServerContract("SIRSI_TEST_REDIS_CLUSTER")
{
    protected override BusCapabilities Capabilities =>
        BusCapabilities.ExactAttempts | BusCapabilities.ReadFromPosition | BusCapabilities.ReadFromTime | BusCapabilities.Deduplication
        | BusCapabilities.RetentionByAge | BusCapabilities.RetentionBySize | BusCapabilities.SharedGroups;

    protected override BusDriver CreateDriver(HostEnvironment environment) =>
        new RedisBusDriver(new RedisBusOptions { Addresses = [Address], TrimInterval = TimeSpan.FromMilliseconds(200) }, environment);
}
