using Sirsi.Wasm;
using Sirsi.Wasm.Wasi;

namespace Sirsi.Cli.Commands.Wasm;

/// <summary>What running a function and running a program have in common: what is missing, and how a guest ends.</summary>
internal static class GuestRun
{
    /// <summary>Runs guest code; a trap becomes a message with the guest's stack, an exit of the program its code.</summary>
    public static int Run(ModuleFile file, Func<int> guest)
    {
        try
        {
            return guest();
        }
        catch (WasmTrap trap) when (trap.InnerException is WasiExit exit)
        {
            return exit.Code;
        }
        catch (WasmTrap trap)
        {
            throw new CliException(CliErrors.GuestStopped, string.Join('\n', [$"{file.Path}: {trap.Message}", .. Stack(trap)]));
        }
        catch (WasmException refused)
        {
            throw file.Refused(refused);
        }
    }

    /// <summary>The guest's stack, a frame a line; of equal frames that follow each other one, with their number.</summary>
    private static IEnumerable<string> Stack(WasmTrap trap)
    {
        for (int i = 0; i < trap.Frames.Length;)
        {
            int begin = i;
            while (i < trap.Frames.Length && trap.Frames[i] == trap.Frames[begin]) i++;
            yield return $"  at {trap.Frames[begin]}{(i - begin > 1 ? $"  ({i - begin} times)" : "")}";
        }
    }

    /// <summary>Refuses a module that asks for what is not offered, naming all of it.</summary>
    public static void CheckImports(ModuleFile file, WasmModule module)
    {
        string[] missing = [.. module.Imports.Where(static import => import.Module != WasiHost.ModuleName)
            .Select(static import => $"\"{import.Module}\" \"{import.Name}\" ({ExternText.Describe(import.Type)})")];
        if (missing.Length == 0) return;
        throw new CliException(
            CliErrors.ModuleRefused,
            $"{file.Path}: asks for what only a host program can give; here is WASI and nothing else: {string.Join(", ", missing)}");
    }

    /// <summary>The exported function of a name.</summary>
    /// <exception cref="CliException">There is none; the message lists those there are.</exception>
    public static WasmFunction Function(ModuleFile file, WasmInstance instance, string name) => instance.Function(name)
        ?? throw NoFunction(file, instance.Module, $"exports no function '{name}'");

    public static CliException NoFunction(ModuleFile file, WasmModule module, string what)
    {
        string[] functions = [.. module.Exports.Where(static export => export.Type is WasmFunctionType)
            .Select(static export => export.Name).Take(20)];
        string there = functions.Length == 0 ? "It exports no function at all." : $"Its functions: {string.Join(", ", functions)}.";
        return new(CliErrors.NotFound, $"{file.Path} {what}. {there}");
    }
}
