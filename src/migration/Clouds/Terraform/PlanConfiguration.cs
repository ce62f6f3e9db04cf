namespace Sirsi.Clouds.Terraform;

/// <summary>
/// The configuration a plan carries: not values but which expression refers to what. In a plan ids are not known yet, so relations
/// come from here.
/// </summary>
internal sealed class PlanConfiguration
{
    /// <summary>The regions of provider configurations, by their key (<c>aws</c>, <c>aws.west</c>, <c>module.shop:aws</c>).</summary>
    public Dictionary<string, string> Regions { get; } = new(StringComparer.Ordinal);

    /// <summary>Provider keys whose region is a variable of the root module, and that variable's name.</summary>
    public Dictionary<string, string> RegionVariables { get; } = new(StringComparer.Ordinal);

    /// <summary>The root module.</summary>
    public ModuleConfiguration Root { get; set; } = new("", parent: null, call: "");

    /// <summary>The resource of an address without indexes; null when the configuration does not have it.</summary>
    public (ModuleConfiguration Module, ResourceConfiguration Resource)? Find(string configurationAddress)
    {
        IReadOnlyList<string> modules = TerraformAddress.ModulesOf(configurationAddress, out int start);
        ModuleConfiguration at = Root;
        foreach (string module in modules)
        {
            if (!at.Calls.TryGetValue(module["module.".Length..], out ModuleCall? call)) return null;
            at = call.Module;
        }

        return at.Resources.TryGetValue(configurationAddress[start..], out ResourceConfiguration? resource) ? (at, resource) : null;
    }
}

/// <summary>One module of a configuration.</summary>
/// <param name="path">Its address without indexes; empty for the root.</param>
/// <param name="parent">The module that calls it.</param>
/// <param name="call">The name it is called by there.</param>
internal sealed class ModuleConfiguration(string path, ModuleConfiguration? parent, string call)
{
    public string Path => path;

    public ModuleConfiguration? Parent => parent;

    public string Call => call;

    /// <summary>By type and name.</summary>
    public Dictionary<string, ResourceConfiguration> Resources { get; } = new(StringComparer.Ordinal);

    /// <summary>What each output refers to.</summary>
    public Dictionary<string, List<string>> Outputs { get; } = new(StringComparer.Ordinal);

    /// <summary>The modules it calls.</summary>
    public Dictionary<string, ModuleCall> Calls { get; } = new(StringComparer.Ordinal);

    /// <summary>The module of a call by this module.</summary>
    public ModuleConfiguration Child(string name) =>
        new(path.Length == 0 ? "module." + name : path + ".module." + name, this, name);
}

/// <summary>A call of a module.</summary>
/// <param name="Module">The module.</param>
/// <param name="Inputs">What each of its variables refers to in the calling module.</param>
internal sealed record ModuleCall(ModuleConfiguration Module, Dictionary<string, List<string>> Inputs);

/// <summary>One resource of a configuration.</summary>
/// <param name="ProviderKey">The provider configuration it uses.</param>
/// <param name="Expressions">What its attributes refer to.</param>
/// <param name="DependsOn">What it is told to wait for.</param>
internal sealed record ResourceConfiguration(string ProviderKey, List<AttributeExpression> Expressions, List<string> DependsOn);

/// <summary>An expression that refers to something.</summary>
/// <param name="Path">The attribute, for example <c>vpc_config[0].subnet_ids</c>.</param>
/// <param name="References">As the plan writes them: <c>aws_subnet.a.id</c>, <c>module.vpc.subnets</c>, <c>var.x</c>, <c>each.key</c>.</param>
internal sealed record AttributeExpression(string Path, List<string> References);
