using Sirsi.Core.Hosting;

namespace Sirsi.Core.Tests.Hosting;

public sealed class ProcessorMeterTests
{
    [Fact]
    public void A_flow_is_charged_for_what_it_computes_and_not_for_what_it_waits_for_or_others_compute()
    {
        var host = new DeterministicHost(1);
        ProcessorMeter[] meters = [new ProcessorMeter(host.Environment), new ProcessorMeter(host.Environment)];
        async Task WorkAsync(ProcessorMeter? meter, int milliseconds)
        {
            meter?.Begin();
            for (int i = 0; i < 3; i++)
            {
                host.Compute(TimeSpan.FromMilliseconds(milliseconds));
                await InnerAsync(milliseconds);
                await Task.Delay(TimeSpan.FromSeconds(1), host.Environment.Time);
            }

            meter?.End();
        }

        async Task InnerAsync(int milliseconds)
        {
            await Task.Yield();
            host.Compute(TimeSpan.FromMilliseconds(milliseconds));
        }

        host.Run(() => Task.WhenAll(WorkAsync(meters[0], 2), WorkAsync(meters[1], 30), WorkAsync(null, 500)));
        Assert.Equal((12_000_000, 180_000_000), (meters[0].SpentNs, meters[1].SpentNs));
        Assert.Equal(meters[0].SpentNs, meters[0].MostNs);
        host.Compute(TimeSpan.FromSeconds(1));
        Assert.Equal(12_000_000, meters[0].MostNs);
    }

    [Fact]
    public void While_a_thread_runs_the_flow_it_may_have_spent_as_much_as_time_has_passed()
    {
        var host = new DeterministicHost(1);
        var meter = new ProcessorMeter(host.Environment);
        long most = 0, spent = 0;
        host.Run(async () =>
        {
            meter.Begin();
            await Task.Yield();
            host.Compute(TimeSpan.FromMilliseconds(7));
            (most, spent) = (meter.MostNs, meter.SpentNs);
        });
        Assert.Equal((7_000_000, 0), (most, spent));
        Assert.Equal(7_000_000, meter.SpentNs);
    }

    [Fact]
    public async Task On_a_machine_it_is_the_threads_account()
    {
        HostEnvironment machine = HostEnvironment.Production;
        var meter = new ProcessorMeter(machine);
        await machine.Executor.RunAsync(async () =>
        {
            meter.Begin();
            await Task.Yield();
            long until = machine.Executor.ProcessorTimeNs() + 20_000_000;
            while (machine.Executor.ProcessorTimeNs() < until) Thread.SpinWait(100);
            meter.End();
        });
        Assert.InRange(meter.SpentNs, 15_000_000, 10_000_000_000);
    }
}
