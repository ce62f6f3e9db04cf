using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using Sirsi.Cli.Output;
using Sirsi.Wasm;
using Sirsi.Wasm.Wasi;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Wasm;

/// <summary><c>sirsi wasm run</c>: runs a WASI program, or one function of a module.</summary>
internal static class RunVerb
{
    public static Verb Create(Terminal terminal, TimeProvider time)
    {
        Argument<string> path = ModuleFile.Argument();
        var arguments = new Argument<string[]>("ARGS")
        {
            Description = "Arguments of the function, or of the program; those of the program that begin with a dash come behind --.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var invoke = new Option<string?>("--invoke")
        {
            Description = "The exported function to call; without it, the program's _start.",
            HelpName = "NAME",
        };
        var engine = new EngineOptions();
        var folders = new Option<string[]>("--dir")
        {
            Description = "Lets the program read a folder, under the name GUEST (without it, its own).",
            HelpName = "HOST[::GUEST]",
        };
        var writable = new Option<string[]>("--dir-write")
        {
            Description = "As --dir, and lets it change what is in there.",
            HelpName = "HOST[::GUEST]",
        };
        var variables = new Option<string[]>("--env") { Description = "Gives the program an environment variable.", HelpName = "NAME=VALUE" };
        variables.Validators.Add(static result =>
        {
            foreach (Token token in result.Tokens)
                if (token.Value.IndexOf('=', StringComparison.Ordinal) < 1) result.AddError($"--env is NAME=VALUE; '{token.Value}' is not.");
        });
        var json = new Option<bool>("--json") { Description = "Answer with one JSON document (with --invoke)." };
        var verb = new Verb("run", "Runs a WASI program, or a function of a module.",
            "sirsi wasm run samples/wasm/fib.wat --invoke fib 30",
            "sirsi wasm run samples/wasm/hello.wat",
            "sirsi wasm run tool.wasm --dir .::/work --env LEVEL=2 --fuel 1000000000 --timeout 5 -- --verbose input.txt")
        {
            path, arguments, invoke, folders, writable, variables, json,
        };
        engine.AddTo(verb);
        verb.SetAction((parsed, cancellation) =>
        {
            ModuleFile file = ModuleFile.Read(parsed.GetRequiredValue(path));
            WasmModule module = file.Load(engine.Engine(parsed, time, cancellation));
            GuestRun.CheckImports(file, module);
            string[] given = parsed.GetValue(arguments) ?? [];
            string? function = parsed.GetValue(invoke);
            int own = function is null ? 0 : given.Length - BehindDashes(parsed);
            WasiOptions wasi = WasiOptions.Standard(time) with
            {
                Arguments = [Path.GetFileName(file.Path), .. given[own..]],
                Environment = Variables(parsed.GetValue(variables) ?? []),
                StandardInput = terminal.InputBytes,
                StandardOutput = terminal.OutputBytes,
                StandardError = terminal.ErrorBytes,
                Folders = [.. Folders(parsed.GetValue(folders), isWritable: false), .. Folders(parsed.GetValue(writable), isWritable: true)],
            };
            return Task.FromResult(Run(terminal, file, module, wasi, function, given[..own], parsed.GetValue(json)));
        });
        return verb;
    }

    private static int Run(
        Terminal terminal, ModuleFile file, WasmModule module, WasiOptions wasi, string? function, string[] arguments, bool json)
    {
        using WasiHost host = Host(wasi);
        int code = GuestRun.Run(file, () => function is null
            ? Program(file, module, host)
            : Invoke(terminal, file, module, host, function, arguments, json));
        terminal.OutputBytes.Flush();
        terminal.ErrorBytes.Flush();
        return code;
    }

    private static int Program(ModuleFile file, WasmModule module, WasiHost host)
    {
        if (!module.Exports.Any(static export => export is { Name: "_start", Type: WasmFunctionType }))
            throw GuestRun.NoFunction(file, module, "is no program (it has no _start); name a function with --invoke");
        using var call = new WasmCall(module.Engine);
        return host.Run(module, call);
    }

    private static int Invoke(
        Terminal terminal, ModuleFile file, WasmModule module, WasiHost host, string name, string[] arguments, bool json)
    {
        using var call = new WasmCall(module.Engine);
        WasmInstance instance = host.DefineOn(new WasmLinker(module.Engine)).Instantiate(module, call);
        WasmFunction function = GuestRun.Function(file, instance, name);
        WasmValue[] values = ValueText.Arguments(name, function.ExternType, arguments);
        instance.Function("_initialize")?.Invoke(call);
        WasmValue[] results = function.Invoke(call, values);
        if (!json)
        {
            foreach (WasmValue result in results) terminal.Results.WriteLine(ValueText.Typed(result));
            return ExitCode.Ok;
        }

        terminal.WriteJson("sirsi.wasm-run/1", writer =>
        {
            writer.WriteString("file", file.Path);
            writer.WriteString("function", name);
            writer.WriteStartArray("results");
            foreach (WasmValue result in results)
            {
                writer.WriteStartObject();
                writer.WriteString("type", result.Type.Name());
                writer.WriteString("value", ValueText.Text(result));
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteNumber("fuel", call.FuelUsed);
        });
        return ExitCode.Ok;
    }

    private static WasiHost Host(WasiOptions options)
    {
        try
        {
            return new WasiHost(options);
        }
        catch (Exception failure) when (failure is ArgumentException or DirectoryNotFoundException or PlatformNotSupportedException)
        {
            throw new CliException(CliErrors.Usage, failure.Message);
        }
    }

    /// <summary>How many arguments stand behind the two dashes.</summary>
    private static int BehindDashes(ParseResult parsed)
    {
        int at = -1;
        for (int i = 0; i < parsed.Tokens.Count && at < 0; i++)
            if (parsed.Tokens[i].Type == TokenType.DoubleDash) at = i;
        return at < 0 ? 0 : parsed.Tokens.Count - at - 1;
    }

    /// <summary>The last of several of one name counts, as in a shell.</summary>
    private static ImmutableDictionary<string, string> Variables(string[] texts)
    {
        ImmutableDictionary<string, string>.Builder variables = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (string text in texts)
        {
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            variables[text[..equals]] = text[(equals + 1)..];
        }

        return variables.ToImmutable();
    }

    private static IEnumerable<WasiFolder> Folders(string[]? texts, bool isWritable)
    {
        foreach (string text in texts ?? [])
        {
            int colons = text.IndexOf("::", StringComparison.Ordinal);
            yield return colons < 0 ? new(text, text, isWritable) : new(text[..colons], text[(colons + 2)..], isWritable);
        }
    }
}
