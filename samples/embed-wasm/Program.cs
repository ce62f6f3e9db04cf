using Sirsi.Wasm;
using Sirsi.Wasm.Text;

// The guest could as well be a file that any compiler made: engine.Load(File.ReadAllBytes("guest.wasm")).
WatResult guest = WatParser.Parse("""
    (module
      (import "host" "say" (func $say (param i32)))
      (func (export "double") (param $n i32) (result i32)
        (call $say (local.get $n))
        (i32.mul (local.get $n) (i32.const 2)))
      (func $spin (export "spin") (loop (br 0))))
    """);
foreach (WatProblem problem in guest.Problems) Console.Error.WriteLine(problem);
if (guest.Module is not { } bytes) return 1;

var engine = new WasmEngine(TimeProvider.System, new WasmOptions { MemoryPagesMax = 16 });
var linker = new WasmLinker(engine);
linker.DefineFunction("host", "say", (WasmCall call, int number) => Console.WriteLine($"the guest says {number}, {call.FuelUsed} units in"));
WasmInstance instance = linker.Instantiate(engine.Load(bytes));
Console.WriteLine($"and gives {instance.Invoke("double", WasmValue.I32(4))[0].AsI32}");

try
{
    using var call = new WasmCall(engine, new WasmBudget { Fuel = 1_000_000, Time = TimeSpan.FromSeconds(1) });
    instance.Function("spin")!.Invoke(call);
}
catch (WasmTrap trap)
{
    Console.WriteLine($"stopped: {trap.Kind} in {trap.FunctionName}");
}

return 0;
