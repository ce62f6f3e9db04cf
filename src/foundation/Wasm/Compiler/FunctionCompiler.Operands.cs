using System.Reflection.Emit;
using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Compiler;

internal sealed partial class FunctionCompiler
{
    private readonly List<Node> _operands = [];
    private readonly int[] _pendingUses;
    private int _top;
    private int _settled;

    /// <summary>The frame slot the interpreter would put the next operand into.</summary>
    private int NextSlot => _body.LocalSlots + _top;

    private void Push(Node node)
    {
        _operands.Add(node);
        _top += node.Type.Slots();
        if (node.Size > Node.SizeMax) Settle(_operands.Count - 1);
    }

    private void PushLocal(int index)
    {
        _pendingUses[index]++;
        Push(Node.Local(index, _localTypes[index]));
    }

    private Node Pop()
    {
        Node node = _operands[^1];
        _operands.RemoveAt(_operands.Count - 1);
        _top -= node.Type.Slots();
        _settled = Math.Min(_settled, _operands.Count);
        return node;
    }

    /// <summary>What lies on the IL stack becomes the topmost operand before the next instruction.</summary>
    private void PushStored(WasmValueType type, uint most = uint.MaxValue)
    {
        // What goes to a local next goes there at once.
        if (!_reader.IsAtEnd && (Opcode)_reader.Peek() is Opcode.LocalSet or Opcode.LocalTee)
        {
            bool isTee = (Opcode)_reader.Byte() == Opcode.LocalTee;
            int index = (int)_reader.U32();
            Preserve(index);
            StoreLocal(index);
            if (isTee) PushLocal(index);
            return;
        }

        Push(Stored(type, most));
    }

    private Node Stored(WasmValueType type, uint most = uint.MaxValue)
    {
        LocalBuilder variable = _il.Take(MethodWriter.TypeOf(type));
        _il.Store(variable);
        return Node.Temporary(variable, type, most);
    }

    /// <summary>Computes all operands, as must be before paths part or join.</summary>
    private void SettleAll()
    {
        for (; _settled < _operands.Count; _settled++) Settle(_settled);
    }

    private void Settle(int index)
    {
        Node node = _operands[index];
        if (node.Kind is NodeKind.Constant or NodeKind.Temporary) return;
        _operands[index] = Computed(node);
    }

    private Node Computed(Node node)
    {
        LocalBuilder variable = _il.Take(MethodWriter.TypeOf(node.Type));
        Emit(node);
        _il.Store(variable);
        return Node.Temporary(variable, node.Type, node.Most);
    }

    /// <summary>A popped operand in a form that can be emitted more than once.</summary>
    private Node Simple(Node node) => node.IsSimple ? node : Computed(node);

    /// <summary>Computes operands that read a local before it changes.</summary>
    private void Preserve(int local)
    {
        for (int i = _operands.Count - 1; i >= 0 && _pendingUses[local] > 0; i--)
            if (_operands[i].Kind is NodeKind.Local or NodeKind.Operation && _operands[i].Uses(local)) Settle(i);
    }

    /// <summary>Drops an operand that was popped and is not emitted.</summary>
    private void Forget(Node node)
    {
        if (node.Kind == NodeKind.Local) _pendingUses[node.Index]--;
        if (node is { Kind: NodeKind.Temporary, IsKept: false }) _il.GiveBack(node.Variable!);
        foreach (Node operand in node.Operands) Forget(operand);
    }

    /// <summary>Puts the value on the IL stack. With <paramref name="keep"/> it can be emitted again.</summary>
    private void Emit(Node node, bool keep = false)
    {
        switch (node.Kind)
        {
            case NodeKind.Constant: EmitConstant(node); break;
            case NodeKind.Local:
                if (!keep) _pendingUses[node.Index]--;
                if (_variables[node.Index] is { } variable) _il.Load(variable);
                else _il.LoadArgument(HiddenArguments + node.Index);
                break;
            case NodeKind.Temporary:
                _il.Load(node.Variable!);
                if (!keep && !node.IsKept) _il.GiveBack(node.Variable!);
                break;
            default:
                EmitOperation(node, keep);
                break;
        }
    }

    private void EmitConstant(Node node)
    {
        switch (node.Type)
        {
            case WasmValueType.I32: _il.Int((int)node.Low); break;
            case WasmValueType.F32: EmitSingle((uint)node.Low); break;
            case WasmValueType.F64: EmitDouble(node.Low); break;
            case WasmValueType.V128:
                _il.Long((long)node.Low);
                _il.Long((long)node.High);
                _il.Call(Methods.CreateVector);
                _il.Call(Methods.LongsAsBytes);
                break;
            default: _il.Long((long)node.Low); break;
        }
    }

    // A NaN's payload need not survive being written as a number, nor being folded: RyuJIT keeps an f32 as an f64.
    private void EmitSingle(uint bits)
    {
        float value = BitConverter.UInt32BitsToSingle(bits);
        if (!float.IsNaN(value))
        {
            _il.Float(value);
            return;
        }

        _il.Int((int)bits);
        _il.Call(Methods.SingleOfBits);
    }

    private void EmitDouble(ulong bits)
    {
        double value = BitConverter.UInt64BitsToDouble(bits);
        if (!double.IsNaN(value))
        {
            _il.Double(value);
            return;
        }

        _il.Long((long)bits);
        EmitMethod(Opcode.F64ReinterpretI64);
    }
}
