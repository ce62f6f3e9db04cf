using System.Globalization;
using System.Text;

namespace Sirsi.Clouds.Terraform;

/// <summary>Terraform addresses such as <c>module.shop["eu"].aws_instance.web[0]</c>.</summary>
internal static class TerraformAddress
{
    /// <summary>The address of an instance.</summary>
    /// <param name="module">The module instance's address; empty for the root.</param>
    /// <param name="type">The resource's type.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="key">A number's text with brackets, a quoted text with brackets, or empty.</param>
    public static string Of(string module, string type, string name, string key) =>
        module.Length == 0 ? string.Concat(type, ".", name, key) : string.Concat(string.Concat(module, "."), type, ".", name + key);

    /// <summary><c>[3]</c>.</summary>
    public static string KeyOf(long index) => string.Create(CultureInfo.InvariantCulture, $"[{index}]");

    /// <summary><c>["eu"]</c>, quoted as Terraform quotes.</summary>
    public static string KeyOf(string key) =>
        "[\"" + key.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal) + "\"]";

    /// <summary>The address without any index: what a configuration calls it.</summary>
    public static string WithoutKeys(string address)
    {
        if (!address.Contains('[', StringComparison.Ordinal)) return address;
        var text = new StringBuilder(address.Length);
        for (int at = 0; at < address.Length; at++)
        {
            if (address[at] == '[') at = EndOfKey(address, at) - 1;
            else text.Append(address[at]);
        }

        return text.ToString();
    }

    /// <summary>The index of the last part, with its brackets; empty when it has none.</summary>
    public static string KeyAtEnd(string address)
    {
        if (!address.EndsWith(']')) return "";
        for (int at = address.IndexOf('[', StringComparison.Ordinal); at >= 0; at = address.IndexOf('[', at))
        {
            int end = EndOfKey(address, at);
            if (end >= address.Length) return address[at..];
            at = end;
        }

        return "";
    }

    /// <summary>
    /// The module path of an instance's address, one part per module with its index (<c>module.shop["eu"]</c>), and where the
    /// resource's own part begins.
    /// </summary>
    public static IReadOnlyList<string> ModulesOf(string address, out int resourceStart)
    {
        resourceStart = 0;
        if (!address.StartsWith("module.", StringComparison.Ordinal)) return [];
        var modules = new List<string>();
        while (address.AsSpan(resourceStart).StartsWith("module.", StringComparison.Ordinal))
        {
            int end = resourceStart + "module.".Length;
            while (end < address.Length && address[end] is not ('.' or '[')) end++;
            if (end < address.Length && address[end] == '[') end = EndOfKey(address, end);
            modules.Add(address[resourceStart..end]);
            resourceStart = Math.Min(end + 1, address.Length);
        }

        return modules;
    }

    /// <summary>Just behind the bracket that closes the one at <paramref name="open"/>, quoted texts left aside.</summary>
    private static int EndOfKey(string address, int open)
    {
        bool quoted = false;
        for (int at = open + 1; at < address.Length; at++)
        {
            char character = address[at];
            if (quoted && character == '\\') at++;
            else if (character == '"') quoted = !quoted;
            else if (!quoted && character == ']') return at + 1;
        }

        return address.Length;
    }
}
