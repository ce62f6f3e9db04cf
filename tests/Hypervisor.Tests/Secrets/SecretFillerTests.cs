using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Secrets;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests.Secrets;

public sealed class SecretFillerTests
{
    private readonly DeterministicHost _host = new(seed: 11);
    private readonly ProjectScope _scope;
    private readonly CapabilityGrant _grant;

    public SecretFillerTests()
    {
        _scope = Vault.Scope(_host.Environment);
        _grant = CapabilityGrant.CreateRoot("agent", CapabilitySet.Parse(["secret.use:api*", "secret.use:odd/*"]), _host.Environment.Time);
    }

    [Fact]
    public void References_are_filled_in_and_told()
    {
        using SecretFill fill = Fill("Bearer ${secret:api-token} and ${secret:api-token#1}, ${HOME}");
        Assert.Equal("Bearer new ${secret:api-key} and old, ${HOME}", fill.Text.ToString());
        Assert.Equal(["secret:api-token#2", "secret:api-token#1"], fill.Used.Select(static reference => reference.ToString()));
        Assert.Equal("***", fill.ToString());
        Assert.Equal(2, _grant.Snapshot().Allowed);
    }

    [Fact]
    public void A_text_without_references_stays_as_it_is()
    {
        using SecretFill fill = Fill("$secret:api-token {secret:api-token}");
        Assert.Equal("$secret:api-token {secret:api-token}", fill.Text.ToString());
        Assert.Empty(fill.Used);
    }

    [Theory]
    [InlineData("x ${secret:api-none}", SecretFillOutcome.Unknown, "There is no 'secret:api-none' in this project.")]
    [InlineData("x ${secret:api-token#9}", SecretFillOutcome.Unknown, "There is no 'secret:api-token#9' in this project.")]
    [InlineData("x ${secret:other}", SecretFillOutcome.NotAllowed, "'agent' may not use 'secret:other'.")]
    [InlineData("x ${secret:api token}", SecretFillOutcome.Malformed, "What begins at character 3 is no reference; it has the form ${secret:NAME} or ${secret:NAME#VERSION}.")]
    [InlineData("x ${secret:api-token", SecretFillOutcome.Malformed, "What begins at character 3 is no reference; it has the form ${secret:NAME} or ${secret:NAME#VERSION}.")]
    [InlineData("x ${secret:odd/bytes}", SecretFillOutcome.Unfit, "'secret:odd/bytes' cannot stand there: it is not text in UTF-8.")]
    [InlineData("x ${secret:odd/lines}", SecretFillOutcome.Unfit, "'secret:odd/lines' cannot stand there: it has control characters.")]
    public void What_cannot_be_filled_is_refused_whole_with_the_reason(string text, SecretFillOutcome outcome, string problem)
    {
        using SecretFill fill = Fill("${secret:api-token} " + text);
        Assert.Equal(outcome, fill.Outcome);
        Assert.Equal(problem.Replace("character 3", "character 23", StringComparison.Ordinal), fill.Problem);
        Assert.Throws<InvalidOperationException>(() => fill.Text.Length);
        Assert.Empty(fill.Used);
    }

    [Theory]
    [InlineData("api.example.com", true)]
    [InlineData("a.shop.example:8443", true)]
    [InlineData("api.example.com:8443", false)]
    [InlineData("a.shop.example", false)]
    [InlineData("evil.test", false)]
    [InlineData(null, false)]
    public void A_bound_secret_goes_to_its_hosts_and_no_other(string? host, bool goes)
    {
        using SecretFill fill = Fill("${secret:api-token} ${secret:api-bound}", host: host);
        Assert.Equal(goes ? SecretFillOutcome.Filled : SecretFillOutcome.Elsewhere, fill.Outcome);
        if (goes) return;
        Assert.StartsWith("SIRSI-3070: 'secret:api-bound' is bound to *.shop.example:8443, api.example.com", fill.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("b0und", fill.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_body_may_have_lines()
    {
        using SecretFill fill = Fill("${secret:odd/lines}", SecretPlace.Text);
        Assert.Equal("a\r\nX-Other: b", fill.Text.ToString());
    }

    [Fact]
    public void Sizes_are_limited()
    {
        string many = string.Concat(Enumerable.Repeat("${secret:api-token}", SecretFiller.ReferencesMax + 1));
        Assert.Equal(SecretFillOutcome.Malformed, Fill(many).Outcome);
        Assert.Equal(SecretFillOutcome.Malformed, Fill(new string('x', SecretFiller.TextLengthMax + 1)).Outcome);
    }

    [Fact]
    public void A_filled_text_is_wiped_when_it_is_disposed_of()
    {
        SecretFill fill = Fill("${secret:api-token}");
        ReadOnlySpan<char> text = fill.Text;
        fill.Dispose();
        Assert.Equal(new string('\0', text.Length), text.ToString());
        Assert.Throws<ObjectDisposedException>(() => fill.Text.Length);
    }

    private SecretFill Fill(string text, SecretPlace place = SecretPlace.Header, string? host = "api.example.com") => _host.Run(async () =>
    {
        await using LocalSecretStore store = await Vault.OpenAsync(_host.Environment);
        if ((await store.ListAsync(_scope, Vault.None)).Count == 0)
        {
            await store.PutAsync(_scope, "api-token", "old");
            await store.PutAsync(_scope, "api-token", "new ${secret:api-key}");
            await store.PutAsync(_scope, "other", "x");
            await store.PutAsync(_scope, "api-bound", "b0und", SecretHosts.Of("api.example.com", "*.shop.example:8443"));
            await store.PutAsync(_scope, "odd/bytes", new byte[] { 0xFF }, null, Vault.None);
            await store.PutAsync(_scope, "odd/lines", "a\r\nX-Other: b");
        }

        return await new SecretFiller(store).FillAsync(_scope, _grant, text, place, host, Vault.None);
    });
}
