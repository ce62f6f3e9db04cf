using System.Text.Json;
using Sirsi.Clouds.Estates;

namespace Sirsi.Clouds.Terraform;

/// <summary>Reads the <c>configuration</c> of a plan. What it does not understand it passes over: values come from elsewhere.</summary>
internal static class ConfigurationReader
{
    /// <summary>The object the input stands at.</summary>
    public static PlanConfiguration Read(ref JsonInput json, AttributeReader attributes)
    {
        var configuration = new PlanConfiguration();
        while (json.NextProperty())
        {
            if (json.Is("provider_config"u8)) ReadProviders(ref json, attributes, configuration);
            else if (json.Is("root_module"u8))
            {
                json.MustRead();
                ReadModule(ref json, configuration.Root);
            }
            else json.Skip();
        }

        return configuration;
    }

    private static void ReadProviders(ref JsonInput json, AttributeReader attributes, PlanConfiguration configuration)
    {
        json.MustRead();
        if (!json.EnterObject()) return;
        while (json.NextProperty())
        {
            string key = json.ReadName();
            if (!json.EnterObject()) continue;
            while (json.NextProperty())
            {
                if (!json.Is("expressions"u8))
                {
                    json.Skip();
                    continue;
                }

                json.MustRead();
                AttributeMap? region = attributes.Read(ref json).AsMap?["region"].AsMap;
                if (region?["constant_value"].AsText is { } constant) configuration.Regions[key] = constant;
                else if (region?["references"].AsList is [{ AsText: { } reference }, ..] && reference.StartsWith("var.", StringComparison.Ordinal))
                    configuration.RegionVariables[key] = reference[4..];
            }
        }
    }

    private static void ReadModule(ref JsonInput json, ModuleConfiguration module)
    {
        if (!json.EnterObject()) return;
        while (json.NextProperty())
        {
            if (json.Is("resources"u8)) ReadResources(ref json, module);
            else if (json.Is("module_calls"u8)) ReadCalls(ref json, module);
            else if (json.Is("outputs"u8)) ReadOutputs(ref json, module);
            else json.Skip();
        }
    }

    private static void ReadResources(ref JsonInput json, ModuleConfiguration module)
    {
        json.MustRead();
        if (!EnterList(ref json)) return;
        while (json.NextItem())
        {
            if (!json.EnterObject()) continue;
            string address = "";
            string provider = "";
            var expressions = new List<AttributeExpression>();
            var dependsOn = new List<string>();
            while (json.NextProperty())
            {
                if (json.Is("address"u8)) address = NextText(ref json);
                else if (json.Is("provider_config_key"u8)) provider = NextText(ref json);
                else if (json.Is("depends_on"u8)) ReadTexts(ref json, dependsOn);
                else if (json.Is("expressions"u8))
                {
                    json.MustRead();
                    if (json.EnterObject()) ReadBlock(ref json, "", expressions);
                }
                else json.Skip();
            }

            module.Resources[address] = new ResourceConfiguration(provider, expressions, dependsOn);
        }
    }

    private static void ReadCalls(ref JsonInput json, ModuleConfiguration module)
    {
        json.MustRead();
        if (!json.EnterObject()) return;
        while (json.NextProperty())
        {
            string name = json.ReadName();
            if (!json.EnterObject()) continue;
            var call = new ModuleCall(module.Child(name), new(StringComparer.Ordinal));
            module.Calls[name] = call;
            while (json.NextProperty())
            {
                if (json.Is("expressions"u8))
                {
                    var expressions = new List<AttributeExpression>();
                    json.MustRead();
                    if (json.EnterObject()) ReadBlock(ref json, "", expressions);
                    foreach (AttributeExpression expression in expressions)
                    {
                        int end = expression.Path.AsSpan().IndexOfAny('.', '[');
                        string variable = end < 0 ? expression.Path : expression.Path[..end];
                        if (!call.Inputs.TryAdd(variable, expression.References)) call.Inputs[variable].AddRange(expression.References);
                    }
                }
                else if (json.Is("module"u8))
                {
                    json.MustRead();
                    ReadModule(ref json, call.Module);
                }
                else json.Skip();
            }
        }
    }

    private static void ReadOutputs(ref JsonInput json, ModuleConfiguration module)
    {
        json.MustRead();
        if (!json.EnterObject()) return;
        while (json.NextProperty())
        {
            string name = json.ReadName();
            if (!json.EnterObject()) continue;
            while (json.NextProperty())
            {
                if (!json.Is("expression"u8))
                {
                    json.Skip();
                    continue;
                }

                var expressions = new List<AttributeExpression>();
                json.MustRead();
                if (json.EnterObject()) ReadBlock(ref json, "", expressions);
                module.Outputs[name] = [.. expressions.SelectMany(static expression => expression.References)];
            }
        }
    }

    /// <summary>
    /// A block of expressions: members are expressions (<c>references</c>, <c>constant_value</c>), nested blocks, or lists of these.
    /// </summary>
    private static void ReadBlock(ref JsonInput json, string path, List<AttributeExpression> expressions)
    {
        while (json.NextProperty())
        {
            if (json.Is("references"u8))
            {
                var references = new List<string>();
                ReadTexts(ref json, references);
                if (references.Count > 0) expressions.Add(new AttributeExpression(path, references));
                continue;
            }

            if (json.Is("constant_value"u8))
            {
                json.Skip();
                continue;
            }

            string name = json.ReadName();
            string below = path.Length == 0 ? name : path + "." + name;
            if (json.Token is JsonTokenType.StartObject) ReadBlock(ref json, below, expressions);
            else if (json.Token is JsonTokenType.StartArray) ReadBlocks(ref json, below, expressions);
            else json.Skip();
        }
    }

    private static void ReadBlocks(ref JsonInput json, string path, List<AttributeExpression> expressions)
    {
        for (int index = 0; json.NextItem(); index++)
            if (json.EnterObject()) ReadBlock(ref json, $"{path}[{index}]", expressions);
    }

    private static void ReadTexts(ref JsonInput json, List<string> texts)
    {
        json.MustRead();
        if (!EnterList(ref json)) return;
        while (json.NextItem())
            if (json.TextOrNull() is { } text) texts.Add(text);
    }

    private static bool EnterList(ref JsonInput json)
    {
        if (json.Token is JsonTokenType.StartArray) return true;
        json.Skip();
        return false;
    }

    private static string NextText(ref JsonInput json)
    {
        json.MustRead();
        return json.TextOrNull() ?? "";
    }
}
