using Sirsi.Hypervisor.Capabilities;

namespace Sirsi.Hypervisor.Tests.Capabilities;

public sealed class CapabilityTests
{
    [Theory]
    [InlineData("model.complete", "model.complete", "")]
    [InlineData("bus.publish:agent.report.*", "bus.publish", "agent.report.*")]
    [InlineData("net.http:api.example.com:8443", "net.http", "api.example.com:8443")]
    [InlineData("net.http:*", "net.http", "")]
    [InlineData("x-1.y_2:*.a/b*/c*", "x-1.y_2", "*.a/b*/c*")]
    public void A_capability_is_an_action_and_a_scope(string text, string action, string scope)
    {
        var capability = Capability.Parse(text);
        Assert.Equal(action, capability.Action);
        Assert.Equal(scope, capability.Scope);
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("Model.complete", "'M' at 1")]
    [InlineData("model..complete", "'.' at 7")]
    [InlineData("model.complete.", "ends with '.'")]
    [InlineData("1model", "'1' at 1")]
    [InlineData("bus.*:x", "'*' at 5")]
    [InlineData("net.http:", "nothing follows the colon")]
    [InlineData("net.http:a b", "' ' at 11")]
    [InlineData("net.http:a*b", "'*' at 11 stands before 'b'")]
    [InlineData("net.http:a**", "'*' at 11 stands before '*'")]
    [InlineData("net.http:a,b", "',' at 11")]
    [InlineData("net.http:é", "'é' at 10")]
    [InlineData("context.write:plan/../x", "'..' at 20")]
    public void A_text_that_is_none_is_refused_with_the_place(string text, string place)
    {
        Assert.False(Capability.TryParse(text, out _, out string? problem));
        Assert.Contains(place, problem, StringComparison.Ordinal);
        var failure = Assert.Throws<HypervisorException>(() => Capability.Parse(text));
        Assert.Equal(HypervisorErrors.CapabilityInvalid, failure.Code);
    }

    [Theory]
    [InlineData(65, 0)]
    [InlineData(10, 257)]
    public void Sizes_are_limited(int action, int scope)
    {
        string text = new string('a', action) + (scope == 0 ? "" : ":" + new string('b', scope));
        Assert.False(Capability.TryParse(text, out _, out string? problem));
        Assert.Contains("at most", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bus.publish:agent.report.*", "agent.report.done", true)]
    [InlineData("bus.publish:agent.report.*", "agent.report.a.b", true)]
    [InlineData("bus.publish:agent.report.*", "agent.report", false)]
    [InlineData("bus.publish:agent.report.*", "agent.reports.done", false)]
    [InlineData("bus.publish:agent.*.done", "agent.run.done", true)]
    [InlineData("bus.publish:agent.*.done", "agent.run.of.done", false)]
    [InlineData("bus.publish:agent.*.done", "agent.run/x.done", false)]
    [InlineData("bus.publish:*.example.com", "api.example.com", true)]
    [InlineData("bus.publish:*.example.com", "a.b.example.com", false)]
    [InlineData("bus.publish:ec2.describe*", "ec2.describeInstances", true)]
    [InlineData("bus.publish:ec2.describe*", "ec2.terminateInstances", false)]
    [InlineData("bus.publish:plan/*", "plan/../key", false)]
    [InlineData("bus.publish:plan/*", "Plan/a", false)]
    [InlineData("bus.publish:plan/a", "plan/a", true)]
    [InlineData("bus.publish:plan/a", "plan/ab", false)]
    [InlineData("bus.publish:plan/a", "", false)]
    [InlineData("bus.publish", "whatever it is", true)]
    [InlineData("bus.publish", "", true)]
    public void A_star_stands_for_the_rest_of_a_part_and_at_the_end_for_all_that_follows(string capability, string subject, bool allows) =>
        Assert.Equal(allows, Capability.Parse(capability).Allows("bus.publish", subject));

    [Fact]
    public void A_set_tells_all_its_problems_at_once()
    {
        var failure = Assert.Throws<HypervisorException>(() => CapabilitySet.Parse(["model.complete", "X", "net.http:"]));
        Assert.Contains("'X'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("'net.http:'", failure.Message, StringComparison.Ordinal);
        Assert.Throws<HypervisorException>(() => CapabilitySet.Parse(Enumerable.Range(0, 257).Select(static i => $"a:{i}")));
    }

    [Fact]
    public void A_set_holds_each_capability_once_in_the_order_of_their_texts() =>
        Assert.Equal("a, a:x, b", CapabilitySet.Parse(["b", "a:x", "a", "b", "a:x", "a:*"]).ToString());
}
