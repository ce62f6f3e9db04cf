using System.Globalization;
using System.Text;
using Sirsi.Clouds.Estates;

namespace Sirsi.Migration.Designing;

/// <summary>
/// Gives each target a name that is unique in the design and safe in Terraform: lower-case letters, digits and underscores, beginning
/// with a letter, at most 48 characters. Names come from the modules and name of the source's Terraform address. The first of
/// several equal names keeps it, the next ones get their kind and then a number. Given in the same order, the same resources get the same
/// names.
/// </summary>
internal sealed class TargetNames
{
    /// <summary>The longest name.</summary>
    public const int LengthMax = 48;

    private const int HashDigits = 8;

    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _lastNumber = new(StringComparer.Ordinal);

    /// <summary>The next name.</summary>
    public string For(Resource resource)
    {
        string name = Bounded(Safe(Label(resource)), resource.Id);
        if (_taken.Add(name)) return name;
        string kind = resource.Kind.Name ?? "";
        string withKind = Bounded($"{name}_{Safe(kind[(kind.LastIndexOf('.') + 1)..])}", resource.Id);
        if (_taken.Add(withKind)) return withKind;
        // Room for the number is made before counting, so that long names do not collide again when they are cut.
        string stem = withKind.Length > LengthMax - HashDigits ? withKind[..(LengthMax - HashDigits)] : withKind;
        int number = _lastNumber.GetValueOrDefault(stem, 1);
        string numbered;
        do numbered = string.Create(CultureInfo.InvariantCulture, $"{stem}_{++number}");
        while (!_taken.Add(numbered));
        _lastNumber[stem] = number;
        return numbered;
    }

    /// <summary>Modules, name and key of the address: <c>shop_web_0</c> of <c>module.shop.aws_instance.web[0]</c>.</summary>
    private static string Label(Resource resource)
    {
        string marker = resource.Type + ".";
        int at = resource.Id.LastIndexOf(marker, StringComparison.Ordinal);
        if (resource.Type.Length == 0 || at < 0 || (at > 0 && resource.Id[at - 1] is not ('.' or ':'))) return resource.Name;
        string name = resource.Id[(at + marker.Length)..];
        if (at == 0) return name;
        ReadOnlySpan<char> modules = resource.Id.AsSpan(0, at - 1);
        if (modules.IndexOf(':') is var colon and >= 0) modules = modules[(colon + 1)..];
        string path = modules.ToString().Replace("module.", "", StringComparison.Ordinal);
        return path.Length == 0 ? name : $"{path}_{name}";
    }

    private static string Safe(string text)
    {
        var safe = new StringBuilder(Math.Min(text.Length, 128) + 2);
        foreach (char letter in text)
        {
            if (char.IsAsciiLetterOrDigit(letter)) safe.Append(char.ToLowerInvariant(letter));
            else if (safe.Length > 0 && safe[^1] != '_') safe.Append('_');
        }

        while (safe.Length > 0 && safe[^1] == '_') safe.Length--;
        if (safe.Length == 0) return "resource";
        if (!char.IsAsciiLetterLower(safe[0])) safe.Insert(0, "r_");
        return safe.ToString();
    }

    /// <summary>A long name keeps its beginning and gets a hash of the whole id (FNV-1a), so that it stays as unique as the id.</summary>
    private static string Bounded(string name, string id)
    {
        if (name.Length <= LengthMax) return name;
        uint hash = 2166136261;
        foreach (char letter in id) hash = unchecked((hash ^ letter) * 16777619);
        return string.Create(CultureInfo.InvariantCulture, $"{name[..(LengthMax - HashDigits - 1)]}_{hash:x8}");
    }
}
