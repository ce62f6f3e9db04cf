using Sirsi.Clouds.Estates;

namespace Sirsi.Migration.Planning;

/// <summary>Which application a resource belongs to, as people would say: from its tags, else its Terraform module.</summary>
internal static class Applications
{
    private static readonly string[] ApplicationTags =
        ["app", "application", "app_name", "application_name", "project", "service", "system", "product", "workload", "team"];

    private static readonly string[] EnvironmentTags = ["environment", "env", "stage"];

    /// <summary>The application's name (<c>shop (production)</c>), or empty when nothing tells it.</summary>
    public static string Of(Resource resource)
    {
        string application = Tagged(resource.Tags, ApplicationTags) ?? Module(resource.Id) ?? "";
        return application.Length > 0 && Tagged(resource.Tags, EnvironmentTags) is { } environment
            ? $"{application} ({environment})"
            : application;
    }

    private static string? Tagged(AttributeMap tags, string[] names)
    {
        if (tags.Count == 0) return null;
        int best = int.MaxValue;
        string? found = null;
        for (int index = 0; index < tags.Names.Length; index++)
        {
            int rank = Array.FindIndex(names, name => IsNamed(tags.Names[index], name));
            if (rank < 0 || rank >= best || tags.Values[index].AsText is not { Length: > 0 and <= 64 } text) continue;
            (best, found) = (rank, text);
        }

        return found;
    }

    /// <summary>Tag names are written in many ways: <c>AppName</c>, <c>app-name</c>, <c>app_name</c>.</summary>
    private static bool IsNamed(string tag, string name)
    {
        int at = 0;
        foreach (char letter in tag)
        {
            if (letter is '-' or '_' or ' ' or ':') continue;
            while (at < name.Length && name[at] == '_') at++;
            if (at == name.Length || char.ToLowerInvariant(letter) != name[at++]) return false;
        }

        return at == name.Length;
    }

    /// <summary>The outermost module: <c>shop</c> of <c>module.shop.module.web[0].aws_instance.a</c>.</summary>
    private static string? Module(string id)
    {
        const string Prefix = "module.";
        int at = id.StartsWith(Prefix, StringComparison.Ordinal) ? 0 : id.IndexOf(":" + Prefix, StringComparison.Ordinal) + 1;
        if (at == 0 && !id.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        ReadOnlySpan<char> rest = id.AsSpan(at + Prefix.Length);
        int end = rest.IndexOfAny('.', '[');
        return end > 0 ? rest[..end].ToString() : null;
    }
}
