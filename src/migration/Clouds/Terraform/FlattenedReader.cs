using System.Collections.Frozen;
using System.Text.Json;
using Sirsi.Clouds.Estates;
using Sirsi.Core.Errors;

namespace Sirsi.Clouds.Terraform;

/// <summary>
/// Reads resources flattened to <c>{ type: { name: attributes } }</c>, as test recordings of applied modules are kept; a counted
/// resource has a list of attributes.
/// </summary>
internal sealed class FlattenedReader(AttributeReader attributes, InstanceCollector collector)
{
    /// <summary>Types that are only ever looked up; this shape does not tell them from resources.</summary>
    private static readonly FrozenSet<string> LookedUp = FrozenSet.ToFrozenSet(
        [
            "archive_file", "aws_arn", "aws_availability_zone", "aws_availability_zones", "aws_billing_service_account", "aws_caller_identity",
            "aws_canonical_user_id", "aws_elb_service_account", "aws_iam_policy_document", "aws_partition", "aws_region", "aws_regions",
            "aws_service", "azurerm_client_config", "azurerm_subscription", "external", "google_client_config",
            "google_client_openid_userinfo", "google_iam_policy", "google_projects", "http", "terraform_remote_state",
        ],
        StringComparer.Ordinal);

    /// <summary>The object the input stands at.</summary>
    public void ReadResources(ref JsonInput json)
    {
        while (json.NextProperty())
        {
            string type = json.ReadName();
            if (type == "data" || LookedUp.Contains(type) || !json.EnterObject())
            {
                json.Skip();
                continue;
            }

            while (json.NextProperty())
            {
                SourcePosition position = json.Position;
                string label = json.ReadName();
                ReadInstances(ref json, type, label, position);
            }
        }
    }

    private void ReadInstances(ref JsonInput json, string type, string label, SourcePosition position)
    {
        switch (json.Token)
        {
            case JsonTokenType.StartObject:
                Add(type, label, "", attributes.ReadMap(ref json), position);
                break;
            case JsonTokenType.StartArray:
                for (long index = 0; json.NextItem(); index++)
                {
                    SourcePosition itemPosition = json.Position;
                    if (json.EnterObject())
                        Add(type, label, TerraformAddress.KeyOf(index), attributes.ReadMap(ref json), itemPosition);
                    else collector.Drop(itemPosition, $"The instance {type}.{label}[{index}] is left out: it is no object.");
                }

                break;
            default:
                collector.Drop(position, $"The resource {type}.{label} is left out: it is no object.");
                break;
        }
    }

    private void Add(string type, string label, string key, AttributeMap read, SourcePosition position) =>
        collector.Add(new TerraformInstance
        {
            Address = TerraformAddress.Of("", type, label, key),
            Type = type,
            Label = label,
            Key = key,
            Attributes = read,
            Position = position,
        });
}
