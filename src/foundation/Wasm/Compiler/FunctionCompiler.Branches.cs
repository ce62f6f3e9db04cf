using System.Reflection.Emit;
using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Compiler;

internal sealed partial class FunctionCompiler
{
    private void Branch(int depth)
    {
        Frame target = Target(depth);
        if (target.IsFunction) LeaveFunction();
        if (IsOutside(depth))
        {
            _il.Branch(OpCodes.Br, Exit(depth));
            return;
        }

        if (!target.IsFunction) MoveTo(target.Values, target.LabelTypes.Length);
        NoteBranch(depth);
        if (target.Opcode == Opcode.Loop) BranchBack(target);
        else _il.Branch(OpCodes.Br, target.Label);
    }

    /// <summary>Charges for the next round where the branch is: RyuJIT takes branches back for likely, and what follows them for cold.</summary>
    private void BranchBack(Frame loop)
    {
        if (_isMetered)
        {
            Pay(loop.Cost);
            _il.Load(_fuel);
            _il.Int(0);
            _il.Branch(OpCodes.Bge, loop.Label);
            _il.Branch(OpCodes.Br, RefillOf(loop));
        }
        else
        {
            _il.Branch(OpCodes.Br, loop.Label);
        }
    }

    /// <summary>One place for all branches back to a loop, and for its beginning.</summary>
    private Label RefillOf(Frame loop) => loop.Refill ??= ColdRefill(loop.Label, loop.Site);

    /// <summary>
    /// What is checked from here on in the target's block need not be checked on the way through this branch; if the branch lies in a block of
    /// its own within the target's, from that block's beginning on.
    /// </summary>
    private void NoteBranch(int depth)
    {
        Frame target = Target(depth);
        target.IsTargeted = true;
        int mark = depth > 0 ? Target(depth - 1).FirstCheck : _checkLog.Count;
        target.CheckMark = Math.Min(target.CheckMark, mark);
    }

    /// <summary>Leaves the results where the caller finds them.</summary>
    private void LeaveFunction()
    {
        int count = _type.Results.Length;
        if (count == 1 && _whole is null)
        {
            Emit(_operands[^1], keep: true);
            _il.Store(_result!);
            return;
        }

        int slot = 0;
        for (int i = 0; i < count; i++)
        {
            StoreSlot(slot, _operands[_operands.Count - count + i], keep: true);
            slot += _type.Results[i].Slots();
        }
    }

    private void BranchIf()
    {
        int depth = (int)_reader.U32();
        Frame target = Target(depth);
        Node condition = Pop();
        if (IsOutside(depth) && target.LabelTypes.Length == 0)
        {
            Branch(condition, whenTrue: true, Exit(depth));
        }
        else if (target.LabelTypes.Length == 0 && (target.Opcode != Opcode.Loop || !_isMetered))
        {
            Branch(condition, whenTrue: true, target.Label);
            NoteBranch(depth);
        }
        else
        {
            Label skip = _il.NewLabel();
            Branch(condition, whenTrue: false, skip);
            Branch(depth);
            _il.Mark(skip);
        }

        Charge(TakeBlock(), _at, mayLoop: false);
    }

    private void BranchTable()
    {
        int count = (int)_reader.U32();
        Node index = Pop();
        var labels = new Label[count];
        var stubs = new Dictionary<int, Label>();
        Label fallback = default;
        for (int i = 0; i <= count; i++)
        {
            int depth = (int)_reader.U32();
            Frame target = Target(depth);
            Label label = target.Label;
            if (IsOutside(depth) && target.LabelTypes.Length == 0) label = Exit(depth);
            else if (target.LabelTypes.Length == 0 && target.Opcode != Opcode.Loop) NoteBranch(depth);
            else if (!stubs.TryGetValue(depth, out label)) stubs[depth] = label = _il.NewLabel();
            if (i < count) labels[i] = label;
            else fallback = label;
        }

        Emit(index);
        _il.Switch(labels);
        _il.Branch(OpCodes.Br, fallback);
        foreach ((int depth, Label label) in stubs.OrderBy(static stub => stub.Key))
        {
            _il.Mark(label);
            Branch(depth);
        }

        _dead = true;
    }
}
