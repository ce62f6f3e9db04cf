using System.Collections.Concurrent;
using Sirsi.Wasm.Binary;
using Sirsi.Wasm.Interpreter;

namespace Sirsi.Wasm.Compiler;

/// <summary>The compiled code of a module, made function by function. Thread-safe.</summary>
internal sealed unsafe partial class ModuleCode
{
    private readonly WasmModule _module;
    private readonly Lock _making = new();
    private readonly CompiledFunction?[] _functions;
    private readonly Dictionary<WasmFunctionType, int> _types = [];
    private readonly Dictionary<int, CodeStubs> _stubs = [];
    private readonly ConcurrentDictionary<int, CompiledPiece> _pieces = [];
    private readonly ConcurrentDictionary<int, CompiledLoop> _loops = [];

    private int _nextPiece;
    private List<int>[]? _functionsOfType;

    internal ModuleCode(WasmModule module)
    {
        _module = module;
        _functions = new CompiledFunction?[module.Content.Bodies.Length];
        _isRefused = new bool[_functions.Length];
        WasmFunctionType[] types = module.Content.Types;
        for (int i = 0; i < types.Length; i++) _types.TryAdd(types[i], i);
    }

    /// <summary>The first type of the module that equals the one at an index.</summary>
    internal int Canonical(int type) => _types[_module.Content.Types[type]];

    /// <summary>The first type of the module that equals one of its functions'.</summary>
    internal int Canonical(WasmFunctionType type) => _types[type];

    /// <summary>A number for a piece of a function.</summary>
    internal int NextPiece() => Interlocked.Increment(ref _nextPiece);

    /// <summary>The code of a function that was compiled; else null.</summary>
    internal CompiledFunction? Made(int function) => _functions[function];

    /// <summary>How many loops were compiled apart from their functions.</summary>
    internal int LoopsMade => _loops.Values.Count(static loop => loop.Piece is not null);

    internal CompiledPiece Piece(int index) => _pieces[index];

    /// <summary>Makes sure that compiled callers have an address to jump to.</summary>
    internal void EnsureEntrance(CodeHeader* header)
    {
        lock (_making)
        {
            if (header->Enter == 0) Volatile.Write(ref header->Enter, Stubs(header->Type).Lazy);
        }
    }

    /// <summary>The same for all functions of a type, for indirect calls.</summary>
    internal void EnsureEntrances(int type)
    {
        lock (_making)
        {
            if (_functionsOfType is null) GroupByType();
            List<int> functions = _functionsOfType![type];
            foreach (int function in functions) EnsureEntrance(_module.Headers + function);

            // Once is enough: entrances stay.
            functions.Clear();
        }
    }

    /// <summary>Runs compiled code whose arguments lie at <paramref name="frame"/>; results replace them.</summary>
    internal void Run(WasmCall call, WasmInstance instance, CodeHeader* header, ulong* frame)
    {
        WasmInstance? caller = call.Instance;
        ulong* limit = call.StackLimit;
        call.Switch(instance);
        call.StackLimit = (ulong*)call.Record;
        if (frame + CodeStubs.RecordSlots + header->FrameSlots > call.StackLimit) throw call.ExhaustedAtEntry();
        WasmCall? outer = DeadlineWatch.Exchange(call);
        try
        {
            ((delegate*<WasmCall, ulong*, nint, void>)header->FromSlots)(call, frame, header->Compiled);
        }
        catch (ArithmeticException failure)
        {
            // Code looks at divisors before it divides; should RyuJIT find it need not, the host must not suffer. Where it was is not known.
            throw new WasmTrap(failure is DivideByZeroException ? WasmTrapKind.IntegerDivideByZero : WasmTrapKind.IntegerOverflow, []);
        }
        finally
        {
            DeadlineWatch.Exchange(outer);
            call.StackLimit = limit;
        }

        if (caller is not null) call.Switch(caller);
    }

    /// <summary>Runs a piece in a frame of the interpreter's; gives the exit it took.</summary>
    internal int RunPiece(WasmCall call, WasmInstance instance, CompiledPiece piece, ulong* frame)
    {
        ulong* limit = call.StackLimit;
        call.Switch(instance);
        call.StackLimit = (ulong*)call.Record;
        call.Site = piece.Index;
        WasmCall? outer = DeadlineWatch.Exchange(call);
        try
        {
            return ((delegate*<WasmCall, ulong*, int>)(*piece.Entrance))(call, frame);
        }
        finally
        {
            DeadlineWatch.Exchange(outer);
            call.StackLimit = limit;
        }
    }

