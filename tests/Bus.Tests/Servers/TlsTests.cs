using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Bus.Publishing;
using Sirsi.Bus.Tests.Contract;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Servers;

/// <summary>
/// A server that wants TLS and a login: who has both works as everywhere, who lacks one is told which, and no password is shown. The server's certificate is for <c>localhost</c>.
/// </summary>
[Trait("Suite", "slow")]
public abstract class TlsTests(string variable)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    protected abstract BusDriver CreateDriver(Entry entry);

    [Fact]
    public async Task Events_are_published_received_and_acknowledged_with_TLS_and_a_login()
    {
        await using EventBus bus = Bus(Right);
        TopicScope scope = Scope();
        await using EventConsumer consumer = await JoinAsync(bus, scope);
        BusHealth health = await bus.CheckAsync();
        Assert.True(health.IsHealthy, health.Description);
        for (int i = 0; i < 20; i++) await bus.PublishAsync(Message(scope, $"{i}"));
        Assert.Equal(Enumerable.Range(0, 20).Select(static i => $"{i}"), await ReceiveAsync(consumer, 20));
        await consumer.FlushAsync().AsTask().WaitAsync(Patience);
        Assert.Equal(0, (await bus.StatusAsync(new LogName(scope, "task"), "g"))!.Lag);
    }

    [Fact]
    public async Task Connections_that_were_cut_are_made_again_with_TLS()
    {
        await using var proxy = new TcpProxy(Right.Address.Replace("localhost", "127.0.0.1", StringComparison.Ordinal));
        await using EventBus bus = Bus(Right with { Address = proxy.Address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal) });
        TopicScope scope = Scope();
        await using EventConsumer consumer = await JoinAsync(bus, scope);
        await bus.PublishAsync(Message(scope, "before"));
        Assert.Equal(["before"], await ReceiveAsync(consumer, 1));
        await consumer.FlushAsync().AsTask().WaitAsync(Patience);
        proxy.Cut();
        await bus.PublishSurelyAsync(Message(scope, "after"));
        // That it was acknowledged may have been cut off: then what was before comes again.
        string text = "before";
        while (text == "before") text = (await ReceiveAsync(consumer, 1))[0];
        Assert.Equal("after", text);
    }

    [Fact]
    public Task A_wrong_password_is_refused_and_not_shown() =>
        IsRefusedAsync(Right with { Password = "wrong-" + Right.Password }, BusErrors.Refused, Right.Address);

    [Fact]
    public Task A_user_who_does_not_exist_is_refused() => IsRefusedAsync(Right with { User = "nobody" }, BusErrors.Refused, Right.Address);

    [Fact]
    public Task A_certificate_of_an_authority_that_the_machine_does_not_know_is_not_trusted() =>
        IsRefusedAsync(Right with { AuthorityFile = null }, BusErrors.ServerNotTrusted, Right.Address, "that this machine trusts");

    [Fact]
    public async Task A_certificate_of_another_authority_than_the_one_named_is_not_trusted()
    {
        using var folder = new TemporaryFolder();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Authority of a test run", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using X509Certificate2 other = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        string file = folder.Write("other.pem", other.ExportCertificatePem());
        await IsRefusedAsync(Right with { AuthorityFile = file }, BusErrors.ServerNotTrusted, Right.Address, file);
    }

    [Fact]
    public Task A_server_that_is_called_by_a_name_its_certificate_does_not_have_is_not_trusted() =>
        IsRefusedAsync(Right with { Address = Right.Address.Replace("localhost", "127.0.0.1", StringComparison.Ordinal) }, BusErrors.ServerNotTrusted, "not for the name 127.0.0.1");

    /// <summary>Not all clients tell it from a server that is away.</summary>
    [Fact]
    public async Task A_server_that_does_not_encrypt_is_not_entered()
    {
        await using EventBus bus = Bus(Right with { Address = ServerContract.AddressOf(variable[..^"_TLS".Length]) });
        BusException failure = await Assert.ThrowsAsync<BusException>(async () => await bus.PublishAsync(Message(Scope(), "x")));
        Assert.Contains(failure.Code, (Core.Errors.ErrorCode[])[BusErrors.ServerNotTrusted, BusErrors.Unavailable]);
        Assert.Contains("over TLS", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Right.Password, $"{failure}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_authorities_that_holds_none_is_told()
    {
        using var folder = new TemporaryFolder();
        await IsRefusedAsync(Right with { AuthorityFile = folder.Write("empty.pem", "") }, BusErrors.ServerNotTrusted, "holds no certificate");
        await IsRefusedAsync(Right with { AuthorityFile = folder.File("none.pem") }, BusErrors.ServerNotTrusted, "none.pem");
    }

    /// <summary>How a driver is to enter.</summary>
    protected sealed record Entry(string Address, string User, string Password, string? AuthorityFile);

    private Entry Right { get; } = new(
        ServerContract.AddressOf(variable),
        ServerContract.AddressOf("SIRSI_TEST_TLS_USER"),
        ServerContract.AddressOf("SIRSI_TEST_TLS_PASSWORD"),
        ServerContract.AddressOf("SIRSI_TEST_TLS_AUTHORITY"));

    private EventBus Bus(Entry entry) => new(
        CreateDriver(entry), new BusOptions { Log = new LogOptions { Partitions = 2, RetentionBytes = 4 << 20 } }, HostEnvironment.Production);

    private static TopicScope Scope() => new($"t{Guid.NewGuid():N}"[..16], "p");

    private static EventMessage Message(TopicScope scope, string text) =>
        new() { Scope = scope, Subject = "task.run.ended", Key = "k", Payload = Encoding.UTF8.GetBytes(text) };

    private static ValueTask<EventConsumer> JoinAsync(EventBus bus, TopicScope scope) =>
        bus.JoinAsync(new GroupOptions { Name = "g", Filter = new EventFilter(scope, "task.>") });

    private static async Task<List<string>> ReceiveAsync(EventConsumer consumer, int count)
    {
        List<string> texts = [];
        using var patience = new CancellationTokenSource(Patience);
        var buffer = new Delivery[count];
        while (texts.Count < count)
        {
            int some = await consumer.ReceiveAsync(buffer, patience.Token);
            texts.AddRange(buffer[..some].Select(static delivery => Encoding.UTF8.GetString(delivery.Event.Payload)));
            consumer.Acknowledge(buffer.AsSpan(0, some));
        }

        return texts;
    }

    private async Task IsRefusedAsync(Entry entry, Core.Errors.ErrorCode code, params string[] says)
    {
        await using EventBus bus = Bus(entry);
        BusException refusal = await Assert.ThrowsAsync<BusException>(async () => await bus.PublishAsync(Message(Scope(), "x")));
        BusHealth health = await bus.CheckAsync();
        Assert.True(refusal.Code == code, refusal.ToString());
        Assert.False(health.IsHealthy);
        foreach (string text in says)
        {
            Assert.Contains(text, refusal.Message, StringComparison.Ordinal);
            Assert.Contains(text, health.Description, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(Right.Password, $"{refusal} {health}", StringComparison.Ordinal);
    }
}
