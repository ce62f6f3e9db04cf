namespace Sirsi.Wasm.Wasi;

/// <summary>What a WASI function does.</summary>
internal delegate Errno WasiBody(WasiHost host, in GuestFrame frame);

/// <summary>A WASI function as the engine calls it: nothing is allocated for a call.</summary>
internal sealed unsafe class WasiFunction(WasiHost host, WasiBody body, int cost, bool answers) : HostFunction
{
    internal override void Invoke(WasmCall call, ulong* slots)
    {
        if (cost > 0)
        {
            // The kernel may take its time: the clock is looked at before each of its calls, not only between slices of fuel.
            call.Charge(cost);
            call.ThrowIfStopped();
        }

        Errno answer = body(host, new GuestFrame(call, host.MemoryOf(call.Caller), slots));
        if (answers) slots[0] = (ulong)answer;
    }
}
