using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace Sirsi.Core.Hosting;

/// <summary>
/// What the runtime's own threads have spent of processor time: timers, the compiler of hot code, the collector, the watch over the
/// pool. The pool's workers are not among them, for they do the work. The operating system's account is read once a second at
/// most, and only where it is kept as on Linux (proc_pid_task(5), proc_pid_stat(5)); elsewhere nothing is known. Safe for any
/// number of threads.
/// </summary>
/// <param name="time">Tells when what was read is old.</param>
/// <param name="folder">The account: a folder for each thread, named by its number, with a file <c>stat</c>.</param>
internal sealed class RuntimeThreads(TimeProvider time, string folder = "/proc/self/task")
{
    /// <summary>Of USER_HZ, which Linux has at 100 a second on every machine .NET runs on.</summary>
    private const long NsPerTick = 10_000_000;

    private const int AccountBytesMax = 512;

    /// <summary>All the runtime's threads are called .NET something, but its workers and whoever runs long do the work of others.</summary>
    private const long NotTheRuntimes = -1;

    /// <summary>Found not to be the runtime's twice: not looked at again. Once is not enough, for a thread begins under its maker's name.</summary>
    private const long NeverTheRuntimes = -2;

    private static readonly TimeSpan AgeMax = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Dictionary<string, long> _ticksSeen = [];
    private ExecutorUse _use;
    private long _readAt;

    /// <summary>The account as it is, or was a moment ago.</summary>
    public ExecutorUse Use()
    {
        lock (_lock)
        {
            if (_use != default && time.GetElapsedTime(_readAt) < AgeMax) return _use;
            _readAt = time.GetTimestamp();
            long overhead = _use.OverheadNs + (TicksSpentSince() * NsPerTick);
            return _use = new ExecutorUse((long)Environment.CpuUsage.TotalTime.TotalNanoseconds, overhead);
        }
    }

    /// <summary>Summed up thread by thread, for a thread that ends takes its account with it.</summary>
    private long TicksSpentSince()
    {
        if (!Directory.Exists(folder)) return 0;
        var ticksNow = new Dictionary<string, long>(_ticksSeen.Count + 4, StringComparer.Ordinal);
        long spent = 0;
        foreach (string thread in Directory.EnumerateDirectories(folder))
        {
            if (!_ticksSeen.TryGetValue(thread, out long before)) before = 0;
            long now = before is NeverTheRuntimes ? NeverTheRuntimes : TicksOf(thread);
            if (now is NotTheRuntimes && before is NotTheRuntimes) now = NeverTheRuntimes;
            ticksNow.Add(thread, now);
            spent += Math.Max(0, now - Math.Max(0, before));
        }

        _ticksSeen = ticksNow;
        return spent;
    }

    /// <summary>The processor time of one thread, if it is the runtime's: fields 14 and 15, counted from behind the name in parentheses.</summary>
    private static long TicksOf(string thread)
    {
        Span<byte> account = stackalloc byte[AccountBytesMax];
        try
        {
            using SafeFileHandle file = File.OpenHandle(thread + "/stat");
            account = account[..RandomAccess.Read(file, account, fileOffset: 0)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0; // It has just ended.
        }

        int open = account.IndexOf((byte)'(');
        int close = account.LastIndexOf((byte)')');
        if (open < 0 || close < open) return 0;
        ReadOnlySpan<byte> name = account[(open + 1)..close];
        if (!name.StartsWith(".NET "u8) || name.SequenceEqual(".NET TP Worker"u8) || name.SequenceEqual(".NET Long Runni"u8)) return NotTheRuntimes;
        return TicksIn(account[(close + 1)..]);
    }

    private static long TicksIn(ReadOnlySpan<byte> fields)
    {
        const int Before = 12;
        for (int field = 0; field < Before; field++) fields = fields[(fields.IndexOf((byte)' ') + 1)..];
        if (!Utf8Parser.TryParse(fields, out long user, out int digits) || digits + 1 >= fields.Length) return 0;
        return Utf8Parser.TryParse(fields[(digits + 1)..], out long system, out _) ? user + system : 0;
    }
}
