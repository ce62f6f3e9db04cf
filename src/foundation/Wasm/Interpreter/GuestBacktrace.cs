using System.Collections.Immutable;
using Sirsi.Wasm.Compiler;

namespace Sirsi.Wasm.Interpreter;

/// <summary>
/// Reads the guest's call stack: from call records where code is interpreted, from the sites calls have written where it is compiled, and
/// from one to the other by the passages noted in the call. It ends where the host called in: what was before belongs to an outer invocation.
/// </summary>
internal static unsafe class GuestBacktrace
{
    private const int FramesMax = 64;

    internal static ImmutableArray<WasmFrame> Collect(WasmCall call, CallRecord* end, ReadOnlySpan<WasmCall.Passage> passages)
    {
        ImmutableArray<WasmFrame>.Builder frames = ImmutableArray.CreateBuilder<WasmFrame>();
        var place = new WasmCall.Passage
        {
            Instance = call.Instance,
            Ip = call.Ip,
            Fp = call.Fp,
            Site = call.Site,
            Record = call.Record,
        };
        int left = passages.Length;
        while (true)
        {
            ulong* bottom = left > 0 ? passages[left - 1].Above : null;
            if (place.Ip == null) Compiled(frames, place, bottom);
            else Interpreted(frames, place, end, passages, ref left);
            if (left == 0 || frames.Count >= FramesMax) return frames.ToImmutable();
            place = passages[--left];
        }
    }

    private static void Compiled(ImmutableArray<WasmFrame>.Builder frames, WasmCall.Passage place, ulong* bottom)
    {
        WasmModule module = place.Instance!.Module;
        ulong* frame = place.Fp;
        for (int site = place.Site; site != CodeStubs.NoSite && frames.Count < FramesMax;)
        {
            frames.Add(Frame(module, module.Code.FunctionAt(site), site));
            if (frame == bottom) return;
            ulong* record = frame - CodeStubs.RecordSlots;
            site = *(int*)(record + CodeStubs.SiteSlot);
            if (site != CodeStubs.NoSite) frame = record - module.Code.AdvanceAt(site);
        }
    }

    private static void Interpreted(
        ImmutableArray<WasmFrame>.Builder frames, WasmCall.Passage place, CallRecord* end, ReadOnlySpan<WasmCall.Passage> passages,
        ref int left)
    {
        WasmModule module = place.Instance!.Module;
        Instr* ip = place.Ip;
        for (CallRecord* record = place.Record; record < end && frames.Count < FramesMax; record++)
        {
            // Compiled code that has taken over the frame has told where in the function it is.
            if (record != place.Record || place.Above == null) frames.Add(Frame(module, record->Header, ip));
            ip = record->ReturnIp;
            if (DispatchLoop.IsCrossReturn(ip))
            {
                ref readonly WasmCall.Passage passage = ref passages[--left];
                module = passage.Instance!.Module;
                ip = passage.Ip;
            }

            if (DispatchLoop.IsExit(ip)) return;
            ip--;
        }
    }

    private static WasmFrame Frame(WasmModule module, CodeHeader* header, Instr* ip)
    {
        int defined = header->Index;
        FunctionCode code = module.Translated(defined);
        long at = ip - header->Entry;
        return Frame(module, defined, at >= 0 && at < code.Offsets.Length ? code.Offsets[at] : module.Content.Bodies[defined].Start);
    }

    private static WasmFrame Frame(WasmModule module, int defined, int offset)
    {
        int index = module.Content.ImportedFunctions + defined;
        return new(module.Name, index, module.FunctionName(index), module.Content.CodeOrigin + offset);
    }
}
