using System.Globalization;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Secrets;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests.Secrets;

/// <summary>The power may go at any operation of the disk: what was acknowledged is there, and a change under way is there whole or not at all.</summary>
public sealed class SecretPowerTests
{
    private static readonly string[] Names = ["a", "b/c", "d.e"];

    [Fact]
    public void Whenever_the_power_goes_the_secrets_are_those_before_the_change_or_those_after() => Check.That(seed: 91, runs: 400, static random =>
    {
        var host = new DeterministicHost(random.Next());
        var disk = new FaultyDisk(host.Environment.Executor, random.Next());
        HostEnvironment environment = host.Environment with { Files = disk };
        host.Run(() => LiveAsync(environment, disk, random));
    });

    [Fact]
    public void A_disk_that_fails_or_is_full_leaves_the_secrets_as_they_were() => Check.That(seed: 92, runs: 200, static random =>
    {
        var host = new DeterministicHost(random.Next());
        var disk = new FaultyDisk(host.Environment.Executor, random.Next());
        HostEnvironment environment = host.Environment with { Files = disk };
        host.Run(async () =>
        {
            ProjectScope scope = Vault.Scope(environment);
            await using LocalSecretStore store = await Vault.OpenAsync(environment);
            await store.PutAsync(scope, "kept", "before");
            disk.Faults = new DiskFaults(Full: 0.3, WriteFails: 0.3, FlushFails: 0.3);
            string expected = "before";
            for (int i = 0; i < 5; i++)
            {
                try
                {
                    await store.PutAsync(scope, "kept", $"{i}");
                    expected = $"{i}";
                }
                catch (HypervisorException failure)
                {
                    Assert.Equal(HypervisorErrors.SecretStoreUnreachable, failure.Code);
                }

                Assert.Equal(expected, await store.GetAsync(scope, "secret:kept"));
            }
        });
    });

    private static async Task LiveAsync(HostEnvironment environment, FaultyDisk disk, Random random)
    {
        ProjectScope scope = Vault.Scope(environment);
        var acknowledged = new SortedDictionary<string, string>(StringComparer.Ordinal);
        string word = "first";
        for (int life = 0; life < 3; life++)
        {
            LocalSecretStore store = await Vault.OpenAsync(environment, Vault.Key(word));
            Assert.Equal(acknowledged, await AllAsync(store, scope));
            disk.PowerGoesAfter = random.Next(25);
            var after = new SortedDictionary<string, string>(StringComparer.Ordinal);
            string wordAfter = word;
            try
            {
                while (true)
                {
                    (after, wordAfter) = (new(acknowledged, StringComparer.Ordinal), word);
                    string name = Names[random.Next(Names.Length)];
                    switch (random.Next(4))
                    {
                        case 0:
                            wordAfter = random.Next(1_000).ToString(CultureInfo.InvariantCulture);
                            await store.ChangeKeyAsync(Vault.Key(wordAfter), Vault.None);
                            break;
                        case 1:
                            after.Remove(name);
                            await store.DeleteAsync(scope, name, Vault.None);
                            break;
                        default:
                            after[name] = new string('x', random.Next(1, 2_000));
                            await store.PutAsync(scope, name, after[name]);
                            break;
                    }

                    (acknowledged, word) = (after, wordAfter);
                }
            }
            catch (HypervisorException failure)
            {
                Assert.Equal(HypervisorErrors.SecretStoreUnreachable, failure.Code);
            }

            disk.LosePower();
            (acknowledged, word) = await FoundAsync(environment, scope, (acknowledged, word), (after, wordAfter));
        }
    }

    /// <summary>Opens with either key and gives the state that is found, which is one of the two.</summary>
    private static async Task<(SortedDictionary<string, string> Secrets, string Word)> FoundAsync(
        HostEnvironment environment, ProjectScope scope, (SortedDictionary<string, string> Secrets, string Word) before, (SortedDictionary<string, string> Secrets, string Word) after)
    {
        foreach ((SortedDictionary<string, string> secrets, string word) in new[] { before, after })
        {
            try
            {
                await using LocalSecretStore store = await Vault.OpenAsync(environment, Vault.Key(word));
                SortedDictionary<string, string> found = await AllAsync(store, scope);
                if (found.SequenceEqual(secrets)) return (secrets, word);
            }
            catch (HypervisorException failure)
            {
                Assert.Equal(HypervisorErrors.SecretKeyWrong, failure.Code);
            }
        }

        Assert.Fail("The secrets are neither those before the change nor those after.");
        return before;
    }

    private static async Task<SortedDictionary<string, string>> AllAsync(LocalSecretStore store, ProjectScope scope)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string name in await store.ListAsync(scope, Vault.None)) all[name] = (await store.GetAsync(scope, $"secret:{name}"))!;
        return all;
    }
}
