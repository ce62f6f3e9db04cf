using System.Buffers;
using Microsoft.Extensions.Logging;

namespace Sirsi.Core.Logging;

/// <summary>
/// The product's log: an <see cref="ILoggerProvider"/> for hosts that bring a factory of their own, and itself an
/// <see cref="ILoggerFactory"/> for programs that do not. Every message, value, scope and exception is masked before it is written.
/// </summary>
/// <remarks>
/// Each entry is one write to the stream, so lines of threads do not mix, and is flushed at once. A stream that fails loses entries, never
/// the program: they are counted in <see cref="Lost"/>. Thread-safe.
/// </remarks>
public sealed class LogWriter : ILoggerProvider, ILoggerFactory, ISupportExternalScope
{
    private const int BufferKeptMax = 65_536;

    private readonly Stream _output;
    private readonly LogOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private ArrayBufferWriter<byte> _buffer = new(1024);
    private long _lost;
    private bool _disposed;

    /// <summary>Starts a log.</summary>
    /// <param name="output">Where entries go, as UTF-8; it stays the caller's to close.</param>
    /// <param name="options">What is logged, and how.</param>
    /// <param name="time">The clock of the entries; they are written in UTC.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public LogWriter(Stream output, LogOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        string problems = string.Join(' ', options.Problems());
        if (problems.Length > 0) throw new ArgumentException("Log options: " + problems, nameof(options));
        _output = output;
        _options = options;
        _time = time;
    }

    /// <summary>Entries that could not be written because the output failed.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    internal IExternalScopeProvider Scopes { get; private set; } = new LoggerExternalScopeProvider();

    internal LogLevel LevelMin => _options.LevelMin;

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName)
    {
        ArgumentNullException.ThrowIfNull(categoryName);
        return new CategoryLogger(this, categoryName);
    }

    /// <summary>Not supported: this factory has one provider, itself.</summary>
    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("A LogWriter is its own and only provider.");

    /// <inheritdoc/>
    public void SetScopeProvider(IExternalScopeProvider scopeProvider)
    {
        ArgumentNullException.ThrowIfNull(scopeProvider);
        Scopes = scopeProvider;
    }

    /// <summary>Ends the log: later entries are ignored. The output stays open.</summary>
    public void Dispose()
    {
        lock (_lock) _disposed = true;
    }

    internal void Write(in LogEntry entry)
    {
        DateTimeOffset now = _time.GetUtcNow();
        lock (_lock)
        {
            if (_disposed) return;
            _buffer.ResetWrittenCount();
            if (_options.Format is LogFormat.Text) TextEntry.Write(_buffer, entry, now, _options);
            else JsonEntry.Write(_buffer, entry, now, _options);
            try
            {
                _output.Write(_buffer.WrittenSpan);
                _output.Flush();
            }
            catch (Exception failure) when (failure is IOException or ObjectDisposedException)
            {
                // Nobody is left to tell; the count is read by health checks.
                Interlocked.Increment(ref _lost);
            }
            if (_buffer.Capacity > BufferKeptMax) _buffer = new ArrayBufferWriter<byte>(1024);
        }
    }
}

/// <summary>The logger of one category.</summary>
internal sealed class CategoryLogger(LogWriter writer, string category) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => writer.Scopes.Push(state);

    public bool IsEnabled(LogLevel logLevel) => logLevel is not LogLevel.None && logLevel >= writer.LevelMin;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        ArgumentNullException.ThrowIfNull(formatter);
        var fields = state as IReadOnlyList<KeyValuePair<string, object?>>;
        string message = fields is null ? formatter(state, exception) : MaskedMessage.Of(fields) ?? formatter(state, exception);
        var scopes = new List<object>();
        writer.Scopes.ForEachScope(static (scope, list) => { if (scope is not null) list.Add(scope); }, scopes);
        writer.Write(new LogEntry(logLevel, category, eventId, message, fields ?? [], scopes, exception));
    }
}

/// <summary>One entry on its way out; nothing in it is masked yet but what <see cref="MaskedMessage"/> did.</summary>
internal readonly record struct LogEntry(
    LogLevel Level, string Category, EventId Event, string Message, IReadOnlyList<KeyValuePair<string, object?>> Fields,
    IReadOnlyList<object> Scopes, Exception? Exception)
{
    public string LevelWord => Level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "fatal",
    };
}
