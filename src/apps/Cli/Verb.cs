using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Sirsi.Cli;

/// <summary>A command whose help page ends with examples.</summary>
internal sealed class Verb : Command
{
    private readonly string[] _examples;

    /// <summary>A command of the given name, purpose and examples; each example is a whole command line.</summary>
    public Verb(string name, string description, params string[] examples)
        : base(name, description) => _examples = examples;

    /// <summary>Lets the help page of every command below <paramref name="root"/> end with its examples.</summary>
    public static void ShowExamples(RootCommand root)
    {
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
    }

    private static IEnumerable<string> ExamplesOf(Command command) =>
        command is Verb { _examples.Length: > 0 } verb
            ? verb._examples
            : command.Subcommands.SelectMany(static inner => ExamplesOf(inner).Take(1));

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int code = help.Invoke(parseResult);
            string[] examples = [.. ExamplesOf(parseResult.CommandResult.Command)];
            if (examples.Length == 0) return code;
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (string example in examples) output.WriteLine("  " + example);
            return code;
        }
    }
}
