using System.Text.Json;
using Sirsi.Hypervisor;

namespace Sirsi.Cli.Tests;

public sealed class SecretTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Home => _folder.File("home");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_secret_goes_in_bound_to_its_hosts_and_never_comes_out()
    {
        string file = _folder.Write("token.txt", "hunter2-hunter2\n");
        ProgramResult set = await RunAsync("set", "shop/token", "--from", file, "--host", "api.example.com", "--host", "*.shop.example");
        Assert.Equal((ExitCode.Ok, ""), (set.ExitCode, set.Error));
        Assert.Contains("Stored shop/token, version 1, which goes to *.shop.example, api.example.com", set.Output, StringComparison.Ordinal);
        using JsonDocument again = JsonDocument.Parse((await RunAsync("set", "shop/token", "--from", file, "--json")).Output);
        Assert.Equal(("sirsi.secret/1", 2, 2), (again.RootElement.GetProperty("schema").GetString(), again.RootElement.GetProperty("version").GetInt32(), again.RootElement.GetProperty("hosts").GetArrayLength()));
        ProgramResult bound = await RunAsync("bind", "shop/token", "--any-host");
        Assert.Contains("which goes to any host", bound.Output, StringComparison.Ordinal);
        Assert.Matches("shop/token +2 +[0-9: Z-]+ +any host", (await RunAsync("list")).Output);
        await RunAsync("bind", "shop/token", "--host", "api.example.com:8443");
        ProgramResult listed = await RunAsync("list", "--json");
        Assert.Contains("api.example.com:8443", listed.Output, StringComparison.Ordinal);
        Assert.All(Directory.EnumerateFiles(Home, "*", SearchOption.AllDirectories), static path => Assert.True(File.ReadAllBytes(path).AsSpan().IndexOf("hunter2"u8) < 0, path));
        Assert.Contains("Deleted shop/token", (await RunAsync("delete", "shop/token")).Output, StringComparison.Ordinal);
        Assert.Contains("There is no secret", (await RunAsync("list")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_belong_to_a_project()
    {
        string file = _folder.Write("token.txt", "x");
        await RunAsync("set", "token", "--from", file, "--project", "shop");
        Assert.Contains("There is no secret", (await RunAsync("list")).Output, StringComparison.Ordinal);
        Assert.Contains("There is no secret", (await RunAsync("list", "--project", "other")).Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, (await RunAsync("delete", "token")).ExitCode);
        Assert.Contains("token", (await RunAsync("list", "--project", "shop")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_is_its_owners_alone_and_is_not_made_twice()
    {
        string file = _folder.Write("token.txt", "x"), key = Path.Combine(Home, "secrets.key");
        await RunAsync("set", "token", "--from", file);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(key));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(Home, "secrets")));
        }

        File.Delete(key);
        ProgramResult lost = await RunAsync("list");
        Assert.Equal(ExitCode.Failed, lost.ExitCode);
        Assert.Contains(HypervisorErrors.SecretKeyFileInvalid.ToString(), lost.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(key));
    }

    [Theory]
    [InlineData(ExitCode.Usage, "set", "hunter2 hunter2")]
    [InlineData(ExitCode.Usage, "set", "token#1")]
    [InlineData(ExitCode.Usage, "set", "token", "--host", "https://api.example.com")]
    [InlineData(ExitCode.Usage, "set", "token", "--host", "a.example", "--any-host")]
    [InlineData(ExitCode.Usage, "set", "token")]
    [InlineData(ExitCode.Usage, "bind", "token")]
    [InlineData(ExitCode.Failed, "bind", "token", "--any-host")]
    [InlineData(ExitCode.Failed, "set", "token", "--from", "/no/such/file")]
    [InlineData(ExitCode.Failed, "delete", "token")]
    public async Task Wrong_use_and_failures_have_their_exit_codes(int code, params string[] arguments)
    {
        ProgramResult result = await RunAsync(arguments);
        Assert.Equal(code, result.ExitCode);
        Assert.DoesNotContain("hunter2", result.Error, StringComparison.Ordinal);
    }

    private Task<ProgramResult> RunAsync(params string[] arguments) => Cli.RunAsync(["secret", .. arguments, "--home", Home]);
}
