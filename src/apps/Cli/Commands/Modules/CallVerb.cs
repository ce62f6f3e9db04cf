using System.CommandLine;
using Sirsi.Cli.Commands.Wasm;
using Sirsi.Cli.Output;
using Sirsi.Hypervisor.Modules;
using Sirsi.Wasm;
using Sirsi.Wasm.Extism;
using Sirsi.Wasm.Wasi;

namespace Sirsi.Cli.Commands.Modules;

/// <summary><c>sirsi module call</c>: calls one function of an Extism plug-in, or runs a WASI command, and writes what it gives.</summary>
internal static class CallVerb
{
    private const string Command = "_start";

    public static Verb Create(Terminal terminal, TimeProvider time)
    {
        Argument<string> path = ModuleFile.Argument();
        var function = new Argument<string>("FUNCTION") { Description = "The exported function to call; _start of a WASI command." };
        var input = new Option<string>("--input")
        {
            Description = "What the function reads as its input, a command as standard input; @FILE takes it from a file, @- from standard input.",
            HelpName = "TEXT|@FILE",
            DefaultValueFactory = static _ => "",
        };
        Option<string[]> configuration = Pairs.Option("--config", "A value that the plug-in reads as its configuration, a command as an environment variable.");
        var hosts = new Option<string[]>("--allow-host") { Description = "A host it may make HTTP requests to; * stands for any part of a name.", HelpName = "HOST" };
        var json = new Option<bool>("--json") { Description = "Answer with one JSON document, the output in base 64." };
        var engine = new EngineOptions();
        var verb = new Verb("call", "Calls one function of an Extism plug-in, or runs a WASI command, as an agent of it would, and writes its output.",
            "sirsi module call count_vowels.wasm count_vowels --input \"Hello World\"",
            "sirsi module call tool.wasm run --input @request.json --config level=2 --allow-host api.example.com --timeout 5",
            "sirsi module call cost-totals.wasm _start --input @costs.txt")
        {
            path, function, input, configuration, hosts, json,
        };
        engine.AddTo(verb);
        verb.SetAction((parsed, cancellation) =>
        {
            ModuleFile file = ModuleFile.Read(parsed.GetRequiredValue(path));
            WasmOptions options = engine.Options(parsed, cancellation);
            ExtismManifest manifest = ExtismManifest.Of(file.Binary()) with
            {
                Config = Pairs.Read(parsed.GetValue(configuration)),
                AllowedHosts = [.. parsed.GetValue(hosts) ?? []],
                Timeout = options.Budget.Time,
                UsesWasi = true,
            };
            byte[] output = Call(terminal, file, manifest, options, time, parsed.GetRequiredValue(function), InputBytes.Read(terminal, parsed.GetRequiredValue(input)), cancellation);
            Answer(terminal, file, parsed.GetRequiredValue(function), output, parsed.GetValue(json));
            return Task.FromResult(ExitCode.Ok);
        });
        return verb;
    }

    private static void Answer(Terminal terminal, ModuleFile file, string function, byte[] output, bool json)
    {
        if (json)
        {
            terminal.WriteJson("sirsi.module-call/1", writer =>
            {
                writer.WriteString("file", file.Path);
                writer.WriteString("function", function);
                writer.WriteBase64String("output", output);
            });
            return;
        }

        terminal.OutputBytes.Write(output);
        terminal.OutputBytes.Flush();
    }

    private static byte[] Call(
        Terminal terminal, ModuleFile file, ExtismManifest manifest, WasmOptions engine, TimeProvider time, string function, byte[] input, CancellationToken cancellation)
    {
        using var http = new ExtismHttpClient();
        var options = new ExtismOptions(time)
        {
            Engine = engine,
            Http = manifest.AllowedHosts.IsEmpty ? null : http,
            Log = (level, text) => terminal.Error.WriteLine($"{level.ToString().ToLowerInvariant()}: {text}"),
        };
        try
        {
            var program = new ExtismProgram(manifest, options);
            if (function == Command && AgentModule.KindOf(program.Main) is ModuleKind.Command) return Run(terminal, file, program, engine.Budget, time, input);
            using var plugin = new ExtismPlugin(program);
            if (!plugin.HasFunction(function)) throw new CliException(CliErrors.NotFound, $"{file.Path} has no function '{function}' without parameters. {Functions(plugin)}");
            return plugin.Call(function, input, cancellation);
        }
        catch (WasmTrap stopped)
        {
            throw new CliException(CliErrors.PluginFailed, $"{file.Path}: The command was stopped: {stopped.Message}");
        }
        catch (ExtismException failed)
        {
            string code = failed.ExitCode == 0 ? "" : $" (code {failed.ExitCode})";
            throw new CliException(CliErrors.PluginFailed, $"{file.Path}: {failed.Message}{code}");
        }
        catch (WasmException refused)
        {
            throw file.Refused(refused);
        }
        catch (ArgumentException misuse)
        {
            throw new CliException(CliErrors.Usage, misuse.Message);
        }
    }

    private static byte[] Run(Terminal terminal, ModuleFile file, ExtismProgram command, WasmBudget budget, TimeProvider time, byte[] input)
    {
        using var output = new MemoryStream();
        using var host = new WasiHost(WasiOptions.Standard(time) with
        {
            Arguments = [Path.GetFileName(file.Path)],
            Environment = command.Manifest.Config,
            StandardInput = new MemoryStream(input, writable: false),
            StandardOutput = output,
            StandardError = terminal.ErrorBytes,
        });
        using var call = new WasmCall(command.Main.Engine, budget);
        int code = host.Run(command.Main, call);
        terminal.ErrorBytes.Flush();
        return code == 0 ? output.ToArray() : throw new CliException(CliErrors.PluginFailed, $"{file.Path}: The command ended with exit code {code}.");
    }

    private static string Functions(ExtismPlugin plugin)
    {
        string names = string.Join(", ", plugin.Functions.Take(20));
        return names.Length == 0 ? "It has none that can be called." : $"Its functions: {names}.";
    }
}
