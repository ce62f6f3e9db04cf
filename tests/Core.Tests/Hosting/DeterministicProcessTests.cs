using Sirsi.Core.Hosting;

namespace Sirsi.Core.Tests.Hosting;

public sealed class DeterministicProcessTests
{
    private readonly DeterministicHost _machine = new(1);

    [Fact]
    public void A_process_that_is_killed_runs_no_further_not_even_a_finally()
    {
        var seen = new List<string>();
        DeterministicProcess process = _machine.StartProcess();
        _ = process.Environment.Executor.RunAsync(async () =>
        {
            try
            {
                seen.Add("begun");
                await Task.Delay(TimeSpan.FromSeconds(1), process.Environment.Time);
                seen.Add("went on");
            }
            finally
            {
                seen.Add("finally");
            }
        });
        _machine.RunUntilIdle();
        process.Kill();
        _machine.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["begun"], seen);
        Assert.False(process.IsAlive);
    }

    [Fact]
    public void What_others_do_goes_on_when_a_process_is_killed()
    {
        int periods = 0;
        DeterministicProcess one = _machine.StartProcess(), other = _machine.StartProcess();
        using ITimer periodic = other.Environment.Time.CreateTimer(_ => periods++, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        using ITimer dead = one.Environment.Time.CreateTimer(_ => Assert.Fail("It is dead."), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));
        bool isDone = false;
        _ = other.Environment.Executor.RunAsync(async () =>
        {
            await Task.Yield();
            isDone = true;
        });
        one.Kill();
        _machine.Advance(TimeSpan.FromSeconds(5));
        Assert.True(isDone);
        Assert.Equal(5, periods);
    }

    [Fact]
    public void Code_of_a_process_comes_back_to_it_from_what_the_machine_did_for_it()
    {
        DeterministicProcess process = _machine.StartProcess();
        bool cameBack = false, wasDone = false;
        _ = process.Environment.Executor.RunAsync(async () =>
        {
            await _machine.Environment.Executor.RunAsync(async () =>
            {
                await Task.Delay(TimeSpan.FromSeconds(1), _machine.Environment.Time);
                wasDone = true;
            });
            cameBack = true;
        });
        _machine.RunUntilIdle();
        process.Kill();
        _machine.Advance(TimeSpan.FromSeconds(2));
        Assert.True(wasDone);
        Assert.False(cameBack);
    }

    [Fact]
    public void A_clock_that_is_wrong_measures_time_all_the_same()
    {
        DeterministicProcess process = _machine.StartProcess();
        TimeProvider time = process.Environment.Time;
        long began = time.GetTimestamp();
        bool isOver = false;
        using ITimer timer = time.CreateTimer(_ => isOver = true, null, TimeSpan.FromMinutes(2), Timeout.InfiniteTimeSpan);
        process.ClockError = TimeSpan.FromHours(-3);
        Assert.Equal(_machine.Environment.Time.GetUtcNow() - TimeSpan.FromHours(3), time.GetUtcNow());
        _machine.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.FromMinutes(1), time.GetElapsedTime(began));
        Assert.False(isOver);
        _machine.Advance(TimeSpan.FromMinutes(1));
        Assert.True(isOver);
    }

    [Fact]
    public void The_machine_goes_step_by_step_and_no_further_than_it_is_told()
    {
        DateTimeOffset now = _machine.Environment.Time.GetUtcNow();
        using ITimer timer = _machine.Environment.Time.CreateTimer(static _ => { }, null, TimeSpan.FromSeconds(10), Timeout.InfiniteTimeSpan);
        _machine.Environment.Executor.Post(static _ => { }, null);
        Assert.True(_machine.TryStep(now));
        Assert.False(_machine.TryStep(now + TimeSpan.FromSeconds(9)));
        Assert.Equal(now, _machine.Environment.Time.GetUtcNow());
        Assert.True(_machine.TryStep(now + TimeSpan.FromSeconds(10)));
        Assert.Equal(now + TimeSpan.FromSeconds(10), _machine.Environment.Time.GetUtcNow());
        Assert.False(_machine.TryStep(DateTimeOffset.MaxValue));
    }
}
