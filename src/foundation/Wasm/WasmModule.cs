using System.Collections.Frozen;
using System.Collections.Immutable;
using Sirsi.Wasm.Binary;
using Sirsi.Wasm.Interpreter;
using Sirsi.Wasm.Memory;

namespace Sirsi.Wasm;

/// <summary>A decoded and validated module. Immutable and thread-safe; functions are made ready to run at their first call.</summary>
public sealed unsafe class WasmModule
{
    /// <summary>How often a function is interpreted before it is compiled.</summary>
    private const int CallsBeforeCompiling = 100;

    private readonly Lock _translating = new();
    private readonly CodeHeader[] _headers;
    private readonly FunctionCode?[] _code;
    private readonly Lazy<NameSection> _names;
    private FrozenDictionary<string, WasmExport>? _exportsByName;
    private MemoryImage[]? _images;

    internal WasmModule(WasmEngine engine, ModuleContent content)
    {
        Engine = engine;
        Imports = [.. content.Imports];
        Exports = [.. content.Exports];
        CustomSections = [.. content.CustomSections];
        int count = content.Bodies.Length;
        _code = new FunctionCode?[count];
        Content = content;
        Code = new(this);
        _headers = GC.AllocateArray<CodeHeader>(Math.Max(1, count), pinned: true);
        fixed (CodeHeader* headers = _headers) Headers = headers;
        for (int i = 0; i < count; i++)
        {
            FunctionBody body = content.Bodies[i];
            WasmFunctionType type = content.Functions[content.ImportedFunctions + i];
            _headers[i] = new CodeHeader
            {
                FrameSlots = Math.Max(body.LocalSlots + body.OperandSlots, type.ResultSlots) + 1,
                ParameterSlots = type.ParameterSlots,
                LocalSlots = body.LocalSlots,
                EntryCost = content.Blocks.Cost(body.FirstBlock),
                Index = i,
                Type = Code.Canonical(type),
                Patience = PatienceOf(engine.Options.Engine),
            };
        }

        _names = new(() => NameSection.Read(Content));
    }

    /// <summary>The engine that loaded it.</summary>
    public WasmEngine Engine { get; }

    /// <summary>What it asks for, in order.</summary>
    public ImmutableArray<WasmImport> Imports { get; }

    /// <summary>What it offers, in order.</summary>
    public ImmutableArray<WasmExport> Exports { get; }

    /// <summary>Its custom sections, in order.</summary>
    public ImmutableArray<WasmCustomSection> CustomSections { get; }

    /// <summary>The name it gives itself in its name section; empty without one.</summary>
    public string Name => _names.Value.Module;

    internal ModuleContent Content { get; }

    internal Compiler.ModuleCode Code { get; }

    internal CodeHeader* Headers { get; }

    /// <summary>What the memories of a new instance are before its start function runs; null as long as nobody has noted it.</summary>
    internal MemoryImage[]? Images => Volatile.Read(ref _images);

    internal void NoteImages(MemoryImage[] images) => Interlocked.CompareExchange(ref _images, images, null);

    internal WasmExport? FindExport(string name)
    {
        FrozenDictionary<string, WasmExport> exports = _exportsByName
            ??= Exports.ToFrozenDictionary(static export => export.Name, StringComparer.Ordinal);
        return exports.GetValueOrDefault(name);
    }

    /// <summary>The name of a function (index with imports): from the name section, else an export's, else its number.</summary>
    internal string FunctionName(int index) => _names.Value.Function(index);

    /// <summary>The register code of a function that was translated.</summary>
    internal FunctionCode Translated(int defined) => _code[defined]!;

    private static int PatienceOf(WasmEngineKind kind) => kind switch
    {
        WasmEngineKind.Compiler => 0,
        WasmEngineKind.Interpreter => int.MaxValue,
        _ => CallsBeforeCompiling,
    };

    /// <summary>Makes a function ready to run; does nothing when it is.</summary>
    internal void Translate(int defined)
    {
        lock (_translating)
        {
            if (_code[defined] is not null) return;
            FunctionCode code = Translator.Translate(Content, defined);
            _code[defined] = code;
            fixed (Instr* entry = code.Code) Volatile.Write(ref *(nint*)&Headers[defined].Entry, (nint)entry);
        }
    }
}
