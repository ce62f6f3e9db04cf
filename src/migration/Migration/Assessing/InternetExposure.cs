using System.Collections.Immutable;
using Sirsi.Clouds.Estates;

namespace Sirsi.Migration.Assessing;

/// <summary>
/// Finds the rules of a firewall that let every address in. A rule is left out when a denial with a better (lower) priority covers it
/// whole; denials that cover it in part leave it in, because the rest is still open.
/// </summary>
internal static class InternetExposure
{
    private const int PortMax = 65_535;

    /// <summary>Rules beyond this number are not compared with denials, which keeps the work linear.</summary>
    private const int DenialsMax = 256;

    /// <summary>The open rules as maps with <c>protocol</c>, <c>fromPort</c>, <c>toPort</c>; null when the rules are not known.</summary>
    public static AttributeValue Of(AttributeMap facts)
    {
        if (facts["rules"] is not { Type: AttributeType.List, AsList: var rules }) return AttributeValue.Null;
        long priorityOfAll = facts["priority"].AsWhole ?? 0;
        var admitted = new List<Rule>();
        var denied = new List<Rule>();
        foreach (AttributeValue item in rules)
            if (Rule.TryRead(item, priorityOfAll) is { } rule)
                (rule.Allows ? admitted : denied).Add(rule);

        var open = ImmutableArray.CreateBuilder<AttributeValue>(admitted.Count);
        foreach (Rule rule in admitted)
            if (!denied.Take(DenialsMax).Any(denial => denial.Priority < rule.Priority && denial.Covers(rule)))
                open.Add(rule.ToValue());
        return AttributeValue.Of(open.ToImmutable());
    }

    /// <summary>The rules that would let every address in if no denial stood before them, in the form of <see cref="Of"/>.</summary>
    public static IEnumerable<AttributeValue> StatedBy(AttributeMap facts)
    {
        foreach (AttributeValue item in facts["rules"].AsList)
            if (Rule.TryRead(item, priorityOfAll: 0) is { Allows: true } rule)
                yield return rule.ToValue();
    }

    /// <summary>An inbound rule over every address.</summary>
    private sealed record Rule(bool Allows, string Protocol, long FromPort, long ToPort, long Priority)
    {
        public static Rule? TryRead(AttributeValue item, long priorityOfAll)
        {
            if (item.AsMap is not { } map || map["direction"].AsText != "in") return null;
            if (!map["sources"].AsList.Any(static source => source.AsText is "0.0.0.0/0" or "::/0" or "*")) return null;
            string protocol = map["protocol"].AsText ?? "all";
            bool hasPorts = protocol is "tcp" or "udp";
            return new Rule(
                map["action"].AsText is not "deny",
                protocol,
                (hasPorts ? map["fromPort"].AsWhole : null) ?? 0,
                (hasPorts ? map["toPort"].AsWhole ?? map["fromPort"].AsWhole : null) ?? PortMax,
                map["priority"].AsWhole ?? priorityOfAll);
        }

        public bool Covers(Rule other) =>
            (Protocol == "all" || Protocol == other.Protocol) && FromPort <= other.FromPort && ToPort >= other.ToPort;

        public AttributeValue ToValue() => AttributeValue.Of(AttributeMap.Of(
            ("protocol", AttributeValue.Of(Protocol)), ("fromPort", AttributeValue.Of(FromPort)), ("toPort", AttributeValue.Of(ToPort))));
    }
}
