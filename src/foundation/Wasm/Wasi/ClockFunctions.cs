namespace Sirsi.Wasm.Wasi;

/// <summary>
/// The clocks: the time since 1970, and the time since the host was made, which also stands for the time of the processor.
/// </summary>
internal static class ClockFunctions
{
    internal const uint Realtime = 0;
    private const uint Last = 3;
    private const long NanosecondsPerTick = 100;

    internal static Errno ResolutionGet(WasiHost host, in GuestFrame frame)
    {
        if (frame.UInt32(0) > Last) return Errno.Invalid;
        if (host.Options.Clock is not { } clock) return Errno.NotCapable;
        long resolution = frame.UInt32(0) == Realtime ? NanosecondsPerTick : Math.Max(1, 1_000_000_000 / clock.TimestampFrequency);
        return frame.Put(frame.UInt32(1), (ulong)resolution);
    }

    internal static Errno TimeGet(WasiHost host, in GuestFrame frame)
    {
        if (frame.UInt32(0) > Last) return Errno.Invalid;
        if (host.Options.Clock is not { } clock) return Errno.NotCapable;
        return frame.Put(frame.UInt32(2), Now(host, clock, frame.UInt32(0)));
    }

    /// <summary>Nanoseconds on one of the clocks.</summary>
    internal static ulong Now(WasiHost host, TimeProvider clock, uint id)
    {
        long ticks = id == Realtime ? (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks : clock.GetElapsedTime(host.Started).Ticks;
        return (ulong)Math.Max(0, ticks) * NanosecondsPerTick;
    }
}
