using Sirsi.Wasm.Interpreter;

namespace Sirsi.Wasm;

public sealed unsafe partial class WasmCall
{
    private ulong[] _tailArguments = [];
    private WasmInstance? _tailInstance;

    /// <summary>
    /// What a function that has returned wants to have called in its place, where that is in another engine or instance: by whoever called it, so that
    /// the host's stack does not grow. Null when it has returned for good.
    /// </summary>
    internal CodeHeader* Tail { get; private set; }

    /// <summary>Leaves a call to whoever called the function that makes it. The arguments lie at <paramref name="frame"/>, where its results would.</summary>
    internal void LeaveTail(WasmInstance instance, CodeHeader* header, ulong* frame)
    {
        Tail = header;
        _tailInstance = instance;
        if (_tailArguments.Length < header->ParameterSlots) _tailArguments = new ulong[header->ParameterSlots];
        new ReadOnlySpan<ulong>(frame, header->ParameterSlots).CopyTo(_tailArguments);
    }

    /// <summary>Gives the function to call, and its arguments at <paramref name="frame"/>; the guest is in no function at the moment.</summary>
    internal CodeHeader* TakeTail(out WasmInstance instance, ulong* frame)
    {
        CodeHeader* header = Tail;
        instance = _tailInstance!;
        Tail = null;
        _tailInstance = null;
        Ip = null;
        Site = Compiler.CodeStubs.NoSite;
        new ReadOnlySpan<ulong>(_tailArguments, 0, header->ParameterSlots).CopyTo(new Span<ulong>(frame, header->ParameterSlots));
        return header;
    }
}
