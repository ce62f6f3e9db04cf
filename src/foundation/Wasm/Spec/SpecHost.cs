namespace Sirsi.Wasm.Spec;

/// <summary>The host module <c>spectest</c> that the suite's scripts import from.</summary>
internal static class SpecHost
{
    internal static WasmLinker Linker(WasmEngine engine)
    {
        var linker = new WasmLinker(engine);
        const string Module = "spectest";
        linker.DefineFunction(Module, "print", static () => { });
        linker.DefineFunction(Module, "print_i32", static (int _) => { });
        linker.DefineFunction(Module, "print_i64", static (long _) => { });
        linker.DefineFunction(Module, "print_f32", static (float _) => { });
        linker.DefineFunction(Module, "print_f64", static (double _) => { });
        linker.DefineFunction(Module, "print_i32_f32", static (int _, float _) => { });
        linker.DefineFunction(Module, "print_f64_f64", static (double _, double _) => { });
        linker.Define(Module, "global_i32", new WasmGlobal(new(WasmValueType.I32, false), WasmValue.I32(666)));
        linker.Define(Module, "global_i64", new WasmGlobal(new(WasmValueType.I64, false), WasmValue.I64(666)));
        linker.Define(Module, "global_f32", new WasmGlobal(new(WasmValueType.F32, false), WasmValue.F32(666.6f)));
        linker.Define(Module, "global_f64", new WasmGlobal(new(WasmValueType.F64, false), WasmValue.F64(666.6)));
        linker.Define(Module, "table", new WasmTable(engine, new(WasmValueType.FuncRef, new(10, 20))));
        linker.Define(Module, "memory", new WasmMemory(engine, new(new(1, 2))));
        if (engine.Options.Allows(WasmFeatures.Memory64))
            linker.Define(Module, "table64", new WasmTable(engine, new(WasmValueType.FuncRef, new(10, 20, Is64: true))));
        return linker;
    }
}
