using System.Collections.Concurrent;
using Sirsi.Wasm.Interpreter;

namespace Sirsi.Wasm.Compiler;

/// <summary>When code is made: at once, or in the background, which is asked for each thing one time.</summary>
internal sealed unsafe partial class ModuleCode
{
    private const int CallsBeforeAskingAgain = 20;

    /// <summary>Functions that cannot be compiled: looking at them again would come to the same.</summary>
    private readonly bool[] _isRefused;

    /// <summary>What the background was asked for: a function, the loop at an offset, or to cut a function anew.</summary>
    private readonly ConcurrentDictionary<(Work Kind, int What), byte> _asked = [];

    /// <summary>
    /// Whether a function runs as compiled code from now on; makes the code if need be. That takes milliseconds no fuel is spent in, so a guest
    /// with thousands of functions is stopped here when its time is over.
    /// </summary>
    internal bool IsReady(CodeHeader* header, WasmCall call)
    {
        if (header->Compiled == 0) call.ThrowIfStopped();
        return IsReady(header);
    }

    internal bool IsReady(CodeHeader* header)
    {
        if (_isRefused[header->Index])
        {
            header->Patience = int.MaxValue;
            return false;
        }

        if (header->Compiled == 0 && _module.Engine.Queue is { } queue)
        {
            // Asked again after so many calls, however far the queue has come.
            header->Patience = CallsBeforeAskingAgain;
            if (!_asked.ContainsKey((Work.Function, header->Index))) AskForFunction(queue, header->Index);
            return false;
        }

        if (header->Compiled == 0 && !TryCompile(header))
        {
            header->Patience = int.MaxValue;
            return false;
        }

        header->Patience = 0;
        return true;
    }

    private void AskForFunction(CompileQueue queue, int function) => Ask(queue, Work.Function, function, () => Make(function));

    private void Make(int function)
    {
        CodeHeader* header = _module.Headers + function;
        header->Patience = TryCompile(header) ? 0 : int.MaxValue;
    }

    /// <summary>Has the background do something once. What goes wrong there leaves the code as it was, which is slower and not wrong.</summary>
    private void Ask(CompileQueue queue, Work kind, int what, Action work)
    {
        if (!_asked.TryAdd((kind, what), 0)) return;
        bool isAdded = queue.TryAdd(() =>
        {
            try
            {
                work();
            }
            catch (Exception failure) when (failure is InvalidOperationException or InvalidProgramException or OutOfMemoryException)
            {
                if (kind != Work.Function) return;
                _isRefused[what] = true;
                _module.Headers[what].Patience = int.MaxValue;
            }
        });
        if (!isAdded) _asked.TryRemove((kind, what), out _);
    }

    private void AskForLoop(CompileQueue queue, int function, LoopPlace place, FunctionCode code) => Ask(queue, Work.Loop, place.Offset, () =>
    {
        if (MakeLoop(function, place.Offset).Piece is not null) code.Redirect(place);
    });

    /// <summary>
    /// Makes the pieces of a function that ran most part of it again. Who is in the function goes on in the code it is in; later calls have the new one.
    /// </summary>
    internal void CutAnew(int function)
    {
        if (_module.Engine.Queue is { } queue) Ask(queue, Work.Recut, function, () => CutAnewNow(function));
        else CutAnewNow(function);
    }

    private enum Work : byte { Function, Loop, Recut }
}
