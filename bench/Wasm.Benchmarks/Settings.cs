using System.Globalization;

namespace Sirsi.Wasm.Benchmarks;

/// <summary>What the command line asks for.</summary>
internal sealed record Settings
{
    /// <summary><c>kernels</c>, <c>programs</c>, <c>instances</c> or <c>serve</c>.</summary>
    public required string Command { get; init; }

    /// <summary>Which engine: auto, compiler or interpreter.</summary>
    public string Engine { get; init; } = "auto";

    /// <summary>Whether fuel is counted.</summary>
    public bool Metering { get; init; } = true;

    /// <summary>Names of the modules to measure; empty for all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>Measured runs of each module on each side.</summary>
    public int Runs { get; init; } = 9;

    /// <summary>
    /// How long each side runs at least before it is measured, in milliseconds of processor time. Both compile programs in the background for
    /// seconds, and runs can take the same time meanwhile.
    /// </summary>
    public double WarmMsMin => Command == "programs" ? 4_000 : 300;

    /// <summary>How many instances are made.</summary>
    public int Count { get; init; } = 20_000;

    /// <summary>The smallest sizes, no warming up, the same processes for all modules: for tests that only look whether it works.</summary>
    public bool Small { get; init; }

    /// <summary>JSON instead of a table.</summary>
    public bool Json { get; init; }

    /// <summary>Options that a runner of this engine is started with.</summary>
    public IEnumerable<string> EngineArguments => Metering ? ["--engine", Engine] : ["--engine", Engine, "--no-metering"];

    /// <summary>The settings, or null and what is wrong.</summary>
    public static Settings? Parse(string[] arguments, out string problem)
    {
        problem = "";
        string command = arguments.Length > 0 ? arguments[0] : "";
        if (command is not ("kernels" or "programs" or "instances" or "serve"))
        {
            problem = command.Length == 0 ? "a command is missing" : $"unknown command \"{command}\"";
            return null;
        }

        var settings = new Settings { Command = command };
        for (int i = 1; i < arguments.Length && problem.Length == 0; i++)
        {
            string? value = i + 1 < arguments.Length ? arguments[i + 1] : null;
            settings = settings.With(arguments[i], value, out bool takesValue, out problem);
            if (takesValue) i++;
        }

        return problem.Length == 0 ? settings : null;
    }

    private Settings With(string option, string? value, out bool takesValue, out string problem)
    {
        problem = "";
        takesValue = option is "--engine" or "--kernels" or "--runs" or "--count";
        if (takesValue && value is null)
        {
            problem = $"{option} needs a value";
            return this;
        }

        switch (option)
        {
            case "--engine" when value is "auto" or "compiler" or "interpreter": return this with { Engine = value };
            case "--kernels": return this with { Only = value!.Split(',', StringSplitOptions.RemoveEmptyEntries) };
            case "--runs" when Number(value) is { } runs: return this with { Runs = runs };
            case "--count" when Number(value) is { } count: return this with { Count = count };
            case "--no-metering": return this with { Metering = false };
            case "--small": return this with { Small = true, Runs = 1, Count = 50 };
            case "--json": return this with { Json = true };
        }

        problem = takesValue ? $"{option} cannot be \"{value}\"" : $"unknown option \"{option}\"";
        return this;
    }

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is > 0 and <= 10_000_000 ? number : null;
}
