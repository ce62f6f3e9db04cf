using Xunit.Sdk;

namespace Sirsi.Wasm.Tests.Fuzzing;

/// <summary>Runs programs in all engines and compares all there is to see.</summary>
internal static class Differential
{
    /// <summary>How many variants of a failing case are tried to make it smaller.</summary>
    private const int ShrinkAttempts = 3_000;

    /// <summary>
    /// Checks the program of a seed, and of a failing one a smaller one that fails likewise. <c>SIRSI_WASM_SEED</c> has a test check one seed alone.
    /// </summary>
    internal static void Check(int seed, Func<GuestProgram, string?> difference, ProgramKind kind = ProgramKind.Any)
    {
        var choices = new Choices(seed);
        GuestProgram program = ProgramGenerator.Generate(choices, kind);
        if (Guarded(program, difference) is not { } found) return;
        if (!IsValid(program)) throw new XunitException($"Seed {seed} gives a module that is not valid: {found}");
        int[] smaller = Shrinker.Shrink(
            choices.Made,
            numbers =>
            {
                GuestProgram candidate = ProgramGenerator.Generate(new(numbers), kind);
                return IsValid(candidate) && Guarded(candidate, difference) is not null;
            },
            ShrinkAttempts);
        program = ProgramGenerator.Generate(new(smaller), kind);
        throw new XunitException($"Seed {seed} (repeat it alone with SIRSI_WASM_SEED={seed}):\n{Guarded(program, difference)}\n{program.Describe()}");
    }

    /// <summary>Runs the checks of many seeds, on a thread whose stack is larger than any guest's.</summary>
    internal static void CheckAll(int firstSeed, int count, Func<GuestProgram, string?> difference, ProgramKind kind = ProgramKind.Any) =>
        CheckAll(firstSeed, count, [(difference, kind)], threads: 1);

