namespace Sirsi.Cli.Tests;

public sealed class DurationTests
{
    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("30s", 30)]
    [InlineData("1.5m", 90)]
    [InlineData("2h", 7_200)]
    [InlineData("1d", 86_400)]
    public void A_time_is_a_number_and_its_unit(string text, double seconds)
    {
        Assert.True(Durations.TryParse(text, out TimeSpan time));
        Assert.Equal(seconds, time.TotalSeconds);
    }

    [Theory, InlineData(""), InlineData("5"), InlineData("s"), InlineData("-1s"), InlineData("0s"), InlineData("1 s"), InlineData("1w"), InlineData("1.2.3s"), InlineData("40000d"), InlineData("0.1ms")]
    public void Anything_else_is_none(string text) => Assert.False(Durations.TryParse(text, out _));
}
