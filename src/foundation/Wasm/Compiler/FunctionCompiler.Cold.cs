using System.Reflection;
using System.Reflection.Emit;

namespace Sirsi.Wasm.Compiler;

/// <summary>What is done seldom, or once: it stands at the end of the method, out of the way of what is hot.</summary>
internal sealed partial class FunctionCompiler
{
    /// <summary>With more traps than this, those of a block share a place, and are told by the first of them.</summary>
    private const int OwnTrapsMax = 300;

    private readonly List<Action> _cold = [];
    private readonly Dictionary<(WasmTrapKind Kind, int Block), Label> _shared = [];
    private readonly Dictionary<WasmTrapKind, Label> _traps = [];
    private readonly LocalBuilder _site;
    private Label? _stop;

    /// <summary>Where to branch to trap at the instruction that is compiled.</summary>
    private Label ColdTrap(WasmTrapKind kind)
    {
        if (_scan.Traps > OwnTrapsMax && _shared.TryGetValue((kind, _nextBlock), out Label known)) return known;
        Label label = _il.NewLabel();
        _shared[(kind, _nextBlock)] = label;
        if (!_traps.TryGetValue(kind, out Label trap)) _traps[kind] = trap = _il.NewLabel();
        int site = _at;
        _cold.Add(() =>
        {
            _il.Mark(label);
            _il.Int(site);
            _il.Store(_site);
            _il.Branch(OpCodes.Br, trap);
        });
        return label;
    }

    private Label ColdTruncation(LocalBuilder value)
    {
        Label label = _il.NewLabel();
        int site = _at;
        _cold.Add(() =>
        {
            _il.Mark(label);
            EmitTrapArguments(site);
            _il.Load(value);
            EmitThrow(Methods.TrapTruncation);
        });
        return label;
    }

    private Label ColdExhaustion()
    {
        Label label = _il.NewLabel();
        _cold.Add(() =>
        {
            _il.Mark(label);
            _il.LoadArgument(CallArgument);
            _il.LoadArgument(FrameArgument);
            EmitThrow(Methods.TrapExhaustion);
        });
        return label;
    }

    /// <summary>
    /// Where to branch for another slice of fuel; goes on at <paramref name="resume"/>. Nothing is called on the way: RyuJIT would keep the
    /// loop's variables out of the registers that a call changes, and it thinks of this as part of the loop. A slice is more than a pass over
    /// a function can overdraw, so one is always enough.
    /// </summary>
    private Label ColdRefill(Label resume, int site)
    {
        Label label = _il.NewLabel();
        Label stop = _stop ??= _il.NewLabel();
        _cold.Add(() =>
        {
            LocalBuilder left = _il.Take(typeof(nint));
            _il.Mark(label);
            _il.Int(site);
            _il.Store(_site);
            LoadCall(CallFields.Interrupt);
            _il.Branch(OpCodes.Brtrue, stop);
            LoadCall(CallFields.Reserve);
            LoadCall(CallFields.Slice);
            _il.Op(OpCodes.Sub);
            _il.Store(left);
            _il.Load(left);
            _il.Int(0);
            _il.Branch(OpCodes.Blt, stop);
            _il.LoadArgument(CallArgument);
            _il.Load(left);
            _il.StoreField(CallFields.Reserve);
            _il.Load(_fuel);
            LoadCall(CallFields.Slice);
            _il.Op(OpCodes.Add);
            _il.Store(_fuel);
            _il.Branch(OpCodes.Br, resume);
            _il.GiveBack(left);
        });
        return label;
    }

    private void EmitTrapArguments(int site)
    {
        EmitTrapArguments();
        _il.Int(site);
    }

    private void EmitTrapArguments()
    {
        _il.LoadArgument(CallArgument);
        if (_isMetered) _il.Load(_fuel);
        else LoadCall(CallFields.Fuel);
        _il.LoadArgument(FrameArgument);
    }

    private void EmitThrow(MethodInfo method)
    {
        _il.Call(method);
        _il.Op(OpCodes.Throw);
    }

    private void EmitColdBlocks()
    {
        foreach (Action emit in _cold) emit();
        foreach ((WasmTrapKind kind, Label label) in _traps)
        {
            _il.Mark(label);
            EmitTrapArguments();
            _il.Load(_site);
            _il.Int((int)kind);
            EmitThrow(Methods.Trap);
        }

        if (_stop is not { } stop) return;
        _il.Mark(stop);
        EmitTrapArguments();
        _il.Load(_site);
        EmitThrow(Methods.Stop);
    }

    private void LoadFuel()
    {
        if (!_isMetered) return;
        LoadCall(CallFields.Fuel);
        _il.Store(_fuel);
    }

    private void StoreFuel()
    {
        if (!_isMetered) return;
        _il.LoadArgument(CallArgument);
        _il.Load(_fuel);
        _il.StoreField(CallFields.Fuel);
    }

    private void LoadCall(FieldInfo field)
    {
        _il.LoadArgument(CallArgument);
        _il.LoadField(field);
    }
}
