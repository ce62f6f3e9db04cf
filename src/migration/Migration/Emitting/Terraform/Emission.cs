using System.Text;
using Sirsi.Clouds.Estates;
using Sirsi.Migration.Emitting.Terraform.Hcl;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>The writing of one target resource: what an emitter reads from and writes to. Not thread-safe.</summary>
internal sealed class Emission(TerraformModule module, TargetNode node)
{
    /// <summary>What is written.</summary>
    public TargetNode Node => node;

    /// <summary>The module it is part of.</summary>
    public TerraformModule Module => module;

    /// <summary>What has been written.</summary>
    public HclBody Blocks { get; } = new();

    /// <summary>The target's size, where it has one.</summary>
    public string? Size => node.Target.Size ?? Text("size");

    /// <summary>What people call it, on one line; its label when its name means something in the source cloud only.</summary>
    public string Title => SourceIdentity.IsIn(node.Source.Name) ? node.Label : Line(node.Source.Name);

    /// <summary>A fact that is a text, else null.</summary>
    public string? Text(string fact) => node.Facts[fact].AsText is { Length: > 0 } text ? text : null;

    /// <summary>A fact that is a whole number; fractions are rounded up, else null.</summary>
    public long? Number(string fact) => node.Facts[fact].AsNumber is { } number ? (long)Math.Ceiling(number) : null;

    /// <summary>A fact that is a truth value, else null.</summary>
    public bool? Flag(string fact) => node.Facts[fact].AsBoolean;

    /// <summary>The texts of a fact that is a list.</summary>
    public IEnumerable<string> Texts(string fact) => node.Facts[fact].AsList.Select(static item => item.AsText).OfType<string>();

    /// <summary>The maps of a fact that is a list.</summary>
    public IEnumerable<AttributeMap> Maps(string fact) => node.Facts[fact].AsList.Select(static item => item.AsMap).OfType<AttributeMap>();

    /// <summary>Writes the main resource and gives its body.</summary>
    public HclBody Main(params ReadOnlySpan<(string Name, HclValue? Value)> attributes)
    {
        Blocks.Comment($"{Title} ({Line(node.Target.Service)})");
        HclBody body = Blocks.Labelled("resource", [node.Type, node.Label]);
        if (CloudProfile.ProviderOf(module, node) is { } provider) body["provider"] = provider;
        return body.With(attributes);
    }

    /// <summary>Writes a resource that goes with the main one and gives its body and a way to refer to it.</summary>
    public (HclBody Body, Reference Reference) Extra(
        string type, string suffix, params ReadOnlySpan<(string Name, HclValue? Value)> attributes)
    {
        string label = module.Label(type, suffix.Length == 0 ? node.Label : $"{node.Label}_{suffix}");
        HclBody body = Blocks.Labelled("resource", [type, label]);
        if (CloudProfile.ProviderOf(module, node) is { } provider) body["provider"] = provider;
        return (body.With(attributes), new(type, label));
    }

    /// <summary>
    /// An attribute of a related resource; where there is none, of one that is written beside the main one, named after
    /// <paramref name="namePrefix"/>.
    /// </summary>
    public HclValue RelatedOrOwn(TargetNode? related, string attribute, string type, string namePrefix, Action<Emission, HclBody> write)
    {
        if (related is not null) return related[attribute];
        (HclBody body, Reference own) = Extra(type, "", ("name_prefix", namePrefix));
        write(this, body);
        return own[attribute];
    }

    /// <summary>A variable of this resource: <c>var.web_0_image_id</c>. A null <paramref name="initial"/> makes it required.</summary>
    public HclValue Variable(string suffix, string description, string type = "string", bool sensitive = false, HclValue? initial = null) =>
        module.Variable($"{node.Label}_{suffix}", type, $"{description} ({Title}).", sensitive, initial);

    /// <summary>An output of this resource.</summary>
    public void Output(string suffix, string description, string attribute) =>
        module.Output($"{node.Label}_{suffix}", $"{description} of {Title}.", node[attribute]);

    /// <summary>The name in the cloud: lower case, with hyphens, unique among the resources of its type.</summary>
    public string Name(int lengthMax = 63) => module.CloudName(node.Type, Slug('-'), lengthMax, "-");

    /// <summary>A name that is unique in the whole cloud, with hyphens: it ends in the suffix the user chooses.</summary>
    public HclValue GlobalName(int lengthMax = 63) =>
        HclValues.Template(((HclValue?)$"{module.CloudName("global", Slug('-'), lengthMax - 9, "-")}-")!, module.UniqueSuffix());

    /// <summary>A name that is unique in the whole cloud, of lower-case letters and digits only.</summary>
    public HclValue GlobalCompactName(int lengthMax) =>
        HclValues.Template(((HclValue?)module.CloudName("compact", Slug(null), lengthMax - 8, ""))!, module.UniqueSuffix());

    /// <summary>The tags or labels of the source, with the source's own bookkeeping left out.</summary>
    public IEnumerable<(string Key, string Value)> Tags()
    {
        foreach ((string key, AttributeValue value) in node.Source.Tags)
            if (value.AsText is { } text && !SourceIdentity.IsIn(key) && !SourceIdentity.IsIn(text)) yield return (key, text);
    }

    private string Slug(char? separator)
    {
        string name = SourceIdentity.IsIn(node.Source.Name) ? node.Label : node.Source.Name;
        var slug = new StringBuilder(name.Length);
        foreach (char character in name.ToLowerInvariant())
            if (char.IsAsciiLetterOrDigit(character)) slug.Append(character);
            else if (separator is { } hyphen && slug.Length > 0 && slug[^1] != hyphen) slug.Append(hyphen);
        string text = slug.ToString().TrimEnd('-');
        return text.Length > 0 && char.IsAsciiLetter(text[0]) ? text : separator is null ? $"r{text}" : $"r-{text}".TrimEnd('-');
    }

    /// <summary>The text on one line, as comments need it.</summary>
    public static string Line(string text) => text.ReplaceLineEndings(" ");
}

/// <summary>A resource one can refer to.</summary>
internal readonly record struct Reference(string Type, string Label)
{
    /// <summary>A reference to an attribute: <c>aws_eip.nat.id</c>.</summary>
    public HclValue this[string attribute] => new HclExpression($"{Type}.{Label}.{attribute}");
}
