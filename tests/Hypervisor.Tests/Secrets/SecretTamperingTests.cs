using System.Collections.Immutable;
using System.Security.Cryptography;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Secrets;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests.Secrets;

public sealed class SecretTamperingTests : IDisposable
{
    private static readonly HostEnvironment Machine = HostEnvironment.Production;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_change_of_a_single_byte_and_every_cut_is_found(bool passphrase)
    {
        using MasterKey key = passphrase ? Vault.Key() : await MasterKey.CreateFileAsync(_folder.File("key"), Machine, Vault.None);
        byte[] good = await FileWithSecretsAsync(key);
        for (int at = 0; at < good.Length; at++)
        {
            byte[] changed = [.. good];
            changed[at] ^= (byte)(1 << (at % 8));
            await AssertRefusedAsync(key, changed, $"byte {at}");
            await AssertRefusedAsync(key, good[..at], $"cut to {at}");
        }

        await File.WriteAllBytesAsync(Secrets, good, Vault.None);
        await using LocalSecretStore store = await Vault.OpenAsync(Machine, key, folder: _folder.Path);
    }

    [Fact]
    public async Task A_forger_who_writes_the_digest_anew_is_found_out_all_the_same()
    {
        using MasterKey key = await MasterKey.CreateFileAsync(_folder.File("key"), Machine, Vault.None);
        byte[] good = await FileWithSecretsAsync(key);
        for (int at = 0; at < good.Length - 32; at++)
        {
            byte[] changed = [.. good];
            changed[at] ^= 0x40;
            SHA256.HashData(changed.AsSpan(..^32), changed.AsSpan(changed.Length - 32));
            await AssertRefusedAsync(key, changed, $"byte {at}");
        }
    }

    [Fact]
    public async Task A_file_of_something_else_is_called_foreign()
    {
        await File.WriteAllTextAsync(Secrets, "{ \"api-token\": \"in the clear\" }", Vault.None);
        var failure = await Assert.ThrowsAsync<HypervisorException>(async () => await Vault.OpenAsync(Machine, folder: _folder.Path));
        Assert.Equal(HypervisorErrors.SecretFileForeign, failure.Code);
    }

    [Fact]
    public void A_sealed_value_opens_in_its_own_place_and_in_no_other()
    {
        var scope = Vault.Scope(Machine);
        var key = new SecretKey(scope, "api-token");
        using MasterKey master = Vault.Key();
        using var keys = new SecretKeys(master, new byte[16], Vault.Options.PassphraseCost);
        SealedVersion version = SealedVersion.Seal(key, number: 3, createdTicks: 4, "hunter2"u8, keys, RandomNumberGenerator.Fill);
        Assert.True(Opens(version, key, keys));

        Assert.False(Opens(version, key with { Name = "api-tokens" }, keys));
        Assert.False(Opens(version, key with { Scope = scope with { Tenant = Machine.Ids.Next<TenantKind>() } }, keys));
        Assert.False(Opens(version, key with { Scope = scope with { Project = Machine.Ids.Next<ProjectKind>() } }, keys));
        Assert.False(Opens(version with { Number = 4 }, key, keys));
        Assert.False(Opens(version with { CreatedTicks = 5 }, key, keys));
        SealedVersion other = SealedVersion.Seal(key, number: 3, createdTicks: 4, "hunter3"u8, keys, RandomNumberGenerator.Fill);
        Assert.False(Opens(version with { Value = other.Value }, key, keys));
        Assert.False(Opens(version with { WrappedKey = other.WrappedKey }, key, keys));
        using var foreign = new SecretKeys(master, [.. Enumerable.Repeat((byte)1, 16)], Vault.Options.PassphraseCost);
        Assert.False(Opens(version, key, foreign));
    }

    [Fact]
    public void A_file_is_not_made_larger_than_it_may_be_read()
    {
        using MasterKey master = Vault.Key();
        var header = new SecretFileHeader(IsPassphrase: true, Vault.Options.PassphraseCost, new byte[16]);
        using var keys = new SecretKeys(master, header.Salt, header.Cost);
        var version = new SealedVersion(1, 1, new byte[SealedVersion.WrappedSize], new byte[65_536]);
        var secret = new StoredSecret(1_024, [.. Enumerable.Repeat(version, 1_024)], SecretHosts.Any);
        var secrets = ImmutableDictionary<SecretKey, StoredSecret>.Empty.Add(new SecretKey(Vault.Scope(Machine), "large"), secret);
        Assert.Null(SecretFile.Write(header, keys, secrets));
    }

    private string Secrets => _folder.File("secrets.sealed");

    private async Task<byte[]> FileWithSecretsAsync(MasterKey key)
    {
        ProjectScope scope = Vault.Scope(Machine);
        await using (LocalSecretStore store = await Vault.OpenAsync(Machine, key, folder: _folder.Path))
        {
            await store.PutAsync(scope, "api-token", "hunter2", SecretHosts.Of("a.example"));
            await store.PutAsync(scope, "gone", "x");
            await store.DeleteAsync(scope, "gone", Vault.None);
        }

        return await File.ReadAllBytesAsync(Secrets, Vault.None);
    }

    private async Task AssertRefusedAsync(MasterKey key, byte[] file, string what)
    {
        await File.WriteAllBytesAsync(Secrets, file, Vault.None);
        try
        {
            await using LocalSecretStore store = await Vault.OpenAsync(Machine, key, folder: _folder.Path);
        }
        catch (HypervisorException failure)
        {
            Assert.Contains(failure.Code.Number, new[] { 3061, 3062, 3063 });
            return;
        }

        Assert.Fail($"{what}: the change was not found.");
    }

    private static bool Opens(SealedVersion version, SecretKey key, SecretKeys keys)
    {
        byte[] value = new byte[version.ValueLength];
        try
        {
            version.Open(key, keys, value);
            return value.AsSpan().SequenceEqual("hunter2"u8);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }
}
