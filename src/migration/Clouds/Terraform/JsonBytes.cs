using Sirsi.Core.Errors;

namespace Sirsi.Clouds.Terraform;

/// <summary>
/// The bytes of an input in a window that slides over it, with the line and column of any place in the window. The window grows only
/// for a single text longer than it. Positions are counted forwards, so asking for them in order costs one pass over the input.
/// Not thread-safe.
/// </summary>
internal sealed class JsonBytes : IDisposable
{
    private const int FirstWindowBytes = 256 * 1024;

    private readonly Stream _stream;
    private readonly long _bytesMax;
    private readonly IProgress<long>? _progress;
    private readonly bool _leaveOpen;
    private byte[] _window = new byte[FirstWindowBytes];
    private int _count;
    private long _read;
    private int _counted;
    private int _line = 1;
    private long _lineStart;
    private long _windowStart;

    public JsonBytes(string name, Stream stream, long bytesMax, IProgress<long>? progress, bool leaveOpen = false)
    {
        (Name, _stream, _bytesMax, _progress, _leaveOpen) = (name, stream, bytesMax, progress, leaveOpen);
        while (_count < 4096 && !IsFinal) ReadSome();
        if (_window.AsSpan(0, _count).StartsWith("\uFEFF"u8)) Drop(3);
        _lineStart = _windowStart;
    }

    public string Name { get; }

    /// <summary>The bytes in the window.</summary>
    public ReadOnlySpan<byte> Buffered => _window.AsSpan(0, _count);

    /// <summary>Whether the window ends where the input ends.</summary>
    public bool IsFinal { get; private set; }

    /// <summary>The position after the last byte; meaningful when <see cref="IsFinal"/>.</summary>
    public SourcePosition EndPosition => PositionOf(_count);

    /// <summary>Drops what was consumed and reads on. Throws when the input proves larger than the limit, or can not be read.</summary>
    public void Fill(int consumed)
    {
        if (consumed > 0) Drop(consumed);
        if (IsFinal) return;
        if (_count == _window.Length) Array.Resize(ref _window, checked((int)Math.Min(_window.Length * 2L, Array.MaxLength)));
        ReadSome();
    }

    /// <summary>The position of a byte of the window.</summary>
    public SourcePosition PositionOf(long index)
    {
        int to = (int)Math.Min(index, _count);
        // Asked out of order (never in practice): the line is the last one counted.
        if (to > _counted) CountTo(to);
        return new(Name, _line, (int)Math.Max(1, _windowStart + to - _lineStart + 1));
    }

    public void Dispose()
    {
        if (!_leaveOpen) _stream.Dispose();
    }

    private void Drop(int bytes)
    {
        CountTo(bytes);
        _window.AsSpan(bytes, _count - bytes).CopyTo(_window);
        _count -= bytes;
        _counted -= bytes;
        _windowStart += bytes;
    }

    private void CountTo(int to)
    {
        if (to <= _counted) return;
        ReadOnlySpan<byte> passed = _window.AsSpan(_counted, to - _counted);
        int lines = passed.Count((byte)'\n');
        if (lines > 0)
        {
            _line += lines;
            _lineStart = _windowStart + _counted + passed.LastIndexOf((byte)'\n') + 1;
        }

        _counted = to;
    }

    private void ReadSome()
    {
        int read;
        try
        {
            read = _stream.Read(_window, _count, _window.Length - _count);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(CloudsErrors.InputUnreadable, $"{Name}: reading failed after {_read} bytes: {failure.Message}", failure);
        }

        IsFinal = read == 0;
        _count += read;
        _read += read;
        if (_read > _bytesMax)
            throw new CloudsException(CloudsErrors.InputTooLarge, $"{Name}: more than the limit of {_bytesMax} bytes.");
        _progress?.Report(_read);
    }
}
