namespace Sirsi.Bus.Tests.Contract;

/// <summary>The contract over a Redis Cluster of three nodes, of which the driver is told one: the partitions of a log lie on all of them.</summary>
public sealed class RedisClusterContract() : RedisContract("SIRSI_TEST_REDIS_CLUSTER");
