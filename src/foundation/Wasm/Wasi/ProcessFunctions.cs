namespace Sirsi.Wasm.Wasi;

/// <summary>Arguments, environment and randomness.</summary>
internal static class ProcessFunctions
{
    internal static Errno ArgsGet(WasiHost host, in GuestFrame frame) => host.Arguments.Put(frame, frame.UInt32(0), frame.UInt32(1));

    internal static Errno ArgsSizesGet(WasiHost host, in GuestFrame frame) =>
        host.Arguments.PutSizes(frame, frame.UInt32(0), frame.UInt32(1));

    internal static Errno EnvironGet(WasiHost host, in GuestFrame frame) =>
        host.Environment.Put(frame, frame.UInt32(0), frame.UInt32(1));

    internal static Errno EnvironSizesGet(WasiHost host, in GuestFrame frame) =>
        host.Environment.PutSizes(frame, frame.UInt32(0), frame.UInt32(1));

    internal static Errno RandomGet(WasiHost host, in GuestFrame frame)
    {
        if (host.Options.Random is not { } random) return Errno.NotCapable;
        if (!frame.TrySpan(frame.UInt32(0), frame.UInt32(1), out Span<byte> bytes)) return Errno.Fault;
        frame.ChargeBytes(8L * bytes.Length);
        random(bytes);
        return Errno.Success;
    }
}
