using System.Text;
using Sirsi.Wasm.Binary;
using Sirsi.Wasm.Validation;

namespace Sirsi.Wasm.Tests.Fuzzing;

/// <summary>The functions of a module as text, for people who look for the reason of a failure.</summary>
internal static class Disassembly
{
    internal static string Of(WasmModule module)
    {
        var text = new StringBuilder();
        ModuleContent content = module.Content;
        foreach (WasmImport import in module.Imports) text.AppendLine($"  import {import.Module}.{import.Name}: {import.Type}");
        for (int i = content.ImportedMemories; i < content.Memories.Count; i++) text.AppendLine($"  memory {i}: {content.Memories[i].Limits}");
        for (int i = content.ImportedTables; i < content.Tables.Count; i++) text.AppendLine($"  table {i}: {content.Tables[i]}");
        for (int i = content.ImportedGlobals; i < content.Globals.Count; i++) text.AppendLine($"  global {i}: {content.Globals[i]}");
        for (int i = 0; i < content.Bodies.Length; i++) Function(text, content, i);
        return text.ToString();
    }

    private static void Function(StringBuilder text, ModuleContent content, int defined)
    {
        FunctionBody body = content.Bodies[defined];
        int index = content.ImportedFunctions + defined;
        text.AppendLine($"  function {index}: {content.Functions[index]} locals {string.Join(' ', body.Locals.Select(static run => run.Type))}");
        var reader = new ByteReader(content.Code, body.Start, body.End, 0);
        int depth = 1;
        while (depth > 0)
        {
            int at = reader.Position;
            var opcode = (Opcode)FunctionValidator.ReadOpcode(ref reader);
            OpcodeInfo info = OpcodeInfo.Of((int)opcode)!;
            if (opcode is Opcode.End or Opcode.Else) depth--;
            text.Append(' ', 2 + (2 * Math.Max(1, depth))).Append(info.Name);
            if (opcode is Opcode.Block or Opcode.Loop or Opcode.If or Opcode.TryTable or Opcode.Else) depth++;
            Immediate(text, ref reader, info, content);
            text.AppendLine($"    ;; {at + content.CodeOrigin:x}");
        }
    }

    private static void Immediate(StringBuilder text, ref ByteReader reader, OpcodeInfo info, ModuleContent content)
    {
        switch (info.Immediates)
        {
            case Immediates.I32: text.Append($" {reader.S32()}"); break;
            case Immediates.I64: text.Append($" {reader.S64()}"); break;
            case Immediates.MemArg or Immediates.MemArgLane: text.Append($" {InstructionReader.MemoryArgument(ref reader, info.Immediates)}"); break;
            case Immediates.Block or Immediates.TryTable:
                (WasmValueType[] start, WasmValueType[] end) = InstructionReader.BlockType(ref reader, content);
                text.Append($" ({string.Join(' ', start)}) -> ({string.Join(' ', end)})");
                if (info.Immediates == Immediates.TryTable) Clauses(text, ref reader);
                break;
            default:
                int from = reader.Position;
                InstructionReader.Skip(ref reader, info.Immediates);
                foreach (byte part in reader.Data.AsSpan(from, reader.Position - from)) text.Append($" {part}");
                break;
        }
    }

    private static void Clauses(StringBuilder text, ref ByteReader reader)
    {
        for (uint left = reader.U32(); left > 0; left--)
        {
            byte kind = reader.Byte();
            text.Append($" [{kind}");
            if (kind < 2) text.Append($" tag {reader.U32()}");
            text.Append($" to {reader.U32()}]");
        }
    }
}
