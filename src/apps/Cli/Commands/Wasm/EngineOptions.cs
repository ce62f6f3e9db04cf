using System.CommandLine;
using Sirsi.Wasm;

namespace Sirsi.Cli.Commands.Wasm;

/// <summary>The options that choose an engine and what a call may spend.</summary>
internal sealed class EngineOptions
{
    private const int PagesInMiB = 16;
    private const int MemoryMiBMost = 65_536;

    private readonly Option<string> _engine = EngineOption();

    private readonly Option<long> _fuel = new("--fuel")
    {
        Description = "What the guest may spend: about one unit an instruction.",
        HelpName = "N",
        DefaultValueFactory = static _ => new WasmBudget().Fuel,
    };

    private readonly Option<double> _timeout = new("--timeout")
    {
        Description = "How many seconds it may run.",
        HelpName = "SECONDS",
        DefaultValueFactory = static _ => new WasmBudget().Time.TotalSeconds,
    };

    private readonly Option<int> _memory = new("--memory-max-mib")
    {
        Description = "How large each of its memories may grow, in MiB.",
        HelpName = "N",
        DefaultValueFactory = static _ => new WasmOptions().MemoryPagesMax / PagesInMiB,
    };

    public EngineOptions()
    {
        _fuel.Bound(static fuel => fuel >= 0, "--fuel is 0 or more.");
        _timeout.Bound(static seconds => seconds is > 0 and <= 1_000_000, "--timeout is between 0 and 1,000,000 seconds.");
        _memory.Bound(static size => size is >= 0 and <= MemoryMiBMost, $"--memory-max-mib is between 0 and {MemoryMiBMost}.");
    }

    /// <summary>The option <c>--engine</c>.</summary>
    public static Option<string> EngineOption()
    {
        var engine = new Option<string>("--engine")
        {
            Description = "What runs functions: auto, compiler or interpreter.",
            HelpName = "KIND",
            DefaultValueFactory = static _ => "auto",
        };
        engine.AcceptOnlyFromAmong("auto", "compiler", "interpreter");
        return engine;
    }

    /// <summary>The engine a word of <see cref="EngineOption"/> names.</summary>
    public static WasmEngineKind Kind(string word) => Enum.Parse<WasmEngineKind>(word, ignoreCase: true);

    public void AddTo(Command verb)
    {
        verb.Add(_engine);
        verb.Add(_fuel);
        verb.Add(_timeout);
        verb.Add(_memory);
    }

    /// <summary>An engine as the command line asks for.</summary>
    public WasmEngine Engine(ParseResult parsed, TimeProvider time, CancellationToken cancellation) => new(time, Options(parsed, cancellation));

    /// <summary>The options of an engine as the command line asks for.</summary>
    public WasmOptions Options(ParseResult parsed, CancellationToken cancellation) => new()
    {
        Engine = Kind(parsed.GetRequiredValue(_engine)),
        MemoryPagesMax = parsed.GetValue(_memory) * PagesInMiB,
        Budget = new WasmBudget
        {
            Fuel = parsed.GetValue(_fuel),
            Time = TimeSpan.FromSeconds(parsed.GetValue(_timeout)),
            Cancellation = cancellation,
        },
    };
}
