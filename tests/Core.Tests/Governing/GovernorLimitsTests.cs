using Sirsi.Core.Errors;
using Sirsi.Core.Governing;
using Sirsi.Core.Hosting;

namespace Sirsi.Core.Tests.Governing;

public sealed class GovernorLimitsTests
{
    private static readonly HostEnvironment Host = new DeterministicHost(seed: 1).Environment;

    [Fact]
    public void Presets_are_valid()
    {
        Assert.Empty(GovernorOptions.Unlimited.Problems());
        Assert.Empty(GovernorOptions.Testing.Problems());
        Assert.Empty(GovernorOptions.Production.Problems());
        Assert.True(GovernorOptions.Testing is { Sandbox: true, DeterministicSeed: not null });
        Assert.True(GovernorOptions.Production is { CpuCap: not null, MemoryBytesMax: not null, Sandbox: false, DeterministicSeed: null });
    }

    [Fact]
    public void Every_broken_rule_is_named_at_once()
    {
        var options = new GovernorOptions
        {
            CpuCap = new CpuCap(101, CpuShareOf.OneCore),
            PermitsMax = 0,
            WaitingMax = -1,
            IoOperationsPerSecondMax = 0,
            IoOperationsBurstMax = 0,
            MemoryBytesMax = 0,
            DeterministicSeed = 3,
            MemoryAccount = MemoryAccount.ManagedHeap,
        };
        Assert.Equal(8, options.Problems().Count());
        ArgumentException refused = Assert.Throws<ArgumentException>(() => new ResourceGovernor("process", options, Host));
        Assert.All(options.Problems(), problem => Assert.Contains(problem, refused.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-0.1)]
    [InlineData(100.1)]
    public void A_share_of_processor_time_is_0_to_100_percent(double percent) =>
        Assert.Single(new GovernorOptions { CpuCap = new CpuCap(percent, CpuShareOf.AllCores) }.Problems());

    [Fact]
    public void What_holds_for_a_whole_tree_cannot_be_set_on_a_child()
    {
        using var free = new ResourceGovernor("process", new(), Host);
        using var deterministic = new ResourceGovernor("process", new() { DeterministicSeed = 1 }, Host);
        Assert.Throws<ArgumentException>(() => free.CreateChild("child", new() { DeterministicSeed = 1 }));
        Assert.Throws<ArgumentException>(() => free.CreateChild("child", new() { MemoryAccount = MemoryAccount.ManagedHeap }));
        Assert.Throws<ArgumentException>(() => deterministic.CreateChild("child", new() { CpuCap = new(50, CpuShareOf.OneCore) }));
    }

    [Fact]
    public void Governors_nest_so_deep_and_no_deeper()
    {
        ResourceGovernor governor = new("1", new(), Host);
        for (int depth = 2; depth <= ResourceGovernor.DepthMax; depth++) governor = governor.CreateChild($"{depth}", new());
        Assert.Throws<ArgumentException>(() => governor.CreateChild("too deep", new()));
    }

    [Fact]
    public void Reserved_memory_counts_at_every_level_and_a_refusal_reserves_nothing()
    {
        var root = new ResourceGovernor("process", new() { MemoryBytesMax = 100 }, Host);
        ResourceGovernor a = root.CreateChild("a", new() { MemoryBytesMax = 80 });
        ResourceGovernor b = root.CreateChild("b", new());
        using MemoryReservation first = a.ReserveMemory(60);
        Assert.Null(a.TryReserveMemory(21));
        Assert.Null(b.TryReserveMemory(41));
        Assert.Equal((60, 60, 0), (root.Statistics().MemoryReservedBytes, a.Statistics().MemoryReservedBytes, b.Statistics().MemoryReservedBytes));
        CoreException refused = Assert.Throws<CoreException>(() => a.ReserveMemory(21));
        Assert.Equal(CoreErrors.MemoryLimitReached, refused.Code);
        Assert.Contains("'a'", refused.Message, StringComparison.Ordinal);
        using MemoryReservation second = b.ReserveMemory(40);
        Assert.Equal(100, root.Statistics().MemoryReservedBytesPeak);
    }

    [Fact]
    public void A_reservation_grows_shrinks_and_is_given_back_once()
    {
        var root = new ResourceGovernor("process", new() { MemoryBytesMax = 100 }, Host);
        MemoryReservation reservation = root.ReserveMemory(10);
        Assert.True(reservation.TryResize(100));
        Assert.False(reservation.TryResize(101));
        Assert.True(reservation.TryResize(5));
        Assert.Equal(5, root.Statistics().MemoryReservedBytes);
        reservation.Dispose();
        reservation.Dispose();
        Assert.Equal((0, 100), (root.Statistics().MemoryReservedBytes, root.Statistics().MemoryReservedBytesPeak));
        Assert.Throws<ObjectDisposedException>(() => reservation.TryResize(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => root.TryReserveMemory(-1));
        Assert.Null(root.TryReserveMemory(long.MaxValue));
    }

    [Fact]
    public void A_measured_account_counts_what_nobody_reserved()
    {
        long heap = GC.GetTotalMemory(forceFullCollection: true);
        var root = new ResourceGovernor("process", new() { MemoryBytesMax = heap + (64L << 20), MemoryAccount = MemoryAccount.ManagedHeap }, Host);
        using MemoryReservation? fits = root.TryReserveMemory(1 << 20);
        Assert.NotNull(fits);
        byte[] unreserved = GC.AllocateUninitializedArray<byte>(96 << 20);
        Assert.Null(root.TryReserveMemory(1 << 20));
        GC.KeepAlive(unreserved);
    }

    [Fact]
    public void Closed_governors_reserve_nothing()
    {
        var root = new ResourceGovernor("process", new(), Host);
        root.Dispose();
        Assert.Equal(CoreErrors.GovernorClosed, Assert.Throws<CoreException>(() => root.ReserveMemory(1)).Code);
    }
}
