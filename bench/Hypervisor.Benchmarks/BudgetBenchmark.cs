using System.Diagnostics;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Capabilities;

namespace Sirsi.Hypervisor.Benchmarks;

/// <summary>What stands before every call of an agent: the check of its capability and the reservation of its budget, through four levels.</summary>
internal static class BudgetBenchmark
{
    private const int Rounds = 9, Operations = 1_000_000;

    public static void Run()
    {
        Console.WriteLine($"decision through four levels, median of {Rounds} rounds (best), bytes allocated per operation");
        Budgets();
        CrowdedBudgets();
        Capabilities();
    }

    private static void Budgets()
    {
        BudgetAccount agent = Account(renewsEvery: null);
        var call = new BudgetAmounts { Money = 120, ModelTokens = 900, HostCalls = 1 };
        var used = new BudgetAmounts { Money = 80, ModelTokens = 600, HostCalls = 1 };
        Print("reserve and settle 3 resources", () =>
        {
            agent.TryReserve(call, out BudgetReservation reservation, out _);
            reservation.Settle(used);
        });
        Print("reserve and give back 3 resources", () =>
        {
            agent.TryReserve(call, out BudgetReservation reservation, out _);
            reservation.Dispose();
        });
        BudgetAccount daily = Account(TimeSpan.FromDays(1));
        Print("reserve and settle 3 resources, budget of the day", () =>
        {
            daily.TryReserve(call, out BudgetReservation reservation, out _);
            reservation.Settle(used);
        });
        BudgetAccount spent = agent.CreateChild("spent", new BudgetLimits { Money = 10 });
        Print("refuse", () => spent.TryReserve(call, out _, out _));
    }

    /// <summary>Every core at the lock of one tree: the time is that of one decision as its caller sees it.</summary>
    private static void CrowdedBudgets()
    {
        BudgetAccount agent = Account(renewsEvery: null);
        int threads = Environment.ProcessorCount;
        var times = new double[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            List<Thread> all = [.. Enumerable.Range(0, threads).Select(_ => new Thread(() =>
            {
                BudgetAccount child = agent.CreateChild("child", BudgetLimits.None);
                var call = new BudgetAmounts { ModelTokens = 900, HostCalls = 1 };
                for (int i = 0; i < Operations; i++)
                {
                    child.TryReserve(call, out BudgetReservation reservation, out BudgetRefusal _);
                    reservation.Settle(call);
                }
            }))];
            all.ForEach(static thread => thread.Start());
            all.ForEach(static thread => thread.Join());
            times[round] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / Operations;
        }

        Array.Sort(times);
        Console.WriteLine($"{$"reserve and settle 2 resources, {threads} threads on one tree",-62} {times[Rounds / 2],9:N1} ns  ({times[0]:N1})");
    }

    private static void Capabilities()
    {
        CapabilitySet set = CapabilitySet.Parse([
            "agent.spawn:aws", "bus.publish:agent.report.*", "cloud.aws:ec2.describe*", "cloud.aws:s3.get*", "cloud.aws:s3.list*",
            "context.read", "context.write:plan/*", "model.complete", "net.http:*.amazonaws.com", "net.http:api.example.com"]);
        var session = CapabilityGrant.CreateRoot("session", set, HostEnvironment.Production.Time);
        CapabilityGrant agent = session.Derive("agent", set, expiresAt: null, out _)!.Derive("child", set, expiresAt: null, out _)!;
        Print("capability without scope, 3 levels", () => agent.Allows("model.complete", ""));
        Print("capability, 2nd of 2 patterns of the action, 3 levels", () => agent.Allows("net.http", "api.example.com"));
        Print("capability, star inside, 3 levels", () => agent.Allows("net.http", "ec2.amazonaws.com"));
        session.Renew(HostEnvironment.Production.Time.GetUtcNow().AddDays(1));
        Print("capability that expires, 3 levels", () => agent.Allows("cloud.aws", "s3.listBuckets"));
    }

    private static BudgetAccount Account(TimeSpan? renewsEvery)
    {
        var limits = new BudgetLimits { Money = long.MaxValue, ModelTokens = long.MaxValue, HostCalls = long.MaxValue, RenewsEvery = renewsEvery };
        var account = new BudgetAccount("tenant", limits, new BudgetOptions { OnWarning = static _ => { } }, HostEnvironment.Production);
        for (int level = 1; level < 4; level++) account = account.CreateChild($"level {level}", limits);
        return account;
    }

    private static void Print(string name, Action operation)
    {
        var times = new double[Rounds];
        for (int i = 0; i < Operations; i++) operation();
        Thread.Sleep(200);
        for (int i = 0; i < Operations; i++) operation();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < Operations; i++) operation();
            times[round] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / Operations;
        }

        double bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)(Rounds * Operations);
        Array.Sort(times);
        Console.WriteLine($"{name,-62} {times[Rounds / 2],9:N1} ns  ({times[0]:N1})  {bytes,6:N2} B");
    }
}
