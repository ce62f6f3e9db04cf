using System.Globalization;
using Sirsi.Core.Hosting;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests.Durability;

/// <summary>
/// A host in a process of its own, on a real disk or in a database, that is killed at random moments, again and again on the same place. What its agents do outside is done by a server here, which goes on.
/// </summary>
/// <param name="verb">What it does: a verb of the crash writer.</param>
/// <param name="place">The folder or database that it keeps its agents in.</param>
/// <param name="ready">What it says when all that is counted in the end is there.</param>
internal sealed class DoomedHost(string verb, string place, string ready) : IAsyncDisposable
{
    private readonly List<string> _said = [];

    /// <summary>Where its agents are.</summary>
    public string Place => place;

    /// <summary>The project they belong to.</summary>
    public ProjectScope Scope { get; } = new(HostEnvironment.Production.Ids.Next<Core.Identity.TenantKind>(), HostEnvironment.Production.Ids.Next<Core.Identity.ProjectKind>());

    /// <summary>What carries effects out.</summary>
    public EffectServer Server { get; } = new();

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    /// <summary>Starts it and kills it, so many times.</summary>
    /// <param name="kills">How many times.</param>
    /// <param name="seed">What the moments are drawn from.</param>
    /// <param name="longest">How long it lives at most, in milliseconds.</param>
    /// <param name="apart">How far the number that each begins to count its work with is from that of the one before.</param>
    /// <param name="arguments">What the verb takes between the place and the project.</param>
    public async Task KillAsync(int kills, int seed, int longest, int apart, params string[] arguments)
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (int kill = 0; kill < kills; kill++)
        {
            // However slow the machine, all is there in the end, and every other time before there is work to be cut off.
            bool isLate = kill % 2 == 1 || kill == kills - 1;
            await RunAndKillAsync([verb, place, .. arguments, Scope.Tenant.ToString(), Scope.Project.ToString(), $"{kill * apart}", Server.Address.ToString()], random.Next(1, longest), isLate);
        }
    }

    /// <summary>The numbers that it said behind a word.</summary>
    public IEnumerable<int> Said(string word) =>
        _said.Where(line => line.StartsWith(word + " ", StringComparison.Ordinal)).Select(line => int.Parse(line[(word.Length + 1)..], CultureInfo.InvariantCulture));

    private async Task RunAndKillAsync(string[] arguments, int milliseconds, bool isLate)
    {
        var isReady = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using DoomedProcess process = DoomedProcess.Start("CrashWriter", arguments, line =>
        {
            if (line == ready) isReady.TrySetResult();
        });
        await process.UntilItSpeaksAsync();
        if (isLate) await isReady.Task.WaitAsync(TimeSpan.FromMinutes(2));
        await Task.Delay(milliseconds);
        _said.AddRange(await process.KillAsync());
    }
}
