using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Sirsi.Wasm.Wasi;

/// <summary>
/// <c>poll_oneoff</c>: waits for clocks and standard input, never longer than the call's deadline allows; files are always ready.
/// </summary>
internal static class PollFunction
{
    private const int SubscriptionBytes = 48;
    private const int EventBytes = 32;
    private const byte ClockTag = 0;
    private const byte ReadTag = 1;
    private const byte WriteTag = 2;
    private const int SubscriptionFuel = 32;
    private const ushort HangUp = 1;
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    internal static Errno Poll(WasiHost host, in GuestFrame frame)
    {
        uint count = frame.UInt32(2), result = frame.UInt32(3);
        if (count == 0 || count > host.Options.BuffersMax) return Errno.Invalid;
        frame.Call.Charge(SubscriptionFuel * count);
        if (!frame.TrySpan(frame.UInt32(0), count * SubscriptionBytes, out Span<byte> given)
            || !frame.TrySpan(frame.UInt32(1), count * EventBytes, out Span<byte> events)
            || !frame.Has(result, 4))
            return Errno.Fault;
        var subscriptions = new Subscription[count];
        long start = host.Options.Clock?.GetTimestamp() ?? 0;
        for (int i = 0; i < subscriptions.Length; i++) subscriptions[i] = Read(host, given[(i * SubscriptionBytes)..]);
        while (true)
        {
            TimeSpan passed = host.Options.Clock?.GetElapsedTime(start) ?? TimeSpan.Zero;
            TimeSpan? next = null;
            Task? input = null;
            uint ready = 0;
            foreach (ref Subscription subscription in subscriptions.AsSpan())
            {
                if (IsReady(host, ref subscription, passed, ref next, ref input))
                    Write(subscription, events[(int)(EventBytes * ready++)..]);
            }

            if (ready > 0) return frame.Put(result, ready);
            Wait(host, frame.Call, input, next);
        }
    }

    private static void Wait(WasiHost host, WasmCall call, Task? input, TimeSpan? next)
    {
        if (next is not { } left)
        {
            call.Wait(input, CancellationToken.None);
            return;
        }

        using var wake = new CancellationTokenSource();
        using ITimer timer = host.Options.Clock!.CreateTimer(
            static state => Cancel((CancellationTokenSource)state!),
            wake,
            left < LongestWait ? left : LongestWait,
            Timeout.InfiniteTimeSpan);
        call.Wait(input, wake.Token);
    }

    private static void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The wait ended for another reason while the timer fired.
        }
    }

    private static Subscription Read(WasiHost host, ReadOnlySpan<byte> bytes)
    {
        var read = new Subscription { UserData = BinaryPrimitives.ReadUInt64LittleEndian(bytes), Tag = bytes[8] };
        uint subject = BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]);
        if (read.Tag == ClockTag)
        {
            ulong timeout = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]);
            bool isAbsolute = (bytes[40] & 1) != 0;
            if (host.Options.Clock is not { } clock) read.Error = Errno.NotCapable;
            else if (subject > 1) read.Error = Errno.Invalid;
            else read.Due = Duration(timeout, isAbsolute ? ClockFunctions.Now(host, clock, subject) : 0);
            return read;
        }

        read.Error = read.Tag > WriteTag ? Errno.Invalid : Errno.Success;
        read.Descriptor = host.Table[subject];
        if (read.Descriptor is null) read.Error = Errno.BadDescriptor;
        else if (!read.Descriptor.May(Rights.Poll)) read.Error = Errno.NotCapable;
        return read;
    }

    /// <summary>Nanoseconds from <paramref name="now"/> to <paramref name="timeout"/>, in ticks rounded up.</summary>
    private static TimeSpan Duration(ulong timeout, ulong now)
    {
        ulong left = timeout > now ? timeout - now : 0;
        return TimeSpan.FromTicks((long)((left / 100) + (left % 100 == 0 ? 0UL : 1)));
    }

    /// <summary>Whether something happened; if not, what there is to wait for.</summary>
    private static bool IsReady(WasiHost host, ref Subscription subscription, TimeSpan passed, ref TimeSpan? next, ref Task? input)
    {
        if (subscription.Error != Errno.Success) return true;
        if (subscription.Tag == ClockTag)
        {
            TimeSpan left = subscription.Due - passed;
            if (left <= TimeSpan.Zero) return true;
            next = next is null || left < next ? left : next;
            return false;
        }

        switch (subscription.Descriptor)
        {
            case InputDescriptor stream when subscription.Tag == ReadTag:
                subscription.Error = stream.LookAhead(out bool ready);
                if (!ready)
                {
                    input = stream.Reading;
                    return false;
                }

                (subscription.Bytes, subscription.Flags) = ((ulong)stream.Ready, stream.IsAtEnd ? HangUp : (ushort)0);
                return true;
            case FileDescriptor file when subscription.Tag == ReadTag:
                subscription.Error = Posix.Status(file.Number, out FileStatus status);
                subscription.Bytes = status.Size - Math.Min(status.Size, (ulong)Math.Max(0, Posix.Seek(file.Number, 0, 1)));
                return true;
            case OutputDescriptor or FileDescriptor when subscription.Tag == WriteTag:
                subscription.Bytes = (ulong)host.Options.TransferBytesMax;
                return true;
            default:
                subscription.Error = Errno.BadDescriptor;
                return true;
        }
    }

    private static void Write(in Subscription subscription, Span<byte> into)
    {
        into = into[..EventBytes];
        into.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(into, subscription.UserData);
        BinaryPrimitives.WriteUInt16LittleEndian(into[8..], (ushort)subscription.Error);
        into[10] = subscription.Tag;
        BinaryPrimitives.WriteUInt64LittleEndian(into[16..], subscription.Bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(into[24..], subscription.Flags);
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Subscription
    {
        internal ulong UserData;
        internal byte Tag;
        internal Errno Error;
        internal TimeSpan Due;
        internal Descriptor? Descriptor;
        internal ulong Bytes;
        internal ushort Flags;
    }
}
