using System.Text;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Secrets;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests.Secrets;

public sealed class LocalSecretStoreTests
{
    private readonly DeterministicHost _host = new(seed: 7, StepOrder.Seeded);
    private readonly ProjectScope _scope;

    public LocalSecretStoreTests() => _scope = Vault.Scope(_host.Environment);

    [Fact]
    public void A_secret_is_found_again_after_the_store_was_closed_and_opened() => Run(async store =>
    {
        Assert.Equal("secret:db/password#1", (await store.PutAsync(_scope, "db/password", "hunter2")).ToString());
        await store.DisposeAsync();
        await using LocalSecretStore again = await Vault.OpenAsync(_host.Environment);
        Assert.Equal("hunter2", await again.GetAsync(_scope, "secret:db/password"));
        Assert.Equal(["db/password"], await again.ListAsync(_scope, Vault.None));
    });

    [Fact]
    public void Another_tenant_or_project_does_not_see_it() => Run(async store =>
    {
        await store.PutAsync(_scope, "token", "hunter2");
        ProjectScope[] others = [_scope with { Tenant = _host.Environment.Ids.Next<TenantKind>() }, _scope with { Project = _host.Environment.Ids.Next<ProjectKind>() }];
        foreach (ProjectScope other in others)
        {
            Assert.Null(await store.GetAsync(other, "secret:token"));
            Assert.Empty(await store.ListAsync(other, Vault.None));
            Assert.Empty(await store.VersionsAsync(other, "token", Vault.None));
            Assert.False(await store.DeleteAsync(other, "token", Vault.None));
        }

        Assert.Equal("hunter2", await store.GetAsync(_scope, "secret:token"));
    });

    [Fact]
    public void The_last_versions_are_kept_and_no_number_is_given_twice() => Run(async store =>
    {
        for (int i = 1; i <= 12; i++) await store.PutAsync(_scope, "token", $"value {i}");
        IReadOnlyList<SecretVersion> versions = await store.VersionsAsync(_scope, "token", Vault.None);
        Assert.Equal(Enumerable.Range(3, 10), versions.Select(static version => version.Number));
        Assert.Equal("value 12", await store.GetAsync(_scope, "secret:token"));
        Assert.Equal("value 3", await store.GetAsync(_scope, "secret:token#3"));
        Assert.Null(await store.GetAsync(_scope, "secret:token#2"));
        Assert.True(await store.DeleteAsync(_scope, "token", Vault.None));
        Assert.False(await store.DeleteAsync(_scope, "token", Vault.None));
        Assert.Null(await store.GetAsync(_scope, "secret:token"));
        Assert.Empty(await store.ListAsync(_scope, Vault.None));
        Assert.Equal(13, (await store.PutAsync(_scope, "token", "anew")).Version);
    });

