using Sirsi.Hypervisor.Secrets;

namespace Sirsi.Hypervisor.Tests.Secrets;

public sealed class SecretReferenceTests
{
    [Theory]
    [InlineData("secret:api-token", "api-token", null)]
    [InlineData("secret:aws/prod.KEY_1#12", "aws/prod.KEY_1", 12)]
    public void A_reference_is_a_name_and_perhaps_a_version(string text, string name, int? version)
    {
        var reference = SecretReference.Parse(text);
        Assert.Equal((name, version), (reference.Name, reference.Version));
        Assert.Equal(text, reference.ToString());
        Assert.Equal(reference, new SecretReference(name, version));
    }

    [Theory]
    [InlineData("api-token")]
    [InlineData("Secret:api-token")]
    [InlineData("secret:")]
    [InlineData("secret:-a")]
    [InlineData("secret:a..b")]
    [InlineData("secret:a/")]
    [InlineData("secret:/a")]
    [InlineData("secret:a b")]
    [InlineData("secret:ä")]
    [InlineData("secret:a#")]
    [InlineData("secret:a#0")]
    [InlineData("secret:a#01")]
    [InlineData("secret:a#-1")]
    [InlineData("secret:a#1#2")]
    [InlineData("secret:a#99999999999")]
    public void Anything_else_is_refused_and_not_quoted(string text)
    {
        var failure = Assert.Throws<HypervisorException>(() => SecretReference.Parse(text));
        Assert.Equal(HypervisorErrors.SecretNameInvalid, failure.Code);
        Assert.DoesNotContain("api-token", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_has_at_most_128_characters()
    {
        Assert.True(SecretReference.TryParse("secret:" + new string('a', 128), out _));
        Assert.False(SecretReference.TryParse("secret:" + new string('a', 129), out _));
        Assert.Equal("", default(SecretReference).ToString());
        Assert.Throws<ArgumentOutOfRangeException>(static () => new SecretReference("a", 0));
    }
}
