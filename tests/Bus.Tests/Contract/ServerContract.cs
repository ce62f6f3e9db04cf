using Sirsi.Bus.Drivers;
using Sirsi.Bus.Publishing;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Contract;

/// <summary>The contract over a real server, in real time: <c>HOST:PORT</c> in an environment variable says where it is.</summary>
[Trait("Suite", "slow")]
public abstract class ServerContract(string variable) : BusContract
{
    private static readonly string Run = $"t{Guid.NewGuid():N}"[..12];

    protected static HostEnvironment Environment => HostEnvironment.Production;

    protected string Address => AddressOf(variable);

    internal static string AddressOf(string variable)
    {
        string? address = System.Environment.GetEnvironmentVariable(variable);
        if (string.IsNullOrEmpty(address)) Assert.Skip($"skipped: no server ({variable} names none; ./test starts one)");
        return address;
    }

    protected override TimeSpan Short => TimeSpan.FromSeconds(2);

    protected override async Task RunAsync(Func<TestBus, Task> test, LogOptions? log = null)
    {
        // Some servers set a log's bytes aside when it is made.
        BusOptions options = Options with { Log = log ?? new LogOptions { RetentionBytes = 16 << 20 } };
        await using var bus = new EventBus(CreateDriver(Environment), options, Environment);
        await test(new TestBus(bus, Environment, NextScope($"{Run}{GetType().Name.ToLowerInvariant()}{Guid.NewGuid().ToString("N")[..6]}")));
    }
}
