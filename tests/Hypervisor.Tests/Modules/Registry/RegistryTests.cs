using System.Text;
using Sirsi.Core.Cryptography;
using Sirsi.Core.Plugins;
using Sirsi.Hypervisor.Modules;
using Sirsi.Hypervisor.Modules.Registry;

namespace Sirsi.Hypervisor.Tests.Modules.Registry;

public sealed class RegistryTests
{
    private static readonly SemanticVersion One = SemanticVersion.Of(1, 0, 0);
    private static readonly SemanticVersion Two = SemanticVersion.Of(2, 0, 0);

    [Theory]
    [InlineData(KeyAlgorithm.Ed25519)]
    [InlineData(KeyAlgorithm.EcdsaP256)]
    public void A_signed_module_is_added_granted_activated_and_loaded(KeyAlgorithm algorithm)
    {
        using var shelf = new Shelf(algorithm);
        InstalledModule added = shelf.Add(Shelf.Yaml(more: Shelf.Asks("estate.read")));
        Assert.Equal(ModuleState.Waiting, added.State);
        Assert.Equal(["estate.read"], added.Unanswered);
        Assert.Equal(ModuleState.Granted, shelf.Grant().State);
        Assert.Equal(ModuleState.Active, shelf.Activate().State);
        shelf.Reopen();
        LoadedModule loaded = shelf.Machine.Run(() => shelf.Registry.LoadActiveAsync("hello"));
        Assert.Equal("hello", loaded.ToType().Name);
        Assert.Equal(TimeSpan.FromSeconds(30), loaded.ToType().TurnTimeout);
        Assert.Equal("alice", shelf.Registry.Find("hello").Grant!.By);
    }

