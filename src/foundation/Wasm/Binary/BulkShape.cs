namespace Sirsi.Wasm.Binary;

/// <summary>What instructions on memories and tables as a whole take and give.</summary>
internal static class BulkShape
{
    /// <summary>How many operands, and the result's type.</summary>
    /// <param name="content">The module.</param>
    /// <param name="opcode">The instruction.</param>
    /// <param name="index">Its first immediate.</param>
    internal static (int Operands, WasmValueType Result) Of(ModuleContent content, Opcode opcode, int index) => opcode switch
    {
        Opcode.MemoryInit or Opcode.MemoryCopy or Opcode.MemoryFill or Opcode.TableInit or Opcode.TableCopy or Opcode.TableFill =>
            (3, WasmValueType.None),
        Opcode.TableSet => (2, WasmValueType.None),
        Opcode.TableGrow => (2, content.Tables[index].Limits.IndexType),
        Opcode.MemoryGrow => (1, content.Memories[index].Limits.IndexType),
        Opcode.TableGet => (1, content.Tables[index].Element),
        Opcode.MemorySize => (0, content.Memories[index].Limits.IndexType),
        Opcode.TableSize => (0, content.Tables[index].Limits.IndexType),
        Opcode.RefFunc => (0, WasmValueType.FuncRef),
        _ => (0, WasmValueType.None),
    };
}
