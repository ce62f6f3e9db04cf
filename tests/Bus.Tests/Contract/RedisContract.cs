using Sirsi.Bus.Drivers;
using Sirsi.Bus.Redis;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Contract;

/// <summary>The contract over Redis Streams.</summary>
public class RedisContract : ServerContract
{
    public RedisContract()
        : this("SIRSI_TEST_REDIS")
    {
    }

    protected RedisContract(string variable)
        : base(variable)
    {
    }

    protected override BusCapabilities Capabilities =>
        BusCapabilities.ExactAttempts | BusCapabilities.ReadFromPosition | BusCapabilities.ReadFromTime | BusCapabilities.Deduplication
        | BusCapabilities.RetentionByAge | BusCapabilities.RetentionBySize | BusCapabilities.SharedGroups;

    protected override BusDriver CreateDriver(HostEnvironment environment) =>
        new RedisBusDriver(new RedisBusOptions { Addresses = [Address], TrimInterval = TimeSpan.FromMilliseconds(200) }, environment);
}
