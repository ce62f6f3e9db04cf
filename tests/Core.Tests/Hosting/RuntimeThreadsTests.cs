using Sirsi.Core.Hosting;

namespace Sirsi.Core.Tests.Hosting;

public sealed class RuntimeThreadsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sirsi-threads-").FullName;
    private readonly ManualTime _time = new();
    private readonly RuntimeThreads _threads;

    public RuntimeThreadsTests() => _threads = new RuntimeThreads(_time, _folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_runtimes_threads_count_and_those_that_work_for_others_do_not()
    {
        Account(1, "dotnet", 900);
        Account(2, ".NET Timer", 3);
        Account(3, ".NET TP Worker", 800);
        Account(4, ".NET Tiered Com", 20);
        Account(5, ".NET Long Runni", 700);
        Account(6, "a (named) one", 600);
        Assert.Equal(230, OverheadMs());
    }

    [Fact]
    public void What_a_thread_spent_before_it_ended_still_counts()
    {
        Account(1, ".NET Tiered Com", 7);
        Assert.Equal(70, OverheadMs());
        Directory.Delete(Path.Combine(_folder, "1"), recursive: true);
        Assert.Equal(70, OverheadMs());
        Account(1, ".NET Tiered Com", 2);
        Assert.Equal(90, OverheadMs());
    }

    [Fact]
    public void A_thread_that_gets_its_name_a_little_late_is_known_by_it()
    {
        Account(1, ".NET TP Worker", 0);
        Assert.Equal(0, OverheadMs());
        Account(1, ".NET Timer", 5);
        Assert.Equal(50, OverheadMs());
    }

    [Fact]
    public void Within_a_second_the_account_is_not_read_again()
    {
        Account(1, ".NET Timer", 1);
        ExecutorUse first = _threads.Use();
        Account(1, ".NET Timer", 2);
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(first, _threads.Use());
    }

    [Theory]
    [InlineData("")]
    [InlineData("1 (.NET Timer")]
    [InlineData("1 (.NET Timer)")]
    [InlineData("1 (.NET Timer) S 1 2 3")]
    [InlineData("1 (.NET Timer) S 1 2 3 4 5 6 7 8 9 10 x y")]
    public void An_account_nobody_can_read_counts_nothing(string account)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "1"));
        File.WriteAllText(Path.Combine(_folder, "1", "stat"), account);
        Directory.CreateDirectory(Path.Combine(_folder, "2"));
        Assert.Equal(0, OverheadMs());
    }

    [Fact]
    public void Where_no_account_is_kept_there_is_no_overhead()
    {
        ExecutorUse use = new RuntimeThreads(_time, Path.Combine(_folder, "none")).Use();
        Assert.Equal(0, use.OverheadNs);
        Assert.True(use.ProcessNs > 0);
    }

    [Fact]
    public void The_account_of_this_machine_is_read()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("only Linux keeps such an account");
        using var read = new ManualResetEventSlim();
        using var spent = new ManualResetEventSlim();
        var thread = new Thread(() =>
        {
            long start = Environment.CpuUsage.TotalTime.Ticks;
            while (Environment.CpuUsage.TotalTime.Ticks - start < TimeSpan.TicksPerSecond / 2) Thread.SpinWait(100);
            spent.Set();
            read.Wait(TimeSpan.FromSeconds(60));
        })
        { Name = ".NET Test" };
        thread.Start();
        Assert.True(spent.Wait(TimeSpan.FromSeconds(60)));
        ExecutorUse use = new RuntimeThreads(_time).Use();
        read.Set();
        thread.Join();
        Assert.InRange(use.OverheadNs, 50_000_000, use.ProcessNs);
    }

    private double OverheadMs()
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return _threads.Use().OverheadNs / 1e6;
    }

    /// <summary>A thread's account as Linux writes it, of which a third was spent in the system.</summary>
    private void Account(int number, string name, int ticks)
    {
        string folder = Path.Combine(_folder, $"{number}");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "stat"), $"{number} ({name}) S 1 1 1 0 -1 4194304 101 0 0 0 {ticks - (ticks / 3)} {ticks / 3} 0 0 20 0\n");
    }
}
