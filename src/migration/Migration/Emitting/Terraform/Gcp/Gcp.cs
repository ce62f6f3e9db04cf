using System.Text;
using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>What Google Cloud resources have in common.</summary>
internal static class Gcp
{
    /// <summary>The labels in the alphabet Google Cloud takes; null when there are none.</summary>
    public static HclValue? Labels(Emission e)
    {
        (string Key, HclValue? Value)[] labels =
            [.. e.Tags().Select(static tag => (Key: Word(tag.Key), Value: (HclValue?)Word(tag.Value)))
                .Where(static tag => tag.Key.Length > 0 && char.IsAsciiLetter(tag.Key[0])).DistinctBy(static tag => tag.Key,
                    StringComparer.Ordinal).Take(60)];
        return labels.Length == 0 ? null : Map(labels);
    }

    private static string Word(string text)
    {
        var word = new StringBuilder(Math.Min(text.Length, 63));
        foreach (char character in text.ToLowerInvariant())
        {
            if (word.Length == 63) break;
            word.Append(char.IsAsciiLetterOrDigit(character) || character is '-' or '_' ? character : '_');
        }

        return word.ToString();
    }

    /// <summary>The region of a node.</summary>
    public static HclValue Region(Emission e) => CloudProfile.RegionOf(e);

    /// <summary>The zone of a node: the one it names, else the region's zone b.</summary>
    public static HclValue Zone(Emission e) =>
        e.Text("zone") is { } zone && zone.Count(static c => c == '-') == 2 ? ((HclValue?)zone)! : Template(Region(e), ((HclValue?)"-b")!);

    /// <summary>The network a node lies in, directly or through what it is related to.</summary>
    public static TargetNode? NetworkOf(TargetNode node) => Aws.NetworkOf(node);

    /// <summary>The id of the network; a variable when it is not known.</summary>
    public static HclValue NetworkId(Emission e) =>
        NetworkOf(e.Node)?["id"] ?? e.Variable("network_id", "Id of the network it is built in");

    /// <summary>The id of the subnet; a variable when it is not known.</summary>
    public static HclValue SubnetId(Emission e) =>
        (e.Node.First("network.subnet") ?? NetworkOf(e.Node)?.First("network.subnet"))?["id"]
            ?? e.Variable("subnet_id", "Id of the subnet it is built in");

    /// <summary>The id of the related key; null when Google's own key is used.</summary>
    public static HclValue? Key(Emission e) => e.Node.FirstOf("google_kms_crypto_key")?["id"];

    /// <summary>The tags that tie machines to the firewall rules of what they were allowed by.</summary>
    public static HclValue? NetworkTags(Emission e)
    {
        string[] tags = [.. e.Node.Related("network.firewall").Select(Tag).Distinct(StringComparer.Ordinal).Take(60)];
        return tags.Length == 0 ? null : Texts(tags);
    }

    /// <summary>The tag of a firewall.</summary>
    public static string Tag(TargetNode firewall)
    {
        string label = firewall.Label.Replace('_', '-').ToLowerInvariant();
        return $"fw-{label[..Math.Min(label.Length, 60)].TrimEnd('-')}";
    }

    /// <summary>The public image behind a word such as <c>ubuntu-22.04</c>; null when it names none.</summary>
    public static string? Image(string? word) => word switch
    {
        "ubuntu-24.04" => "ubuntu-os-cloud/ubuntu-2404-lts-amd64",
        "ubuntu-22.04" => "ubuntu-os-cloud/ubuntu-2204-lts",
        "debian-12" => "debian-cloud/debian-12",
        "debian-11" => "debian-cloud/debian-11",
        "rhel-9" => "rhel-cloud/rhel-9",
        "rhel-8" => "rhel-cloud/rhel-8",
        "windows-2025" => "windows-cloud/windows-2025",
        "windows-2022" => "windows-cloud/windows-2022",
        "windows-2019" => "windows-cloud/windows-2019",
        "windows-2016" => "windows-cloud/windows-2016",
        _ => null,
    };

    /// <summary>The image, or a variable for it.</summary>
    public static HclValue ImageOrVariable(Emission e) =>
        (HclValue?)Image(e.Text("image")) ?? e.Variable("image", "Image to start from, such as debian-cloud/debian-12");

    /// <summary>The connection through which Google's own services have addresses in a network; for <c>depends_on</c>.</summary>
    public static HclValue? PrivateServices(Emission e)
    {
        if (NetworkOf(e.Node) is not { } network) return null;
        string label = $"{network.Label}_services";
        if (e.Module.FirstUse($"private services {network.Label}"))
        {
            var blocks = new HclBody();
            string name = e.Module.CloudName("google_compute_global_address",
                $"{network.Label.Replace('_', '-').ToLowerInvariant()}-services", 63, "-");
            blocks.Labelled("resource", ["google_compute_global_address", label],
                ("name", name), ("purpose", "VPC_PEERING"), ("address_type", "INTERNAL"), ("prefix_length", 16),
                ("network", network["id"]));
            blocks.Labelled("resource", ["google_service_networking_connection", label],
                ("network", network["id"]), ("service", "servicenetworking.googleapis.com"),
                ("reserved_peering_ranges", List(Expr($"google_compute_global_address.{label}.name"))));
            e.Module.Append("network.tf", blocks);
        }

        return List(Expr($"google_service_networking_connection.{label}"));
    }
}