    /// <summary>
    /// A loop of a function, compiled apart. Null when it is not there yet: it is made in the background, and its head in the interpreter's code leads to it
    /// from then on.
    /// </summary>
    internal CompiledLoop? Loop(CodeHeader* header, LoopPlace place, FunctionCode code)
    {
        if (_loops.TryGetValue(place.Offset, out CompiledLoop? known)) return known;
        if (_module.Engine.Queue is { } queue)
        {
            if (!_asked.ContainsKey((Work.Loop, place.Offset))) AskForLoop(queue, header->Index, place, code);
            return null;
        }

        return MakeLoop(header->Index, place.Offset);
    }

    private CompiledLoop MakeLoop(int function, int offset)
    {
        lock (_making)
        {
            if (_loops.TryGetValue(offset, out CompiledLoop? known)) return known;
            CompiledLoop loop = CodeStubs.CanCompile ? FunctionCompiler.CompileLoop(_module, function, offset) : CompiledLoop.None;
            if (loop.Piece is { } piece) _pieces[piece.Index] = piece;
            return _loops[offset] = loop;
        }
    }

    /// <summary>The function that the call at an offset of the code calls; an indirect one has written it down.</summary>
    internal CodeHeader* Callee(int site, nint written)
    {
        byte[] code = _module.Content.Code;
        if (code[site] != (byte)Opcode.Call) return (CodeHeader*)written;
        var reader = new ByteReader(code, site + 1, code.Length, 0);
        return _module.Headers + ((int)reader.U32() - _module.Content.ImportedFunctions);
    }

    /// <summary>How far the record of the call at an offset lies from its caller's frame.</summary>
    internal int AdvanceAt(int site)
    {
        if (_functions[FunctionAt(site)] is { } function) return function.AdvanceAt(site);
        foreach (CompiledLoop loop in _loops.Values)
            foreach ((int offset, ushort advance) in loop.CallSites)
                if (offset == site) return advance;
        throw new InvalidOperationException("There is no call at this offset.");
    }

    /// <summary>The function (of those the module defines) whose body an offset of the code lies in.</summary>
    internal int FunctionAt(int site)
    {
        FunctionBody[] bodies = _module.Content.Bodies;
        int low = 0, high = bodies.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (bodies[middle].Start <= site) low = middle;
            else high = middle - 1;
        }

        return low;
    }

    private bool TryCompile(CodeHeader* header)
    {
        if (_module.Engine.Options.Engine == WasmEngineKind.Interpreter || !CodeStubs.CanCompile) return false;
        lock (_making)
        {
            if (header->Compiled != 0) return true;
            if (FunctionCompiler.Compile(_module, header->Index) is not { } function)
            {
                _isRefused[header->Index] = true;
                return false;
            }

            _functions[header->Index] = function;
            foreach (CutPiece piece in function.Pieces)
            {
                piece.Code.Grant(_module.Engine.Options.PieceRunsBeforeRecut);
                _pieces[piece.Code.Index] = piece.Code;
            }

            header->FromSlots = Stubs(header->Type).FromSlots;
            header->Enter = function.Address;
            Volatile.Write(ref header->Compiled, function.Address);
            return true;
        }
    }

    private void CutAnewNow(int function)
    {
        lock (_making)
        {
            _asked.TryRemove((Work.Recut, function), out _);
            CompiledFunction before = _functions[function]!;
            if (before.Recuts == FunctionCompiler.RecutsMax) return;
            CompiledFunction anew = FunctionCompiler.CutAnew(_module, function, before) ?? before with { Recuts = before.Recuts + 1 };
            _functions[function] = anew;

            // The next time is when a piece that was cold has run as often.
            foreach (CutPiece piece in anew.Pieces) piece.Code.Grant(_module.Engine.Options.PieceRunsBeforeRecut);
            CodeHeader* header = _module.Headers + function;
            Volatile.Write(ref header->Enter, anew.Address);
            Volatile.Write(ref header->Compiled, anew.Address);
        }
    }

    private CodeStubs Stubs(int type)
    {
        if (_stubs.TryGetValue(type, out CodeStubs? known)) return known;
        return _stubs[type] = CodeStubs.Make(_module.Content.Types[type]);
    }

    private void GroupByType()
    {
        _functionsOfType = new List<int>[_module.Content.Types.Length];
        for (int i = 0; i < _functionsOfType.Length; i++) _functionsOfType[i] = [];
        for (int i = 0; i < _functions.Length; i++) _functionsOfType[_module.Headers[i].Type].Add(i);
    }
}
