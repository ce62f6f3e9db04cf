using System.Text;
using Sirsi.Wasm.Wasi;

namespace Sirsi.Wasm.Tests;

/// <summary>How a program ended: its exit code and what it printed.</summary>
internal sealed record WasiRun(int ExitCode, string Output, string Error)
{
    private static readonly WasmEngine Engine = new(TimeProvider.System);
    private static readonly Dictionary<string, WasmModule> Modules = new(StringComparer.Ordinal);

    internal string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Runs a C program with the options; its output is collected.</summary>
    internal static WasiRun Program(string name, WasiOptions options, WasmBudget? budget = null, bool kernelWalk = true)
    {
        WasmModule module = Module(name);
        using var output = new MemoryStream();
        using var error = new MemoryStream();
        using var host = new WasiHost(options with { StandardOutput = output, StandardError = error }, new FolderWalk(kernelWalk));
        using var call = new WasmCall(Engine, budget);
        int code = host.Run(module, call);
        return new(code, Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(error.ToArray()));
    }

    /// <summary>Runs commands of the program probe, and gives the lines it prints.</summary>
    internal static string[] Probe(WasiOptions options, string commands, bool kernelWalk = true)
    {
        WasiRun run = Program("probe", options with { Arguments = ["probe", .. commands.Split(' ')] }, kernelWalk: kernelWalk);
        Assert.Equal(0, run.ExitCode);
        return run.Lines;
    }

    internal static WasmModule Module(string name)
    {
        byte[] bytes = CPrograms.Wasm(name);
        lock (Modules)
        {
            if (!Modules.TryGetValue(name, out WasmModule? module)) Modules[name] = module = Engine.Load(bytes);
            return module;
        }
    }
}
