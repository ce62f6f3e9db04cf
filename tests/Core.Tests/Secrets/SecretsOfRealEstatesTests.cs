using System.Text.Json;
using Sirsi.Core.Secrets;

namespace Sirsi.Core.Tests.Secrets;

public class SecretsOfRealEstatesTests
{
    [Fact]
    public void No_arn_id_or_name_in_a_real_terraform_file_is_taken_for_a_secret()
    {
        var taken = new SortedSet<string>(StringComparer.Ordinal);
        int seen = 0;
        foreach (string file in Directory.EnumerateFiles(TestData.Folder("data/migration/estates/terraform"), "*", SearchOption.AllDirectories))
        {
            try
            {
                using var document = JsonDocument.Parse(File.ReadAllBytes(file));
                Walk(document.RootElement, "");
            }
            catch (JsonException)
            {
                // The folder also holds configuration that is no JSON.
                continue;
            }
        }
        Assert.True(seen > 5_000, $"only {seen} values seen");
        Assert.Empty(taken);

        void Walk(JsonElement element, string name)
        {
            if (element.ValueKind is JsonValueKind.Object)
                foreach (JsonProperty member in element.EnumerateObject()) Walk(member.Value, member.Name);
            else if (element.ValueKind is JsonValueKind.Array)
                foreach (JsonElement item in element.EnumerateArray()) Walk(item, name);
            else if (element.ValueKind is JsonValueKind.String && IsReference(name))
            {
                seen++;
                if (SecretDetector.IsSecret(name, element.GetString())) taken.Add($"{name}: {element.GetString()}");
            }
        }
    }

    private static bool IsReference(string name) =>
        name is "id" or "arn" or "name" or "region" or "type"
        || name.EndsWith("_id", StringComparison.Ordinal) || name.EndsWith("_arn", StringComparison.Ordinal)
        || name.EndsWith("_name", StringComparison.Ordinal);
}
