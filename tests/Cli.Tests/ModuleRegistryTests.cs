using System.Security.Cryptography;
using System.Text.Json;
using Sirsi.Core.Cryptography;
using Sirsi.Wasm.Text;

namespace Sirsi.Cli.Tests;

public sealed class ModuleRegistryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Home => _folder.File("home");

    public void Dispose() => _folder.Dispose();

    private Task<ProgramResult> RunAsync(params string[] arguments) => Cli.RunAsync(["module", .. arguments, "--home", Home]);

    private string Make(string version = "1.0.0", string more = "")
    {
        _folder.Write($"hello-{version}/module.yaml", $"schema: sirsi.module/1\nname: hello\nversion: {version}\ndescription: Says hello.\nentry: hello.wasm\npublisher: acme\n{more}");
        byte[] wasm = WatParser.Parse("""(module (func (export "on_message") (result i32) (i32.const 0)))""", new WatOptions()).Module!.Value.ToArray();
        File.WriteAllBytes(_folder.File($"hello-{version}/hello.wasm"), wasm);
        return _folder.File($"hello-{version}");
    }

    [Fact]
    public async Task A_module_goes_from_its_folder_to_active()
    {
        using var key = SigningKey.Generate(KeyAlgorithm.Ed25519, RandomNumberGenerator.Fill);
        string keyFile = _folder.Write("acme.key", key.ToPem());
        _folder.Write("home/modules/publishers/acme.pem", key.VerificationKey.ToPem());
        string module = Make(more: "capabilities:\n- capability: estate.read\n  reason: It looks at it.\n");
        Assert.Equal(ExitCode.Failed, (await RunAsync("add", module)).ExitCode);
        ProgramResult signed = await Cli.RunAsync("module", "sign", module, "--key", keyFile);
        Assert.Equal((ExitCode.Ok, ""), (signed.ExitCode, signed.Error));
        ProgramResult added = await RunAsync("add", module);
        Assert.Contains("sirsi module grant hello@1.0.0", added.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, (await RunAsync("activate", "hello")).ExitCode);
        Assert.Equal(ExitCode.Ok, (await RunAsync("grant", "hello")).ExitCode);
        ProgramResult active = await RunAsync("activate", "hello", "--json");
        using JsonDocument document = JsonDocument.Parse(active.Output);
        Assert.Equal("active", document.RootElement.GetProperty("state").GetString());
        Assert.Contains("hello   1.0.0    active  acme       Says hello.", (await RunAsync("list")).Output, StringComparison.Ordinal);
        Assert.Contains("asks for estate.read: It looks at it.", (await RunAsync("inspect", "hello")).Output, StringComparison.Ordinal);
        Assert.Contains("is sound", (await RunAsync("verify", "hello@1.0.0")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Versions_are_rolled_back_and_removed()
    {
        foreach (string version in (string[])["1.0.0", "2.0.0"])
        {
            Assert.Equal(ExitCode.Ok, (await RunAsync("add", Make(version), "--dev")).ExitCode);
            Assert.Equal(ExitCode.Ok, (await RunAsync("activate", "hello", "--dev")).ExitCode);
        }

        Assert.Contains("Back to hello@1.0.0", (await RunAsync("rollback", "hello", "--dev")).Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, (await RunAsync("remove", "hello@2.0.0")).ExitCode);
        Assert.Equal(ExitCode.Failed, (await RunAsync("verify", "hello")).ExitCode);
        using JsonDocument list = JsonDocument.Parse((await RunAsync("list", "--json")).Output);
        Assert.Equal("1.0.0", Assert.Single(list.RootElement.GetProperty("modules").EnumerateArray()).GetProperty("version").GetString());
    }

    [Fact]
    public async Task The_data_folder_is_its_owners_alone()
    {
        await RunAsync("add", Make(), "--dev");
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Home));
    }

    [Fact]
    public async Task A_file_is_inspected_without_a_registry()
    {
        ProgramResult result = await RunAsync("inspect", Path.Combine(Make(), "hello.wasm"));
        Assert.Equal(ExitCode.Ok, result.ExitCode);
        Assert.Contains("on_message", result.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Home));
    }

    [Theory]
    [InlineData(ExitCode.Usage, "activate", "hello@x")]
    [InlineData(ExitCode.Usage, "remove", "hello")]
    [InlineData(ExitCode.Failed, "activate", "nothing")]
    [InlineData(ExitCode.Failed, "add", "/no/such/folder")]
    public async Task Wrong_use_and_failures_have_their_exit_codes(int code, string verb, string subject) =>
        Assert.Equal(code, (await RunAsync(verb, subject)).ExitCode);
}
