using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;

namespace Sirsi.Cli.Commands;

/// <summary>Options that are given as <c>KEY=VALUE</c>, any number of times.</summary>
internal static class Pairs
{
    public static Option<string[]> Option(string name, string description)
    {
        var option = new Option<string[]>(name) { Description = description, HelpName = "KEY=VALUE" };
        option.Validators.Add(result =>
        {
            foreach (Token token in result.Tokens)
                if (token.Value.IndexOf('=', StringComparison.Ordinal) < 1) result.AddError($"{name} is KEY=VALUE; '{token.Value}' is not.");
        });
        return option;
    }

    /// <summary>The last of several of one name counts, as in a shell.</summary>
    public static ImmutableDictionary<string, string> Read(string[]? texts)
    {
        ImmutableDictionary<string, string>.Builder pairs = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (string text in texts ?? [])
        {
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            pairs[text[..equals]] = text[(equals + 1)..];
        }

        return pairs.ToImmutable();
    }
}
