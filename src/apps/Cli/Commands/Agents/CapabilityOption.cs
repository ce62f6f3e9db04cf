using System.CommandLine;
using System.CommandLine.Parsing;
using Sirsi.Hypervisor.Capabilities;

namespace Sirsi.Cli.Commands.Agents;

/// <summary>The option that gives capabilities, one each time.</summary>
internal static class CapabilityOption
{
    public static Option<string[]> Create(string description)
    {
        var option = new Option<string[]>("--capability") { Description = description, HelpName = "CAPABILITY" };
        option.Validators.Add(static result =>
        {
            foreach (Token token in result.Tokens)
                if (!Capability.TryParse(token.Value, out _, out string? problem)) result.AddError(problem);
        });
        return option;
    }

    public static CapabilitySet Read(string[]? texts) => CapabilitySet.Parse(texts ?? []);
}
