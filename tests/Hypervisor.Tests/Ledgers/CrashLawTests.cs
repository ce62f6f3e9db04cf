namespace Sirsi.Hypervisor.Tests.Ledgers;

/// <summary>The database is closed under the host at any moment, again and again, and transfers balance.</summary>
public sealed class CrashLawTests
{
    [Fact]
    public async Task Transfers_balance_whenever_the_database_is_closed()
    {
        for (int seed = 1; seed <= 15; seed++)
        {
            var random = new Random(seed);
            await using Lives lives = await Lives.BeginAsync(new SqliteSite(), static types => types.Register(Teller.Type), static options => options with { CheckpointBytes = 4_096 });
            Agent[] tellers = await Teller.SpawnAsync(lives, 6);
            int chains = random.Next(1, 6);
            for (int chain = 0; chain < chains; chain++) Assert.Equal(SendOutcome.Accepted, await lives.TellAsync(tellers[chain], "transfer", $"{chain} 1 0"));
            for (int crashes = random.Next(1, 4); crashes > 0; crashes--)
            {
                int steps = random.Next(0, 200);
                await lives.Site.RunAsync(async () =>
                {
                    for (int i = 0; i < steps; i++) await Task.Yield();
                });
                await lives.AgainAsync();
            }

            await lives.Site.UntilAsync(() => Teller.Sum(lives, tellers, "handled") == chains * Teller.Hops);
            Assert.Equal((chains, 0), (Teller.Sum(lives, tellers, "begun"), Teller.Sum(lives, tellers, "balance")));
        }
    }
}
