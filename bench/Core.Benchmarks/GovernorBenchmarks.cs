using Sirsi.Core.Governing;
using Sirsi.Core.Hosting;

namespace Sirsi.Core.Benchmarks;

internal static class GovernorBenchmarks
{
    private static readonly CpuCap Cap = new(100, CpuShareOf.AllCores);

    public static void Run()
    {
        Acquire("acquire + release, one level, no CPU cap", 1, new(), budgetNs: 150);
        Acquire("acquire + release, four levels, no CPU cap", 4, new(), budgetNs: 0);
        Acquire("acquire + release, one level, CPU accounting", 1, new() { CpuCap = Cap }, budgetNs: 0);
        Acquire("acquire + release, four levels, CPU accounting", 4, new() { CpuCap = Cap }, budgetNs: 1_000);
        Acquire("acquire + release, four levels, CPU accounting at the process", 4, new() { CpuCap = Cap }, budgetNs: 1_000, capEach: false);
        Acquire("acquire + release, one level, I/O rate", 1, new() { IoOperationsPerSecondMax = GovernorOptions.CountMax }, budgetNs: 0, OperationKind.Storage);
        Checkpoint();
    }

    private static void Acquire(
        string name, int levels, GovernorOptions options, double budgetNs, OperationKind kind = OperationKind.Compute, bool capEach = true)
    {
        var governor = new ResourceGovernor("process", options, HostEnvironment.Production);
        for (int level = 1; level < levels; level++) governor = governor.CreateChild("child", capEach ? options : new());
        Measurement.Print(name, 300_000, budgetNs, times =>
        {
            for (int i = 0; i < times; i++)
            {
                ValueTask<OperationPermit> acquiring = governor.AcquireAsync(kind, CancellationToken.None);
                acquiring.Result.Dispose();
            }
        });
    }

    private static void Checkpoint()
    {
        using var governor = new ResourceGovernor("process", new() { CpuCap = Cap }, HostEnvironment.Production);
        using OperationPermit permit = governor.AcquireAsync(OperationKind.Compute, CancellationToken.None).Result;
        Measurement.Print("checkpoint, one level, CPU accounting", 300_000, budgetNs: 0, times =>
        {
            for (int i = 0; i < times; i++) permit.CheckpointAsync(CancellationToken.None).GetAwaiter().GetResult();
        });
    }
}
