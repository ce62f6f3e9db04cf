using System.CommandLine;
using System.Text;
using Sirsi.Cli.Output;
using Sirsi.Wasm;
using Sirsi.Wasm.Text;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Wasm;

/// <summary><c>sirsi wasm wat</c> and <c>sirsi wasm build</c>: from the binary format to the text format and back.</summary>
internal static class TextVerbs
{
    public static Verb Print(Terminal terminal, TimeProvider time)
    {
        Argument<string> path = ModuleFile.Argument();
        var output = new Option<string?>("--out", "-o") { Description = "The file to write; without it, standard output.", HelpName = "FILE" };
        var verb = new Verb("wat", "Writes a module in the text format.", "sirsi wasm wat plugin.wasm", "sirsi wasm wat plugin.wasm -o plugin.wat")
        {
            path, output,
        };
        verb.SetAction(parsed =>
        {
            ModuleFile file = ModuleFile.Read(parsed.GetRequiredValue(path));
            WasmModule module = file.Load(new WasmEngine(time));
            try
            {
                if (parsed.GetValue(output) is { } target)
                {
                    ModuleFile.Write(target, stream =>
                    {
                        using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
                        WatPrinter.Print(module, writer);
                    });
                }
                else
                {
                    WatPrinter.Print(module, terminal.Output);
                }
            }
            catch (WasmException refused)
            {
                throw file.Refused(refused);
            }

            return ExitCode.Ok;
        });
        return verb;
    }

    public static Verb Build(Terminal terminal, TimeProvider time)
    {
        Argument<string> path = ModuleFile.Argument();
        var output = new Option<string>("--out", "-o") { Description = "The file to write.", HelpName = "FILE", Required = true };
        var noNames = new Option<bool>("--no-names") { Description = "Leave identifiers out, so that traps name functions by export or number." };
        var verb = new Verb("build", "Assembles a module in the text format, validates it, and writes it in the binary format.",
            "sirsi wasm build plugin.wat -o plugin.wasm", "sirsi wasm build plugin.wat -o plugin.wasm --no-names")
        {
            path, output, noNames,
        };
        verb.SetAction(parsed =>
        {
            ModuleFile file = ModuleFile.Read(parsed.GetRequiredValue(path));
            ReadOnlyMemory<byte> binary = file.Binary(new WatOptions { WriteNames = !parsed.GetValue(noNames) });
            try
            {
                new WasmEngine(time).Load(binary);
            }
            catch (WasmException refused)
            {
                throw file.Refused(refused);
            }

            string target = parsed.GetRequiredValue(output);
            ModuleFile.Write(target, stream => stream.Write(binary.Span));
            terminal.Messages.MarkupLineInterpolated($"{target}: {Amounts.Count(binary.Length, "byte")}");
            return ExitCode.Ok;
        });
        return verb;
    }
}
