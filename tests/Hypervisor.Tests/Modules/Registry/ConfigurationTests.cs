using System.Collections.Immutable;
using Sirsi.Core.Plugins;
using Sirsi.Hypervisor.Modules.Registry;

namespace Sirsi.Hypervisor.Tests.Modules.Registry;

/// <summary>Values of modules' configuration: given by a program, or kept by the registry.</summary>
public sealed class ConfigurationTests
{
    [Fact]
    public void Configuration_is_checked_and_has_its_defaults()
    {
        using var shelf = new Shelf();
        shelf.Add(Shelf.Yaml(more: "configuration: { level: { type: integer, required: true }, word: { type: text, default: x } }\n"));
        shelf.Activate();
        Task<LoadedModule> Load(params (string Name, string Value)[] values) => shelf.Registry.LoadActiveAsync("hello", new ModuleLoadOptions
        {
            Configuration = values.ToImmutableDictionary(static pair => pair.Name, static pair => pair.Value),
        });
        shelf.Machine.Run(() => Load(("level", "3")));
        HypervisorException refused = shelf.Refused(() => Load(("levle", "3")));
        Assert.Equal(HypervisorErrors.ModuleConfigurationInvalid, refused.Code);
        Assert.Contains("did you mean 'level'?. 'level' is required.", refused.Message, StringComparison.Ordinal);
        Assert.Contains("is no integer", shelf.Refused(() => Load(("level", "high"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_are_kept_for_a_module_and_given_to_it()
    {
        using var shelf = new Shelf();
        const string Members = "configuration: { level: { type: integer, required: true }, word: { type: text, default: x }, token: { type: secret } }\n";
        shelf.Add(Shelf.Yaml(more: Members));
        ImmutableDictionary<string, string> Values(params (string Name, string Value)[] values) => values.ToImmutableDictionary(static pair => pair.Name, static pair => pair.Value);
        InstalledModule Configure(params (string Name, string Value)[] values) => shelf.Machine.Run(() => shelf.Registry.ConfigureAsync("hello", Values(values)));
        HypervisorException Refused(params (string Name, string Value)[] values) => shelf.Refused(() => shelf.Registry.ConfigureAsync("hello", Values(values)));
        ImmutableDictionary<string, string> Given() => shelf.Machine.Run(() => shelf.Registry.LoadActiveAsync("hello")).Module.Program.Manifest.Config;

        Assert.Contains("'level' is 'high', which is no integer. 'levle' is no value of it; did you mean 'level'?", Refused(("levle", "3"), ("level", "high")).Message, StringComparison.Ordinal);
        HypervisorException inTheClear = Refused(("token", "hunter2"));
        Assert.Equal(HypervisorErrors.ModuleConfigurationInvalid, inTheClear.Code);
        Assert.Contains("'token' is no reference to a secret", inTheClear.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", inTheClear.Message, StringComparison.Ordinal);
        Assert.Empty(shelf.Registry.Configuration("hello"));

        shelf.Machine.Run(() => shelf.Registry.ActivateAsync("hello", null, Values(("token", "secret:shop/token"))));
        Assert.Contains("'level' is required", shelf.Refused(() => shelf.Registry.LoadActiveAsync("hello")).Message, StringComparison.Ordinal);
        Configure(("level", "3"), ("word", "y"));
        Assert.Equal(Values(("level", "3"), ("word", "y"), ("token", "${secret:shop/token}")), Given());
        shelf.Machine.Files.LosePower(new Random(5));
        shelf.Reopen();
        Assert.Equal("secret:shop/token", shelf.Registry.Configuration("hello")["token"]);
        shelf.Machine.Run(() => shelf.Registry.ConfigureAsync("hello", Values(), ["word", "nothing"]));
        Assert.Equal("x", Given()["word"]);
        Assert.Empty(shelf.Registry.Damage);
    }

    [Fact]
    public void A_version_that_values_do_not_fit_is_not_activated_and_what_it_does_not_know_waits()
    {
        using var shelf = new Shelf();
        shelf.Add(Shelf.Yaml("1.0.0", "configuration: { level: { type: text }, old: { type: text } }\n"));
        shelf.Activate();
        ImmutableDictionary<string, string> values = ImmutableDictionary<string, string>.Empty.Add("level", "high").Add("old", "1");
        shelf.Machine.Run(() => shelf.Registry.ConfigureAsync("hello", values));
        shelf.Add(Shelf.Yaml("2.0.0", "configuration: { level: { type: integer } }\n"));
        HypervisorException refused = shelf.Refused(() => shelf.Registry.ActivateAsync("hello"));
        Assert.Contains("'level' is 'high', which is no integer", refused.Message, StringComparison.Ordinal);
        Assert.Equal("1.0.0", shelf.Registry.Find("hello").Manifest.Version.ToString());
        shelf.Machine.Run(() => shelf.Registry.ActivateAsync("hello", null, ImmutableDictionary<string, string>.Empty.Add("level", "7")));
        Assert.Equal("7", Assert.Single(shelf.Machine.Run(() => shelf.Registry.LoadActiveAsync("hello")).Module.Program.Manifest.Config).Value);
        foreach (string version in (string[])["1.0.0", "2.0.0"])
        {
            if (version == "2.0.0") Assert.Equal("1", shelf.Registry.Configuration("hello")["old"]);
            shelf.Machine.Run(() => shelf.Registry.RemoveAsync("hello", SemanticVersion.Parse(version)));
        }

        Assert.Empty(shelf.Registry.Configuration("hello"));
    }
}
