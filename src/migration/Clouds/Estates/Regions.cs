namespace Sirsi.Clouds.Estates;

/// <summary>What a resource's own attributes tell of its region.</summary>
internal static class Regions
{
    private static readonly string[] ZoneNames = ["availability_zone", "zone", "availability_zones", "zones", "node_locations"];

    /// <summary>Families and kinds that lie in no region.</summary>
    public static bool IsGlobal(Cloud cloud, ResourceKind kind, string type)
    {
        if (cloud is Cloud.Other) return true;
        if (kind.Family is "identity" or "dns" or "cdn" or "governance") return cloud is not Cloud.Azure || kind.Family is not "identity";
        if (cloud is Cloud.Gcp && kind.Name is "network.vpc" or "network.firewall" or "network.rule" or "network.route" or "network.peering")
            return cloud is Cloud.Gcp;
        return type.StartsWith("aws_organizations_", StringComparison.Ordinal) || type.StartsWith("aws_budgets_", StringComparison.Ordinal)
            || type.StartsWith("azuread_", StringComparison.Ordinal) || type is "google_project" or "google_folder";
    }

    /// <summary>The region a resource states: its region or location, its zone, or its ARN or self link; null when it states none.</summary>
    public static string? Stated(Cloud cloud, AttributeMap attributes) => cloud switch
    {
        Cloud.Aws => Text(attributes, "region") ?? FromZones(attributes, cloud) ?? FromArn(Text(attributes, "arn")),
        Cloud.Azure => Text(attributes, "location") is { } location ? AzureName(location) : null,
        Cloud.Gcp => Last(Text(attributes, "region")) ?? FromZones(attributes, cloud) ?? FromLocation(attributes) ?? FromPath(attributes),
        _ => null,
    };

    /// <summary><c>West Europe</c> is <c>westeurope</c>.</summary>
    private static string? AzureName(string location)
    {
        string name = string.Concat(location.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
        return name.Length == 0 || name == "global" ? null : name;
    }

    private static string? FromZones(AttributeMap attributes, Cloud cloud)
    {
        foreach (string name in ZoneNames)
        {
            AttributeValue value = attributes[name];
            if (value.AsList is [var first, ..]) value = first;
            if (Last(value.AsText) is { Length: > 0 } zone && RegionOf(zone, cloud) is { } region) return region;
        }

        return null;
    }

    /// <summary><c>us-east-1a</c> → <c>us-east-1</c>, <c>us-central1-a</c> → <c>us-central1</c>, <c>us-west-2-lax-1a</c> → <c>us-west-2</c>.</summary>
    private static string? RegionOf(string zone, Cloud cloud)
    {
        if (cloud is Cloud.Gcp)
            return zone.Length > 2 && zone[^2] == '-' && char.IsAsciiDigit(zone[^3]) ? zone[..^2] : null;
        int dashes = 0;
        for (int at = 0; at < zone.Length; at++)
        {
            if (zone[at] == '-') dashes++;
            if (dashes < 2 || !char.IsAsciiDigit(zone[at])) continue;
            int end = at;
            while (end < zone.Length && char.IsAsciiDigit(zone[end])) end++;
            return zone[..end];
        }

        return null;
    }

    private static string? FromArn(string? arn)
    {
        if (arn is null || !arn.StartsWith("arn:", StringComparison.Ordinal)) return null;
        string[] parts = arn.Split(':', 5);
        return parts.Length == 5 && parts[3].Length > 0 && RegionOf(parts[3], Cloud.Aws) == parts[3] ? parts[3] : null;
    }

    /// <summary>Google's location is a region, a zone, or a group of regions such as <c>EU</c>.</summary>
    private static string? FromLocation(AttributeMap attributes)
    {
        string? location = Last(Text(attributes, "location") ?? Text(attributes, "location_id"))?.ToLowerInvariant();
        return location is null or "global" or "-" ? null : RegionOf(location, Cloud.Gcp) ?? location;
    }

    private static string? FromPath(AttributeMap attributes)
    {
        string path = Text(attributes, "self_link") ?? Text(attributes, "id") ?? "";
        foreach ((string marker, bool isZone) in new[] { ("/regions/", false), ("/zones/", true), ("/locations/", false) })
        {
            int start = path.IndexOf(marker, StringComparison.Ordinal);
            if (start < 0) continue;
            string rest = path[(start + marker.Length)..];
            string place = rest.Split('/')[0];
            if (place.Length == 0 || place == "global") return null;
            return isZone ? RegionOf(place, Cloud.Gcp) : RegionOf(place, Cloud.Gcp) ?? place;
        }

        return null;
    }

    private static string? Text(AttributeMap attributes, string name) => attributes[name].AsText is { Length: > 0 } text ? text : null;

    private static string? Last(string? path) => path is { Length: > 0 } ? path[(path.LastIndexOf('/') + 1)..] : null;
}
