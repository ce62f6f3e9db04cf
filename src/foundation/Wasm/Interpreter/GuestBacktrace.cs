using System.Collections.Immutable;

namespace Sirsi.Wasm.Interpreter;

/// <summary>Reads the guest's call stack from its call records.</summary>
internal static unsafe class GuestBacktrace
{
    private const int FramesMax = 64;

    internal static ImmutableArray<WasmFrame> Collect(WasmCall call, CallRecord* end, ReadOnlySpan<WasmCall.CrossCall> crossCalls)
    {
        ImmutableArray<WasmFrame>.Builder frames = ImmutableArray.CreateBuilder<WasmFrame>();
        WasmModule module = call.Instance!.Module;
        Instr* ip = call.Ip;
        int cross = crossCalls.Length;
        for (CallRecord* record = call.Record; record < end && frames.Count < FramesMax; record++)
        {
            frames.Add(Frame(module, record->Header, ip));
            ip = record->ReturnIp;
            if (DispatchLoop.IsCrossReturn(ip))
            {
                ref readonly WasmCall.CrossCall crossed = ref crossCalls[--cross];
                module = crossed.Instance!.Module;
                ip = crossed.ReturnIp;
            }

            // Below an exit lies the host that called in; what was before it belongs to an outer invocation.
            if (DispatchLoop.IsExit(ip)) break;
            ip--;
        }

        return frames.ToImmutable();
    }

    private static WasmFrame Frame(WasmModule module, CodeHeader* header, Instr* ip)
    {
        int defined = header->Index;
        int index = module.Content.ImportedFunctions + defined;
        FunctionCode code = module.Code(defined);
        long at = ip - header->Entry;
        int offset = at >= 0 && at < code.Offsets.Length ? code.Offsets[at] : module.Content.Bodies[defined].Start;
        return new(module.Name, index, module.FunctionName(index), module.Content.CodeOrigin + offset);
    }
}
