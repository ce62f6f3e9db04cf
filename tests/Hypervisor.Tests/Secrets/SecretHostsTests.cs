using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Secrets;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests.Secrets;

public sealed class SecretHostsTests
{
    private readonly DeterministicHost _host = new(seed: 13);
    private readonly ProjectScope _scope;

    public SecretHostsTests() => _scope = Vault.Scope(_host.Environment);

    [Theory]
    [InlineData("api.example.com", "api.example.com", true)]
    [InlineData("API.Example.com", "api.example.com", true)]
    [InlineData("api.example.com", "api.example.com:8443", false)]
    [InlineData("api.example.com:*", "api.example.com:8443", true)]
    [InlineData("api.example.com:*", "api.example.com.evil.test:8443", false)]
    [InlineData("*.example.com", "a.example.com", true)]
    [InlineData("*.example.com", "a.b.example.com", false)]
    [InlineData("*.example.com", "example.com", false)]
    [InlineData("*.example.com", "a.example.com.evil.test", false)]
    [InlineData("[::1]:8200", "[::1]:8200", true)]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    public void A_host_is_written_as_in_capabilities(string bound, string host, bool allowed) => Assert.Equal(allowed, SecretHosts.Of(bound).Allows(host));

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("api.*")]
    [InlineData("a*.example.com")]
    [InlineData("https://api.example.com")]
    [InlineData("api.example.com/path")]
    [InlineData("user@api.example.com")]
    [InlineData("api..example.com")]
    [InlineData("bücher.example")]
    [InlineData("api.example.com:")]
    public void What_is_no_host_is_refused(string text) =>
        Assert.Equal(HypervisorErrors.SecretHostInvalid, Assert.Throws<HypervisorException>(() => SecretHosts.Of(text)).Code);

    [Fact]
    public void A_secret_is_bound_to_so_many_hosts_and_no_more()
    {
        string[] names = [.. Enumerable.Range(0, SecretHosts.CountMax + 1).Select(static i => $"h{i}.example")];
        Assert.Equal(HypervisorErrors.SecretHostInvalid, Assert.Throws<HypervisorException>(() => SecretHosts.Of(names)).Code);
        Assert.Equal(SecretHosts.CountMax, SecretHosts.Of(names[1..]).Names.Length);
        Assert.True(SecretHosts.Of().IsAny);
    }

    [Fact]
    public void A_binding_is_the_name_s_and_outlives_versions_and_keys_but_not_the_secret() => _host.Run(async () =>
    {
        var bound = SecretHosts.Of("b.example", "a.example");
        await using (LocalSecretStore store = await Vault.OpenAsync(_host.Environment))
        {
            Assert.Null(await store.HostsAsync(_scope, "token", Vault.None));
            Assert.False(await store.BindAsync(_scope, "token", bound, Vault.None));
            await store.PutAsync(_scope, "token", "one");
            Assert.True((await store.HostsAsync(_scope, "token", Vault.None))!.IsAny);
            await store.PutAsync(_scope, "token", "two", bound);
            await store.PutAsync(_scope, "token", "three");
            await store.ChangeKeyAsync(Vault.Key("second"), Vault.None);
        }

        await using LocalSecretStore again = await Vault.OpenAsync(_host.Environment, Vault.Key("second"));
        foreach (string reference in (string[])["secret:token", "secret:token#1"])
        {
            using SecretValue? value = await again.GetAsync(_scope, SecretReference.Parse(reference), Vault.None);
            Assert.Equal(["a.example", "b.example"], value!.Hosts.Names);
        }

        Assert.True(await again.BindAsync(_scope, "token", SecretHosts.Any, Vault.None));
        Assert.True((await again.HostsAsync(_scope, "token", Vault.None))!.IsAny);
        await again.BindAsync(_scope, "token", bound, Vault.None);
        await again.DeleteAsync(_scope, "token", Vault.None);
        Assert.Null(await again.HostsAsync(_scope, "token", Vault.None));
        await again.PutAsync(_scope, "token", "anew");
        Assert.True((await again.HostsAsync(_scope, "token", Vault.None))!.IsAny);
    });

    [Fact]
    public void A_file_of_version_1_opens_bound_to_nothing_and_is_version_2_after_the_next_change() => _host.Run(async () =>
    {
        HostFolder folder = _host.Environment.Files.OpenFolder(Vault.Folder);
        using (HostFile file = folder.Open("secrets.sealed", HostFileAccess.Append))
        {
            await file.AppendAsync(VersionOne(("db/password", "hunter2"), ("token", "w0rd")), Vault.None);
            await file.FlushAsync(Vault.None);
        }

        await using (LocalSecretStore store = await Vault.OpenAsync(_host.Environment))
        {
            Assert.Equal("hunter2", await store.GetAsync(_scope, "secret:db/password"));
            Assert.True((await store.HostsAsync(_scope, "token", Vault.None))!.IsAny);
            Assert.Equal(1, await FormatAsync(folder));
            await store.BindAsync(_scope, "token", SecretHosts.Of("api.example"), Vault.None);
            Assert.Equal(2, await FormatAsync(folder));
        }

        await using LocalSecretStore again = await Vault.OpenAsync(_host.Environment);
        Assert.Equal("w0rd", await again.GetAsync(_scope, "secret:token#1"));
        Assert.Equal("api.example", (await again.HostsAsync(_scope, "token", Vault.None))!.ToString());
    });

    private static async Task<int> FormatAsync(HostFolder folder)
    {
        using HostFile file = folder.Open("secrets.sealed", HostFileAccess.Read);
        byte[] bytes = new byte[10];
        Assert.Equal(bytes.Length, await file.ReadAsync(0, bytes, Vault.None));
        return bytes[8];
    }

    /// <summary>A file as version 1 wrote it: nothing of hosts in it.</summary>
    private byte[] VersionOne(params (string Name, string Value)[] secrets)
    {
        byte[] salt = [.. Enumerable.Range(0, 16).Select(static i => (byte)i)];
        using MasterKey master = Vault.Key();
        using var keys = new SecretKeys(master, salt, Vault.Options.PassphraseCost);
        var file = new List<byte>([.. "SIRSISEC"u8, 1, 0, 2, 0, .. Number(8), .. Number(1), .. Number(1), .. salt]);
        file.AddRange(HMACSHA256.HashData(keys.Check, [.. file])[..16]);
        file.AddRange(Number(secrets.Length));
        foreach ((string name, string value) in secrets)
        {
            SealedVersion version = SealedVersion.Seal(new SecretKey(_scope, name), 1, 5, Encoding.UTF8.GetBytes(value), keys, RandomNumberGenerator.Fill);
            file.AddRange([.. _scope.Tenant.Value.ToByteArray(bigEndian: true), .. _scope.Project.Value.ToByteArray(bigEndian: true), (byte)name.Length, .. Encoding.ASCII.GetBytes(name)]);
            file.AddRange([.. Number(1), .. Number(1), .. Number(1), 5, 0, 0, 0, 0, 0, 0, 0, .. version.WrappedKey, .. Number(version.Value.Length), .. version.Value]);
        }

        file.AddRange(HMACSHA256.HashData(keys.File, [.. file]));
        file.AddRange(SHA256.HashData([.. file]));
        return [.. file];
    }

    private static byte[] Number(int number)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        return bytes;
    }
}
