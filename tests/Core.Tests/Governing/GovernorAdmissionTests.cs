using Sirsi.Core.Errors;
using Sirsi.Core.Governing;
using Sirsi.Core.Hosting;

namespace Sirsi.Core.Tests.Governing;

public sealed class GovernorAdmissionTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly DeterministicHost _host = new(seed: 1);
    private readonly List<string> _log = [];

    [Fact]
    public void Permits_are_granted_first_in_first_out()
    {
        ResourceGovernor governor = Governor(new() { PermitsMax = 1 });
        OperationPermit first = Acquired(governor);
        foreach (string name in new[] { "a", "b", "c" }) Queue(governor, name);
        _host.RunUntilIdle();
        Assert.Empty(_log);
        first.Dispose();
        _host.RunUntilIdle();
        Assert.Equal(["a", "b", "c"], _log);
    }

    [Fact]
    public void A_higher_priority_goes_first_and_within_one_the_order_of_arrival_holds()
    {
        ResourceGovernor governor = Governor(new() { PermitsMax = 1 });
        OperationPermit first = Acquired(governor);
        Queue(governor, "low", OperationPriority.Low);
        Queue(governor, "normal 1");
        Queue(governor, "critical", OperationPriority.Critical);
        Queue(governor, "normal 2");
        Queue(governor, "high", OperationPriority.High);
        _host.RunUntilIdle();
        first.Dispose();
        _host.RunUntilIdle();
        Assert.Equal(["critical", "high", "normal 1", "normal 2", "low"], _log);
    }

    [Fact]
    public void A_newcomer_does_not_overtake_one_who_waits()
    {
        ResourceGovernor root = Governor(new() { PermitsMax = 1 });
        OperationPermit held = Acquired(root);
        Queue(root, "waits");
        _host.RunUntilIdle();
        held.Dispose();
        Assert.Equal(Admission.Busy, root.TryAcquire(OperationKind.Compute, OperationPriority.Normal, out _));
        _host.RunUntilIdle();
        Assert.Equal(["waits"], _log);
    }

    [Fact]
    public void A_cancelled_wait_takes_no_permit()
    {
        ResourceGovernor governor = Governor(new() { PermitsMax = 1 });
        OperationPermit held = Acquired(governor);
        using var cancellation = new CancellationTokenSource();
        Task<OperationPermit> cancelled = governor.AcquireAsync(OperationKind.Compute, cancellation.Token).AsTask();
        Queue(governor, "next");
        _host.RunUntilIdle();
        cancellation.Cancel();
        _host.RunUntilIdle();
        Assert.True(cancelled.IsCanceled);
        held.Dispose();
        _host.RunUntilIdle();
        Assert.Equal(["next"], _log);
        GovernorStatistics statistics = governor.Statistics();
        Assert.Equal((2, 1, 0, 0), (statistics.Total, statistics.Cancelled, statistics.Waiting, statistics.InFlight));
    }

    [Fact]
    public void A_token_that_is_cancelled_already_takes_no_permit()
    {
        ResourceGovernor governor = Governor(new() { PermitsMax = 1 });
        Assert.True(governor.AcquireAsync(OperationKind.Compute, new CancellationToken(canceled: true)).AsTask().IsCanceled);
        Assert.Equal(0, governor.Statistics().InFlight);
        Acquired(governor).Dispose();
    }

    [Fact]
    public void When_the_head_of_the_line_gives_up_the_next_may_pass_where_the_head_could_not()
    {
        ResourceGovernor governor = Governor(new() { IoOperationsPerSecondMax = 1 });
        Acquired(governor, OperationKind.Storage).Dispose();
        using var cancellation = new CancellationTokenSource();
        Task<OperationPermit> head = governor.AcquireAsync(OperationKind.Storage, cancellation.Token).AsTask();
        Queue(governor, "compute");
        _host.RunUntilIdle();
        Assert.Empty(_log);
        cancellation.Cancel();
        _host.RunUntilIdle();
        Assert.True(head.IsCanceled);
        Assert.Equal(["compute"], _log);
    }

    [Fact]
    public void Giving_a_permit_back_twice_or_through_a_copy_counts_once()
    {
        ResourceGovernor governor = Governor(new() { PermitsMax = 2 });
        OperationPermit first = Acquired(governor);
        OperationPermit copy = first;
        OperationPermit second = Acquired(governor);
        first.Dispose();
        OperationPermit third = Acquired(governor);
        copy.Dispose();
        first.Dispose();
        Assert.Equal(2, governor.Statistics().InFlight);
        Assert.False(first.IsHeld);
        Assert.True(second.IsHeld && third.IsHeld);
        default(OperationPermit).Dispose();
    }

    [Fact]
    public void A_pause_admits_nothing_and_holds_checkpoints_until_resumed()
    {
        ResourceGovernor root = Governor(new());
        ResourceGovernor child = root.CreateChild("child", new());
        OperationPermit running = Acquired(child);
        root.Pause();
        Queue(child, "admitted");
        _ = _host.Environment.Executor.RunAsync(async () =>
        {
            await running.CheckpointAsync(None);
            _log.Add("passed");
        });
        _host.RunUntilIdle();
        Assert.Empty(_log);
        Assert.Equal((1, 1, true), (root.Statistics().Waiting, root.Statistics().CheckpointsWaiting, root.Statistics().IsPaused));
        child.Resume();
        _host.RunUntilIdle();
        Assert.Empty(_log);
        root.Resume();
        _host.RunUntilIdle();
        Assert.Equal(["admitted", "passed"], _log.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_cancelled_checkpoint_keeps_the_permit()
    {
        ResourceGovernor governor = Governor(new());
        OperationPermit running = Acquired(governor);
        governor.Pause();
        using var cancellation = new CancellationTokenSource();
        Task waiting = running.CheckpointAsync(cancellation.Token).AsTask();
        cancellation.Cancel();
        _host.RunUntilIdle();
        Assert.True(waiting.IsCanceled);
        Assert.True(running.IsHeld);
        Assert.Equal(0, governor.Statistics().Cancelled);
        running.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { _ = running.CheckpointAsync(None).AsTask(); });
    }

    [Fact]
    public void What_a_child_uses_counts_in_every_ancestor()
    {
        ResourceGovernor process = Governor(new() { PermitsMax = 2 });
        ResourceGovernor tenant = process.CreateChild("tenant", new());
        ResourceGovernor session = tenant.CreateChild("session", new());
        ResourceGovernor agent = session.CreateChild("agent", new());
        OperationPermit first = Acquired(agent);
        OperationPermit second = Acquired(session);
        Assert.Equal(Admission.Busy, tenant.TryAcquire(OperationKind.Compute, OperationPriority.Critical, out _));
        Assert.All(new[] { process, tenant, session }, static governor => Assert.Equal(2, governor.Statistics().InFlight));
        Assert.Equal(1, agent.Statistics().InFlight);
        first.Dispose();
        second.Dispose();
        Assert.All(new[] { process, tenant, session, agent }, static governor => Assert.Equal(0, governor.Statistics().InFlight));
    }

    [Fact]
    public void A_sandbox_refuses_what_touches_the_system_here_and_below()
    {
        ResourceGovernor root = Governor(new() { Sandbox = true });
        ResourceGovernor child = root.CreateChild("child", new());
        foreach (OperationKind kind in new[] { OperationKind.File, OperationKind.Network, OperationKind.Process })
        {
            Assert.Equal(Admission.RefusedBySandbox, child.TryAcquire(kind, OperationPriority.Normal, out OperationPermit none));
            Assert.False(none.IsHeld);
            Assert.Equal(CoreErrors.SandboxRefused, Failure(child, kind).Code);
        }

        Acquired(child, OperationKind.Compute).Dispose();
        Acquired(child, OperationKind.Storage).Dispose();
        Assert.Equal(6, root.Statistics().Refused);
    }

    [Fact]
    public void A_full_queue_pushes_back()
    {
        ResourceGovernor root = Governor(new() { PermitsMax = 1, WaitingMax = 2 });
        ResourceGovernor child = root.CreateChild("child", new());
        OperationPermit held = Acquired(root);
        Queue(root, "a");
        Queue(child, "b");
        _host.RunUntilIdle();
        Assert.Equal(CoreErrors.GovernorQueueFull, Failure(child, OperationKind.Compute).Code);
        held.Dispose();
        _host.RunUntilIdle();
        Assert.Equal(2, _log.Count);
    }

    [Fact]
    public void Closing_fails_those_who_wait_and_lets_running_operations_finish()
    {
        ResourceGovernor root = Governor(new() { PermitsMax = 1 });
        ResourceGovernor child = root.CreateChild("child", new());
        ResourceGovernor sibling = root.CreateChild("sibling", new());
        OperationPermit running = Acquired(child);
        Task<OperationPermit> waiting = child.CreateChild("grandchild", new()).AcquireAsync(OperationKind.Compute, None).AsTask();
        Queue(sibling, "sibling");
        _host.RunUntilIdle();
        child.Dispose();
        child.Dispose();
        _host.RunUntilIdle();
        Assert.Equal(CoreErrors.GovernorClosed, Assert.IsType<CoreException>(waiting.Exception!.InnerException).Code);
        Assert.Equal(CoreErrors.GovernorClosed, Failure(child, OperationKind.Compute).Code);
        Assert.Equal(Admission.Closed, child.TryAcquire(OperationKind.Compute, OperationPriority.Normal, out _));
        Assert.Throws<CoreException>(() => child.CreateChild("late", new()));
        Assert.Empty(_log);
        running.Dispose();
        _host.RunUntilIdle();
        Assert.Equal(["sibling"], _log);
        Assert.Equal(0, root.Statistics().InFlight);
    }

    [Fact]
    public void Closing_a_paused_governor_frees_its_checkpoints()
    {
        ResourceGovernor governor = Governor(new());
        OperationPermit running = Acquired(governor);
        governor.Pause();
        Task checkpoint = running.CheckpointAsync(None).AsTask();
        governor.Dispose();
        _host.RunUntilIdle();
        Assert.True(checkpoint.IsCompletedSuccessfully);
    }

    [Fact]
    public void Statistics_count_by_kind_and_say_what_was_throttled()
    {
        ResourceGovernor governor = Governor(new() { PermitsMax = 1 });
        OperationPermit held = Acquired(governor, OperationKind.Storage);
        Queue(governor, "a");
        _host.RunUntilIdle();
        held.Dispose();
        _host.RunUntilIdle();
        GovernorStatistics statistics = governor.Statistics();
        Assert.Equal((2, 1), (statistics.Total, statistics.Throttled));
        Assert.Equal(new KindStatistics(OperationKind.Storage, 1, 0, 0, 0), statistics.ByKind[(int)OperationKind.Storage]);
        Assert.Equal(new KindStatistics(OperationKind.Compute, 1, 1, 0, 0), statistics.ByKind[(int)OperationKind.Compute]);
    }

    [Fact]
    public void A_kind_or_priority_that_does_not_exist_is_a_mistake_of_the_caller()
    {
        ResourceGovernor governor = Governor(new());
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = governor.AcquireAsync((OperationKind)5, None).AsTask(); });
        Assert.Throws<ArgumentOutOfRangeException>(() => governor.TryAcquire(OperationKind.File, (OperationPriority)(-1), out _));
    }

    private ResourceGovernor Governor(GovernorOptions options) => new("process", options, _host.Environment);

    private static OperationPermit Acquired(ResourceGovernor governor, OperationKind kind = OperationKind.Compute)
    {
        Assert.Equal(Admission.Granted, governor.TryAcquire(kind, OperationPriority.Normal, out OperationPermit permit));
        return permit;
    }

    private static CoreException Failure(ResourceGovernor governor, OperationKind kind)
    {
        Task<OperationPermit> refused = governor.AcquireAsync(kind, None).AsTask();
        Assert.True(refused.IsFaulted);
        return Assert.IsType<CoreException>(refused.Exception.InnerException);
    }

    private void Queue(ResourceGovernor governor, string name, OperationPriority priority = OperationPriority.Normal) =>
        _ = _host.Environment.Executor.RunAsync(async () =>
        {
            using OperationPermit permit = await governor.AcquireAsync(OperationKind.Compute, priority, None);
            _log.Add(name);
        });
}
