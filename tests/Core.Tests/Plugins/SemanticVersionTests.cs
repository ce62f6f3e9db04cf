using Sirsi.Core.Plugins;

namespace Sirsi.Core.Tests.Plugins;

public sealed class SemanticVersionTests
{
    /// <summary>The order the specification gives as its examples (section 11), and numbers too large for any integer.</summary>
    private static readonly string[] Ascending =
    [
        "0.0.4", "0.9.9", "1.0.0-0", "1.0.0-9", "1.0.0-10", "1.0.0-99999999999999999999999", "1.0.0-100000000000000000000000", "1.0.0--",
        "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0",
        "1.0.1", "1.2.0", "1.10.0", "2.0.0", "2.1.0", "2.1.1", "18446744073709551615.0.0",
    ];

    [Fact]
    public void Precedence_is_the_specifications() => Check.That(seed: 21, runs: 50, static random =>
    {
        string[] shuffled = [.. Ascending];
        random.Shuffle(shuffled);
        Assert.Equal(Ascending, shuffled.Select(SemanticVersion.Parse).Order().Select(static version => version.ToString()));
    });

    [Fact]
    public void Build_metadata_is_kept_and_tells_nothing_apart()
    {
        SemanticVersion a = SemanticVersion.Parse("1.0.0-rc.1+build.007");
        Assert.Equal("1.0.0-rc.1+build.007", a.ToString());
        Assert.True(a == SemanticVersion.Parse("1.0.0-rc.1+other"));
        Assert.Equal(a.GetHashCode(), SemanticVersion.Parse("1.0.0-rc.1").GetHashCode());
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.2")]
    [InlineData("1.2.3.4")]
    [InlineData("01.2.3")]
    [InlineData("1.02.3")]
    [InlineData("1.2.3-")]
    [InlineData("1.2.3-01")]
    [InlineData("1.2.3-a..b")]
    [InlineData("1.2.3+")]
    [InlineData("1.2.3+a+b")]
    [InlineData("1.2.3-ä")]
    [InlineData("v1.2.3")]
    [InlineData(" 1.2.3")]
    [InlineData("-1.2.3")]
    [InlineData("18446744073709551616.0.0")]
    [InlineData(null)]
    public void What_the_grammar_does_not_allow_is_no_version(string? text)
    {
        Assert.False(SemanticVersion.TryParse(text, out _));
        Assert.Throws<FormatException>(() => SemanticVersion.Parse(text!));
    }

    [Theory]
    [InlineData("*", "1.2.3", true)]
    [InlineData("*", "1.2.3-rc", false)]
    [InlineData("1.2.3", "1.2.3", true)]
    [InlineData("=1.2.3", "1.2.4", false)]
    [InlineData(">=1.2.0 <2.0.0", "1.9.9", true)]
    [InlineData(">=1.2.0 <2.0.0", "2.0.0", false)]
    [InlineData(">1.2.0", "1.2.0", false)]
    [InlineData("<=1.2.0", "1.2.0", true)]
    [InlineData("^1.2.3", "1.9.0", true)]
    [InlineData("^1.2.3", "2.0.0", false)]
    [InlineData("^1.2.3", "1.2.2", false)]
    [InlineData("^0.2.3", "0.2.9", true)]
    [InlineData("^0.2.3", "0.3.0", false)]
    [InlineData("^0.0.3", "0.0.4", false)]
    [InlineData("~1.2.3", "1.2.9", true)]
    [InlineData("~1.2.3", "1.3.0", false)]
    [InlineData("^1.0.0 || ^3.0.0", "3.1.0", true)]
    [InlineData("^1.0.0 || ^3.0.0", "2.1.0", false)]
    [InlineData(">=1.2.3-beta <2.0.0", "1.2.3-rc", true)]
    [InlineData(">=1.2.3-beta <2.0.0", "1.3.0-rc", false)]
    [InlineData("^1.2.3", "2.0.0-alpha", false)]
    public void A_range_holds_the_versions_it_describes(string range, string version, bool isIn) =>
        Assert.Equal(isIn, VersionRange.Parse(range).Contains(SemanticVersion.Parse(version)));

    [Theory]
    [InlineData("")]
    [InlineData("||")]
    [InlineData("1.2")]
    [InlineData(">=")]
    [InlineData("^x")]
    [InlineData("1.0.0 ||")]
    public void Other_text_is_no_range(string text) => Assert.False(VersionRange.TryParse(text, out _));
}
