using System.Text;
using Sirsi.Clouds;
using Sirsi.Migration.Designing;
using Sirsi.Migration.Emitting.Terraform.Hcl;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>
/// What grows while resources are written: the files, the variables and outputs, the names that are taken, and what resources share.
/// Not thread-safe.
/// </summary>
internal sealed class TerraformModule(Design design)
{
    private readonly SortedDictionary<string, StringBuilder> _files = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, HclBody> _variables = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, HclBody> _outputs = new(StringComparer.Ordinal);
    private readonly HashSet<string> _addresses = new(StringComparer.Ordinal);
    private readonly HashSet<string> _cloudNames = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _sharedResources = new(StringComparer.Ordinal);
    private readonly HashSet<string> _shared = new(StringComparer.Ordinal);

    /// <summary>The cloud the code is for.</summary>
    public Cloud Cloud => design.Target;

    /// <summary>The region most resources go to.</summary>
    public string Region => design.Region;

    /// <summary>Regions that need a provider of their own, as they were met.</summary>
    public SortedSet<string> OtherRegions { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether a resource needs the preview provider of Google.</summary>
    public bool NeedsGoogleBeta { get; private set; }

    /// <summary>The files written so far, by name.</summary>
    public IReadOnlyDictionary<string, StringBuilder> Files => _files;

    /// <summary>The variables, sorted by name.</summary>
    public IEnumerable<HclBody> Variables => _variables.Values;

    /// <summary>The outputs, sorted by name.</summary>
    public IEnumerable<HclBody> Outputs => _outputs.Values;

    /// <summary>Appends blocks to a file, a blank line between them.</summary>
    public void Append(string file, HclBody blocks)
    {
        if (blocks.Items.Count == 0) return;
        if (!_files.TryGetValue(file, out StringBuilder? text)) _files.Add(file, text = new StringBuilder());
        if (text.Length > 0) text.Append('\n');
        HclWriter.Write(blocks, text);
    }

    /// <summary>Declares a variable, once, and gives a reference to it. Without a default the user must give a value.</summary>
    public HclValue Variable(string name, string type, string description, bool sensitive = false, HclValue? initial = null)
    {
        if (!_variables.ContainsKey(name))
        {
            var body = new HclBody();
            body.Labelled("variable", [name], ("description", description), ("type", HclValues.Expr(type)),
                ("default", initial), ("sensitive", sensitive ? true : null), ("nullable", initial is null ? false : null));
            _variables.Add(name, body);
        }

        return HclValues.Expr($"var.{name}");
    }

    /// <summary>The end of names that must be unique in the whole cloud, chosen by the user.</summary>
    public HclValue UniqueSuffix()
    {
        const string Name = "unique_suffix";
        if (!_variables.ContainsKey(Name))
        {
            var body = new HclBody();
            HclBody variable = body.Labelled("variable", [Name],
                ("description", "End of names that must be unique in the whole cloud, such as those of buckets: 4 to 8 lower-case letters and digits."),
                ("type", HclValues.Expr("string")), ("nullable", false));
            variable.Block("validation", ("condition", HclValues.Expr($"can(regex(\"^[a-z0-9]{{4,8}}$\", var.{Name}))")),
                ("error_message", "The suffix is 4 to 8 lower-case letters and digits."));
            _variables.Add(Name, body);
        }

        return HclValues.Expr($"var.{Name}");
    }

    /// <summary>Adds an output, once.</summary>
    public void Output(string name, string description, HclValue value)
    {
        if (_outputs.ContainsKey(name)) return;
        var body = new HclBody();
        body.Labelled("output", [name], ("description", description), ("value", value));
        _outputs.Add(name, body);
    }

    /// <summary>Takes a Terraform address; when it is taken already, the next free one that ends in a number.</summary>
    public string Label(string type, string wanted)
    {
        string label = wanted;
        for (int number = 2; !_addresses.Add($"{type}.{label}"); number++) label = $"{wanted}_{number}";
        return label;
    }

    /// <summary>Keeps an address for the main resource of a node, before any other resource can take it.</summary>
    public void Reserve(TargetNode node) => _addresses.Add($"{node.Type}.{node.Label}");

    /// <summary>Takes a name within <paramref name="scope"/>; one that is taken or too long gets a short digest at its end.</summary>
    public string CloudName(string scope, string wanted, int lengthMax, string separator)
    {
        string name = wanted.Length <= lengthMax ? wanted : Shorten(wanted, wanted, lengthMax, separator);
        for (int number = 2; !_cloudNames.Add($"{scope}/{name}"); number++) name = Shorten(wanted, $"{wanted}#{number}", lengthMax,
            separator);
        return name;
    }

    /// <summary>Brings Google's preview provider in and gives a reference to it.</summary>
    public HclValue UseGoogleBeta()
    {
        NeedsGoogleBeta = true;
        return HclValues.Expr("google-beta");
    }

    /// <summary>A resource that others share: written to <paramref name="file"/> the first time it is asked for.</summary>
    public Reference Shared(string file, string type, Action<HclBody, string> write)
    {
        if (_sharedResources.TryGetValue(type, out string? label)) return new(type, label);
        label = Label(type, "main");
        _sharedResources.Add(type, label);
        var blocks = new HclBody();
        write(blocks.Labelled("resource", [type, label]), label);
        Append(file, blocks);
        return new(type, label);
    }

    /// <summary>True the first time something shared is asked for; the caller then writes it.</summary>
    public bool FirstUse(string shared) => _shared.Add(shared);

    private static string Shorten(string name, string identity, int lengthMax, string separator)
    {
        string end = separator + Digest(identity);
        return name[..Math.Min(name.Length, lengthMax - end.Length)].TrimEnd('-', '_', '.') + end;
    }

    // FNV-1a, 32 bits: tells long names apart; nobody's security rests on it.
    private static string Digest(string text)
    {
        uint hash = 2_166_136_261;
        foreach (char character in text) hash = unchecked((hash ^ character) * 16_777_619);
        return hash.ToString("x8")[..6];
    }
}
