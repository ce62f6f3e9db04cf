using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Sirsi.Wasm.Interpreter;

namespace Sirsi.Wasm;

public sealed unsafe partial class WasmCall
{
    /// <summary>
    /// There is no room for the frame of a function that is entered from another instance, another kind of code or the host: the guest stopped in
    /// the caller, which is the topmost passage if it is a guest.
    /// </summary>
    internal WasmTrap ExhaustedAtEntry()
    {
        if (_passageCount > _passageBase)
        {
            Passage caller = _passages[_passageCount - 1];
            Instance = caller.Instance;
            Ip = caller.Ip;
            Fp = caller.Fp;
            Site = caller.Site;
            Record = caller.Record;
            PassageCount--;
        }

        return Trap(WasmTrapKind.StackExhausted);
    }

    /// <summary>How many passages lead to where the guest is; lowering it forgets the topmost.</summary>
    internal int PassageCount
    {
        get => _passageCount;
        set
        {
            if (value == _passageCount) return;
            Array.Clear(_passages, value, _passageCount - value);
            _passageCount = value;
        }
    }

    /// <summary>Notes where the guest is before it goes on in another instance or another kind of code.</summary>
    internal void PushPassage(WasmInstance instance, Instr* ip, ulong* fp, int site, ulong* above = null)
    {
        if (_passageCount == _passages.Length) Array.Resize(ref _passages, Math.Max(8, _passageCount * 2));
        _passages[_passageCount++] = new() { Instance = instance, Ip = ip, Fp = fp, Site = site, Record = Record, Above = above };
    }

    internal Instr* PopPassage(out WasmInstance instance)
    {
        ref Passage passage = ref _passages[--_passageCount];
        instance = passage.Instance!;
        passage.Instance = null;
        return passage.Ip;
    }

    private ImmutableArray<WasmFrame> StackTrace() =>
        Instance is null ? [] : GuestBacktrace.Collect(this, _stack.End, _passages.AsSpan(_passageBase, _passageCount - _passageBase));

    /// <summary>A place the guest will come back to in another instance or another kind of code.</summary>
    [StructLayout(LayoutKind.Auto)]
    internal struct Passage
    {
        internal WasmInstance? Instance;
        internal Instr* Ip;
        internal ulong* Fp;
        internal int Site;
        internal CallRecord* Record;

        /// <summary>When compiled code took over the frame itself: that frame.</summary>
        internal ulong* Above;
    }
}
