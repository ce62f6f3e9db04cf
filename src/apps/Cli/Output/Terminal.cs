using System.Text;
using Spectre.Console;

namespace Sirsi.Cli.Output;

/// <summary>
/// Where a command writes: results to <see cref="Output"/>, everything about the run to <see cref="Error"/>. Colour and redrawing happen only
/// where a person looks on.
/// </summary>
internal sealed class Terminal
{
    private const int WidthWithoutTerminal = 160;

    /// <summary>Whoever reads messages from a file gets each on a line, commands in it whole.</summary>
    private const int MessageWidthWithoutTerminal = 8_000;

    /// <summary>A terminal over two writers; <paramref name="interactive"/> says which of them a person looks at.</summary>
    public Terminal(TextWriter output, TextWriter error, (bool Output, bool Error) interactive = default, int? width = null)
    {
        Output = output;
        Error = error;
        IsErrorInteractive = interactive.Error;
        Results = Console(output, interactive.Output, width);
        Messages = Console(error, interactive.Error, width ?? (interactive.Error ? null : MessageWidthWithoutTerminal));
        OutputBytes = new WriterStream(output);
        ErrorBytes = new WriterStream(error);
    }

    /// <summary>Plain access to standard output, for JSON.</summary>
    public TextWriter Output { get; }

    /// <summary>Plain access to standard error.</summary>
    public TextWriter Error { get; }

    /// <summary>Tables and text for people on standard output.</summary>
    public IAnsiConsole Results { get; }

    /// <summary>Progress and problems for people on standard error.</summary>
    public IAnsiConsole Messages { get; }

    /// <summary>Standard input as bytes; at its end at once unless it is the process's own.</summary>
    public Stream InputBytes { get; init; } = Stream.Null;

    /// <summary>Standard output for programs that write bytes.</summary>
    public Stream OutputBytes { get; init; }

    /// <summary>Standard error for programs that write bytes.</summary>
    public Stream ErrorBytes { get; init; }

    /// <summary>Whether lines on standard error may be redrawn.</summary>
    public bool IsErrorInteractive { get; }

    /// <summary>The process's own streams. NO_COLOR is honoured.</summary>
    public static Terminal OfProcess()
    {
        System.Console.OutputEncoding = Encoding.UTF8;
        return new(System.Console.Out, System.Console.Error, (!System.Console.IsOutputRedirected, !System.Console.IsErrorRedirected))
        {
            InputBytes = System.Console.OpenStandardInput(),
            OutputBytes = System.Console.OpenStandardOutput(),
            ErrorBytes = System.Console.OpenStandardError(),
        };
    }

    private static IAnsiConsole Console(TextWriter writer, bool interactive, int? width)
    {
        bool colour = interactive && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = interactive ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = colour ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        if (width is { } given) console.Profile.Width = given;
        else if (!interactive) console.Profile.Width = WidthWithoutTerminal;
        return console;
    }
}