    /// <summary>The same on several threads at once; each seed has one of the comparisons, by turns.</summary>
    internal static void CheckAll(
        int firstSeed, int count, (Func<GuestProgram, string?> Difference, ProgramKind Kind)[] comparisons, int threads)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("SIRSI_WASM_SEED"), out int only)) (firstSeed, count) = (only, 1);
        int next = firstSeed;
        OnLargeStacks(threads, failed =>
        {
            while (!failed() && Interlocked.Increment(ref next) - 1 is var seed && seed < firstSeed + count)
            {
                (Func<GuestProgram, string?> difference, ProgramKind kind) = comparisons[seed % comparisons.Length];
                Check(seed, difference, kind);
            }
        });
    }

    /// <summary>How the engines differ; null when they do not.</summary>
    internal static string? BetweenEngines(GuestProgram program)
    {
        IReadOnlyList<string> expected = Execution.Run(program, WasmEngineKind.Interpreter);
        return Between("the compiler", expected, Execution.Run(program, WasmEngineKind.Compiler))
            ?? Between("the automatic choice", expected, Execution.Run(program, WasmEngineKind.Auto));
    }

    /// <summary>How code that is compiled in pieces differs, each block of a few bytes a piece of its own.</summary>
    internal static string? InPieces(GuestProgram program)
    {
        IReadOnlyList<string> expected = Execution.Run(program, WasmEngineKind.Interpreter);
        WasmOptions pieces = Execution.Options(WasmEngineKind.Compiler) with
        {
            PieceBytesLeast = 1 + (program.Patience * 10),
            PieceRunsBeforeRecut = 1 + program.Patience,
        };
        return Between("the compiler in pieces", expected, Execution.Run(program, pieces));
    }

    /// <summary>How loops differ that go on compiled in the midst of a call: slices of fuel are as small as the functions allow.</summary>
    internal static string? InHotLoops(GuestProgram program) => InHotLoops(program, out _);

    internal static string? InHotLoops(GuestProgram program, out int loops)
    {
        GuestProgram patient = program with { Patience = int.MaxValue };
        WasmOptions options = Execution.Options(WasmEngineKind.Auto) with { SliceFuelLeast = 2 * program.Modules.Max(static module => module.Length) };
        IReadOnlyList<string> expected = Execution.Run(patient, WasmEngineKind.Interpreter);
        return Between("the automatic choice in loops", expected, Execution.Run(patient, options, out loops));
    }

    internal static string? InCompiler(GuestProgram program) =>
        Between("the compiler", Execution.Run(program, WasmEngineKind.Interpreter), Execution.Run(program, WasmEngineKind.Compiler));

    internal static string? InTiers(GuestProgram program) =>
        Between("the automatic choice", Execution.Run(program, WasmEngineKind.Interpreter), Execution.Run(program, WasmEngineKind.Auto));

    /// <summary>The same with every budget from none up to what the calls need, at most a few hundred units.</summary>
    internal static string? OverBudgets(GuestProgram program)
    {
        for (int fuel = 0; fuel < 300; fuel = fuel < 100 ? fuel + 1 : fuel + 7)
        {
            GuestProgram poor = program with { Fuel = fuel };
            IReadOnlyList<string> expected = Execution.Run(poor, WasmEngineKind.Interpreter);
            if (Between($"the compiler with fuel {fuel}", expected, Execution.Run(poor, WasmEngineKind.Compiler)) is { } difference) return difference;
            if (!expected.Any(static line => line.StartsWith(nameof(WasmTrapKind.OutOfFuel), StringComparison.Ordinal))) break;
        }

        return null;
    }

    /// <summary>How code that is not metered differs; what does not end by itself is not run.</summary>
    internal static string? WithoutMetering(GuestProgram program)
    {
        IReadOnlyList<string> metered = Execution.Run(program, WasmEngineKind.Interpreter);
        if (metered.Any(static line => line.Contains(nameof(WasmTrapKind.OutOfFuel), StringComparison.Ordinal))) return null;
        IReadOnlyList<string> expected = Execution.Run(program, WasmEngineKind.Interpreter, isMetered: false);
        return Between("the interpreter without metering", [.. metered.Where(static line => !line.StartsWith("fuel ", StringComparison.Ordinal))], expected)
            ?? Between("the compiler without metering", expected, Execution.Run(program, WasmEngineKind.Compiler, isMetered: false));
    }

    internal static string? Between(string name, IReadOnlyList<string> expected, IReadOnlyList<string> found)
    {
        for (int i = 0; i < Math.Max(expected.Count, found.Count); i++)
        {
            string left = i < expected.Count ? expected[i] : "nothing";
            string right = i < found.Count ? found[i] : "nothing";
            if (left != right) return $"{name} differs in line {i}\nexpected {left}\nfound    {right}";
        }

        return null;
    }

    /// <summary>A difference is of no interest when the generator is at fault.</summary>
    private static bool IsValid(GuestProgram program)
    {
        var engine = new WasmEngine(TimeProvider.System, Execution.Options(WasmEngineKind.Interpreter));
        try
        {
            foreach (byte[] module in program.Modules) engine.Load(module);
            return true;
        }
        catch (WasmException)
        {
            return false;
        }
    }

    /// <summary>An engine that fails otherwise than by a trap differs from all that is right.</summary>
    private static string? Guarded(GuestProgram program, Func<GuestProgram, string?> difference)
    {
        try
        {
            return difference(program);
        }
        catch (Exception failure) when (failure is not XunitException)
        {
            return failure.ToString();
        }
    }

    private static void OnLargeStacks(int count, Action<Func<bool>> work)
    {
        Exception? failure = null;
        Thread[] threads = [.. Enumerable.Range(0, count).Select(_ => new Thread(
            () =>
            {
                try
                {
                    work(() => Volatile.Read(ref failure) is not null);
                }
                catch (Exception caught)
                {
                    Volatile.Write(ref failure, caught);
                }
            },
            64 << 20))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        if (failure is not null) throw new XunitException(failure.Message, failure);
    }
}
