using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Secrets;

namespace Sirsi.Hypervisor.Tests.Secrets;

public sealed class MasterKeyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_key_file_is_its_owners_alone_and_read_as_it_was_made()
    {
        using MasterKey made = await MasterKey.CreateFileAsync(_folder.File("key"), HostEnvironment.Production, Vault.None);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder.File("key")));
        using var read = MasterKey.ReadFile(_folder.File("key"));
        Assert.True(made.Bytes.SequenceEqual(read.Bytes));
        Assert.True(made.Bytes.IndexOfAnyExcept((byte)0) >= 0);
        read.Dispose();
        Assert.True(read.Bytes.IndexOfAnyExcept((byte)0) < 0);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public async Task A_key_file_that_others_have_rights_to_is_refused(UnixFileMode more)
    {
        if (OperatingSystem.IsWindows()) return;
        (await MasterKey.CreateFileAsync(_folder.File("key"), HostEnvironment.Production, Vault.None)).Dispose();
        File.SetUnixFileMode(_folder.File("key"), File.GetUnixFileMode(_folder.File("key")) | more);
        var failure = Assert.Throws<HypervisorException>(() => MasterKey.ReadFile(_folder.File("key")));
        Assert.Equal(HypervisorErrors.SecretKeyFileExposed, failure.Code);
        Assert.Contains(more.ToString(), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_file_is_never_written_over()
    {
        (await MasterKey.CreateFileAsync(_folder.File("key"), HostEnvironment.Production, Vault.None)).Dispose();
        var failure = await Assert.ThrowsAsync<HypervisorException>(async () =>
            await MasterKey.CreateFileAsync(_folder.File("key"), HostEnvironment.Production, Vault.None));
        Assert.Equal(HypervisorErrors.SecretKeyFileInvalid, failure.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00112233")]
    [InlineData("zz112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")]
    [InlineData("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff00")]
    [InlineData("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n\n\n")]
    public void A_file_that_holds_no_key_is_refused_and_not_quoted(string content)
    {
        _folder.Write("key", content);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_folder.File("key"), UnixFileMode.UserRead);
        var failure = Assert.Throws<HypervisorException>(() => MasterKey.ReadFile(_folder.File("key")));
        Assert.Equal(HypervisorErrors.SecretKeyFileInvalid, failure.Code);
        Assert.DoesNotContain("112233", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_refused()
    {
        Assert.Equal(HypervisorErrors.SecretKeyFileInvalid, Assert.Throws<HypervisorException>(() => MasterKey.ReadFile(_folder.File("none"))).Code);
        Assert.Equal(HypervisorErrors.SecretKeyFileInvalid, Assert.Throws<HypervisorException>(() => MasterKey.ReadFile(_folder.Path)).Code);
    }

    [Fact]
    public void A_passphrase_has_a_length() => Assert.Throws<ArgumentException>(static () => MasterKey.FromPassphrase("hunter2"));
}