    [Fact]
    public void A_version_that_waits_cannot_be_activated()
    {
        using var shelf = new Shelf();
        shelf.Add(Shelf.Yaml(more: Shelf.Asks("estate.read") + "network: [api.example.com]\n"));
        HypervisorException refused = shelf.Refused(() => shelf.Registry.ActivateAsync("hello"));
        Assert.Equal(HypervisorErrors.ModuleStateWrong, refused.Code);
        Assert.Contains("estate.read, network:api.example.com", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_what_is_new_waits_for_a_person()
    {
        using var shelf = new Shelf();
        Assert.Equal(ModuleState.Granted, shelf.Add(Shelf.Yaml("0.1.0")).State);
        shelf.Add(Shelf.Yaml("1.0.0", Shelf.Asks("a", "b")));
        Assert.Equal(["b"], shelf.Add(Shelf.Yaml("1.1.0", Shelf.Asks("b"))).Unanswered);
        shelf.Machine.Run(() => shelf.Registry.GrantAsync("hello", One, "alice"));
        Assert.Equal(ModuleState.Granted, shelf.Add(Shelf.Yaml("1.2.0", Shelf.Asks("b"))).State);
        Assert.Equal(["c"], shelf.Add(Shelf.Yaml("1.3.0", Shelf.Asks("a", "c"))).Unanswered);
        Assert.Equal(ModuleState.Granted, shelf.Add(Shelf.Yaml("1.4.0", Shelf.Asks("b:some.part"))).State);
    }

    [Fact]
    public void Another_publisher_inherits_no_grant()
    {
        using var shelf = new Shelf();
        shelf.Add(Shelf.Yaml(more: Shelf.Asks("a")));
        shelf.Grant();
        using SigningKey other = shelf.NewKey();
        shelf.Trust("umbrella", other);
        Assert.Equal(["a"], shelf.Add(Shelf.Yaml("2.0.0", Shelf.Asks("a"), publisher: "umbrella"), key: other).Unanswered);
    }

    [Fact]
    public void One_version_is_active_and_rolling_back_goes_to_the_one_before()
    {
        using var shelf = new Shelf();
        foreach (string version in (string[])["1.0.0", "2.0.0", "3.0.0"])
        {
            shelf.Add(Shelf.Yaml(version));
            shelf.Activate();
        }

        Assert.Equal([ModuleState.Superseded, ModuleState.Superseded, ModuleState.Active], shelf.Registry.List().Select(static module => module.State));
        Assert.Equal(Two, shelf.Machine.Run(() => shelf.Registry.RollBackAsync("hello")).Manifest.Version);
        Assert.Equal([ModuleState.Superseded, ModuleState.Active, ModuleState.Granted], shelf.Registry.List().Select(static module => module.State));
        Assert.Equal(One, shelf.Machine.Run(() => shelf.Registry.RollBackAsync("hello")).Manifest.Version);
        Assert.Equal(HypervisorErrors.ModuleStateWrong, shelf.Refused(() => shelf.Registry.RollBackAsync("hello")).Code);
        shelf.Reopen();
        Assert.Equal(One, shelf.Registry.Find("hello").Manifest.Version);
    }

    [Fact]
    public void What_was_changed_after_it_was_signed_is_refused()
    {
        using var shelf = new Shelf();
        string Changed(string find, string put)
        {
            string signed = ModuleSignature.Sign(Shelf.Yaml(more: "stateVersion: 1 # layout\n"), "m", Shelf.Module(), shelf.Key);
            return shelf.Make(signed.Replace(find, put, StringComparison.Ordinal), signs: false);
        }

        Assert.Equal(HypervisorErrors.ModuleSignatureInvalid, shelf.RefusedToAdd(Changed("stateVersion: 1", "stateVersion: 2")).Code);
        Assert.Equal(HypervisorErrors.ModuleSignatureInvalid, shelf.RefusedToAdd(Changed("version: 1.0.0", "version: 1.0.1")).Code);
        string other = shelf.Make(ModuleSignature.Sign(Shelf.Yaml(), "m", Shelf.Module(), shelf.Key), Shelf.Module("b"), signs: false);
        Assert.Equal(HypervisorErrors.ModuleDigestWrong, shelf.RefusedToAdd(other).Code);
        Assert.Empty(shelf.Registry.List());
        string commented = Changed("# layout", "# of its variables");
        shelf.Machine.Run(() => shelf.Registry.AddAsync(commented));
    }

    [Fact]
    public void Nobody_unknown_and_nothing_unsigned_gets_in()
    {
        using var shelf = new Shelf();
        using SigningKey stranger = shelf.NewKey();
        Assert.Contains("is not that of 'acme'", shelf.RefusedToAdd(shelf.Make(Shelf.Yaml(), key: stranger)).Message, StringComparison.Ordinal);
        Assert.Contains("is not trusted", shelf.RefusedToAdd(shelf.Make(Shelf.Yaml(publisher: "evil"), key: stranger)).Message, StringComparison.Ordinal);
        Assert.Contains("Nobody has signed", shelf.RefusedToAdd(shelf.Make(Shelf.Yaml(), signs: false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_unsigned_runs_in_development_only()
    {
        using var shelf = new Shelf(options: new ModuleRegistryOptions { AllowsUnsigned = true });
        shelf.Add(Shelf.Yaml(), signs: false);
        shelf.Activate();
        shelf.Machine.Run(() => shelf.Registry.LoadActiveAsync("hello"));
        shelf.Reopen();
        Assert.Equal(HypervisorErrors.ModuleSignatureInvalid, shelf.Refused(() => shelf.Registry.LoadActiveAsync("hello")).Code);
    }

    [Fact]
    public void Taking_the_publishers_key_away_stops_its_modules()
    {
        using var shelf = new Shelf();
        shelf.Add(Shelf.Yaml());
        shelf.Activate();
        shelf.Machine.Files.OpenFolder(Path.Combine(Shelf.Folder, "publishers")).Delete("acme.pem");
        Assert.Equal(HypervisorErrors.ModuleSignatureInvalid, shelf.Refused(() => shelf.Registry.LoadActiveAsync("hello")).Code);
        Assert.Contains("not trusted", Assert.Single(shelf.Machine.Run(() => shelf.Registry.VerifyAsync("hello"))), StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_on_the_disk_is_noticed_and_adding_again_mends_it()
    {
        using var shelf = new Shelf();
        shelf.Add(Shelf.Yaml());
        shelf.Activate();
        Assert.Empty(shelf.Machine.Run(() => shelf.Registry.VerifyAsync("hello")));
        shelf.Write(Path.Combine(Shelf.Folder, "objects"), Assert.Single(shelf.Objects), Shelf.Module("b"));
        Assert.Contains("not what was added", Assert.Single(shelf.Machine.Run(() => shelf.Registry.VerifyAsync("hello"))), StringComparison.Ordinal);
        Assert.Equal(HypervisorErrors.ModuleDamaged, shelf.Refused(() => shelf.Registry.LoadActiveAsync("hello")).Code);
        shelf.Add(Shelf.Yaml());
        Assert.Empty(shelf.Machine.Run(() => shelf.Registry.VerifyAsync("hello")));
        shelf.Write(Path.Combine(Shelf.Folder, "records"), "hello@1.0.0.json", Encoding.UTF8.GetBytes("{"));
        shelf.Reopen();
        Assert.Contains("hello@1.0.0.json", Assert.Single(shelf.Registry.Damage), StringComparison.Ordinal);
    }

    [Fact]
    public void A_version_is_one_content_for_ever()
    {
        using var shelf = new Shelf();
        shelf.Add(Shelf.Yaml());
        shelf.Add(Shelf.Yaml());
        Assert.Single(shelf.Registry.List());
        Assert.Equal(HypervisorErrors.ModuleVersionTaken, shelf.RefusedToAdd(shelf.Make(Shelf.Yaml(), Shelf.Module("b"))).Code);
    }

    [Fact]
    public void Removing_takes_the_entry_file_with_the_last_version_that_has_it()
    {
        using var shelf = new Shelf();
        shelf.Add(Shelf.Yaml("1.0.0"));
        shelf.Add(Shelf.Yaml("2.0.0"));
        shelf.Machine.Run(() => shelf.Registry.ActivateAsync("hello", One));
        Assert.Equal(HypervisorErrors.ModuleStateWrong, shelf.Refused(() => shelf.Registry.RemoveAsync("hello", One)).Code);
        shelf.Machine.Run(() => shelf.Registry.RemoveAsync("hello", Two));
        Assert.Single(shelf.Objects);
        shelf.Machine.Run(() => shelf.Registry.RemoveAsync("hello", One));
        Assert.Empty(shelf.Objects);
        Assert.Equal(HypervisorErrors.ModuleUnknown, shelf.Refused(() => shelf.Registry.LoadActiveAsync("hello")).Code);
    }

    [Fact]
    public void One_writes_at_a_time_and_others_may_look()
    {
        using var shelf = new Shelf();
        shelf.Add(Shelf.Yaml());
        Assert.Equal(HypervisorErrors.ModuleRegistryInUse, Assert.Throws<HypervisorException>(() => shelf.Open()).Code);
        using ModuleRegistry reader = shelf.Open(new ModuleRegistryOptions { IsReadOnly = true });
        Assert.Single(reader.List());
        Assert.Throws<InvalidOperationException>(() => shelf.Machine.Run(() => reader.ActivateAsync("hello")));
    }

    [Fact]
    public void Changes_at_once_happen_one_after_another()
    {
        using var shelf = new Shelf();
        string[] folders = [.. Enumerable.Range(1, 20).Select(i => shelf.Make(Shelf.Yaml($"1.{i}.0")))];
        shelf.Machine.Run(() => Task.WhenAll(folders.Select(folder => shelf.Registry.AddAsync(folder))));
        shelf.Machine.Run(() => Task.WhenAll(Enumerable.Range(1, 20).Select(i => shelf.Registry.ActivateAsync("hello", SemanticVersion.Of(1, (ulong)i, 0)))));
        Assert.Single(shelf.Registry.List(), static module => module.State is ModuleState.Active);
    }

    [Fact]
    public void After_a_loss_of_power_a_change_is_done_or_not_done()
    {
        using var shelf = new Shelf();
        shelf.Add(Shelf.Yaml("1.0.0"));
        shelf.Activate();
        shelf.Add(Shelf.Yaml("2.0.0", Shelf.Asks("a")));
        shelf.Grant();
        shelf.Machine.Files.LosePower(new Random(3));
        shelf.Reopen();
        Assert.Empty(shelf.Registry.Damage);
        Assert.Equal([ModuleState.Active, ModuleState.Granted], shelf.Registry.List().Select(static module => module.State));
        shelf.Activate();
        shelf.Machine.Files.LosePower(new Random(4));
        shelf.Reopen();
        Assert.Equal([ModuleState.Superseded, ModuleState.Active], shelf.Registry.List().Select(static module => module.State));
    }

    [Fact]
    public void What_a_module_could_do_is_said_in_plain_words()
    {
        using var shelf = new Shelf();
        shelf.Add(Shelf.Yaml(more: Shelf.Asks("estate.read") + "network: [api.example.com]\n"));
        ModuleInspection inspection = shelf.Machine.Run(() => shelf.Registry.InspectAsync("hello"));
        Assert.Equal(ModuleKind.Plugin, inspection.Kind);
        Assert.Equal(["extism:host/user.agent_self"], inspection.Imports);
        Assert.Contains("on_message", inspection.Exports);
        Assert.Contains("asks for estate.read: it must", inspection.Abilities);
        Assert.Contains("asks for requests to api.example.com", inspection.Abilities);
    }

    [Fact]
    public void A_name_that_is_not_there_is_answered_with_the_nearest()
    {
        using var shelf = new Shelf();
        shelf.Add(Shelf.Yaml());
        Assert.Contains("did you mean 'hello'?", Assert.Throws<HypervisorException>(() => shelf.Registry.Find("helo")).Message, StringComparison.Ordinal);
    }
}