    [Fact]
    public void Changes_at_once_are_made_one_after_the_other() => Run(async store =>
    {
        SecretReference[] references = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => store.PutAsync(_scope, "token", $"{i}").AsTask()));
        Assert.Equal(Enumerable.Range(1, 20), references.Select(static reference => reference.Version!.Value).Order());
        int last = Array.FindIndex(references, static reference => reference.Version == 20);
        Assert.Equal($"{last}", await store.GetAsync(_scope, "secret:token"));
    });

    [Fact]
    public void So_many_changes_may_wait_and_no_more() => Run(async store =>
    {
        List<Task> changes = [.. Enumerable.Range(0, 10).Select(i => store.PutAsync(_scope, "token", $"{i}").AsTask())];
        var failure = await Assert.ThrowsAsync<HypervisorException>(() => Task.WhenAll(changes));
        Assert.Equal(HypervisorErrors.SecretStoreBusy, failure.Code);
        Assert.Equal(5, changes.Count(static change => change.IsCompletedSuccessfully));
    }, Vault.Options with { ChangesWaitingMax = 4 });

    [Fact]
    public void A_new_key_opens_the_secrets_and_the_old_one_no_more() => Run(async store =>
    {
        await store.PutAsync(_scope, "token", "hunter2");
        await store.ChangeKeyAsync(Vault.Key("second"), Vault.None);
        Assert.Equal("hunter2", await store.GetAsync(_scope, "secret:token"));
        await store.PutAsync(_scope, "token", "hunter3");
        await store.DisposeAsync();
        var failure = await Assert.ThrowsAsync<HypervisorException>(async () => await Vault.OpenAsync(_host.Environment));
        Assert.Equal(HypervisorErrors.SecretKeyWrong, failure.Code);
        await using LocalSecretStore again = await Vault.OpenAsync(_host.Environment, Vault.Key("second"));
        Assert.Equal("hunter2", await again.GetAsync(_scope, "secret:token#1"));
        Assert.Equal("hunter3", await again.GetAsync(_scope, "secret:token"));
    });

    [Fact]
    public void Nothing_of_a_secret_is_in_the_file_or_in_a_text() => Run(async store =>
    {
        await store.PutAsync(_scope, "token", "hunter2-hunter2-hunter2");
        using SecretValue value = (await store.GetAsync(_scope, SecretReference.Parse("secret:token"), Vault.None))!;
        Assert.Equal("***", value.ToString());
        Assert.Equal("***", $"{value}");
        using HostFile file = _host.Environment.Files.OpenFolder(Vault.Folder).Open("secrets.sealed", HostFileAccess.Read);
        byte[] bytes = new byte[file.Length];
        Assert.Equal(bytes.Length, await file.ReadAsync(0, bytes, Vault.None));
        Assert.Equal(-1, bytes.AsSpan().IndexOf("hunter2"u8));
        byte[] tooLong = Encoding.UTF8.GetBytes("hunter2" + new string('x', LocalSecretStore.ValueLengthMax));
        var failure = await Assert.ThrowsAsync<HypervisorException>(async () => await store.PutAsync(_scope, "token", tooLong, null, Vault.None));
        Assert.Equal(HypervisorErrors.SecretStoreFull, failure.Code);
        Assert.DoesNotContain("hunter2", failure.ToString(), StringComparison.Ordinal);
        failure = await Assert.ThrowsAsync<HypervisorException>(async () => await store.PutAsync(_scope, "hunter2 as a name", "x"));
        Assert.DoesNotContain("hunter2", failure.ToString(), StringComparison.Ordinal);
    });

    [Fact]
    public void A_value_is_wiped_when_it_is_disposed_of() => Run(async store =>
    {
        await store.PutAsync(_scope, "token", "hunter2");
        SecretValue value = (await store.GetAsync(_scope, SecretReference.Parse("secret:token"), Vault.None))!;
        value.Dispose();
        Assert.Throws<ObjectDisposedException>(() => value.Bytes.Length);
        Assert.Equal(new byte[7], value.Room.ToArray());
    });

    [Fact]
    public void A_folder_has_one_store_at_a_time() => Run(async store =>
    {
        var failure = await Assert.ThrowsAsync<HypervisorException>(async () => await Vault.OpenAsync(_host.Environment));
        Assert.Equal(HypervisorErrors.SecretStoreInUse, failure.Code);
        await store.DisposeAsync();
        await store.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.GetAsync(_scope, "secret:token"));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.PutAsync(_scope, "token", "x"));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.ChangeKeyAsync(Vault.Key(), Vault.None));
        await using LocalSecretStore again = await Vault.OpenAsync(_host.Environment);
    });

    [Fact]
    public void The_kind_of_key_must_be_the_one_it_was_made_with() => Run(async store =>
    {
        await store.DisposeAsync();
        using var folder = new TemporaryFolder();
        using MasterKey other = await MasterKey.CreateFileAsync(folder.File("key"), _host.Environment, Vault.None);
        var failure = await Assert.ThrowsAsync<HypervisorException>(async () => await Vault.OpenAsync(_host.Environment, other));
        Assert.Equal(HypervisorErrors.SecretFileForeign, failure.Code);
        Assert.Contains("passphrase", failure.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void A_file_that_asks_for_too_much_work_is_refused_before_it_is_done() => Run(async store =>
    {
        await store.DisposeAsync();
        SecretStoreOptions strict = Vault.Options with
        {
            PassphraseCost = Vault.Options.PassphraseCost with { MemoryKiB = 8 },
            PassphraseLimits = new() { MemoryKiBMax = 8, WorkMax = 8 },
        };
        var failure = await Assert.ThrowsAsync<HypervisorException>(async () => await Vault.OpenAsync(_host.Environment, options: strict));
        Assert.Equal(HypervisorErrors.SecretFileForeign, failure.Code);
    }, Vault.Options with { PassphraseCost = Vault.Options.PassphraseCost with { Iterations = 2 } });

    [Fact]
    public void The_store_has_so_many_names_and_no_more() => Run(async store =>
    {
        await store.PutAsync(_scope, "one", "1");
        await store.PutAsync(_scope, "two", "2");
        var failure = await Assert.ThrowsAsync<HypervisorException>(async () => await store.PutAsync(_scope, "three", "3"));
        Assert.Equal(HypervisorErrors.SecretStoreFull, failure.Code);
        await store.PutAsync(_scope, "two", "22");
    }, Vault.Options with { SecretsMax = 2 });

    [Fact]
    public void Misuse_is_refused() => Run(async store =>
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.PutAsync(default, "token", "x"));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.PutAsync(_scope, "token", ""));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Vault.OpenAsync(_host.Environment, options: Vault.Options with { VersionsMax = 0 }));
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.PutAsync(_scope, "token", new byte[1], null, cancelled));
        Assert.Null(await store.GetAsync(_scope, "secret:token"));
    });

    private void Run(Func<LocalSecretStore, Task> test, SecretStoreOptions? options = null) => _host.Run(async () =>
    {
        await using LocalSecretStore store = await Vault.OpenAsync(_host.Environment, options: options);
        await test(store);
    });
}
