using System.Text;

namespace Sirsi.Hypervisor.Modules;

/// <summary>A stream that is only written to.</summary>
internal abstract class WrittenStream : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}

/// <summary>What a command prints, up to a limit; what comes beyond it is not kept.</summary>
internal sealed class CommandOutput(int bytesMax) : WrittenStream
{
    private readonly MemoryStream _kept = new();
    private bool _isTooMuch;

    /// <summary>All of it; null when it was more than may be.</summary>
    public byte[]? Printed => _isTooMuch ? null : _kept.ToArray();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _isTooMuch |= buffer.Length > bytesMax - _kept.Length;
        if (!_isTooMuch) _kept.Write(buffer);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _kept.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>What a command prints to standard error: told a line at a time, and its end kept as the reason of a failure.</summary>
internal sealed class CommandStandardError(Action<string> tell) : WrittenStream
{
    private const int LineBytesMax = 4 << 10;
    private const int EndBytesMax = 800;

    private readonly byte[] _line = new byte[LineBytesMax];
    private readonly Queue<byte> _end = new(EndBytesMax);
    private int _length;
    private bool _isCut;

    /// <summary>The end of a sentence: what was printed last.</summary>
    public string Said
    {
        get
        {
            string end = Encoding.UTF8.GetString([.. _end]).Trim();
            return end.Length == 0 ? "." : $": {(_isCut ? "…" : "")}{end}";
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        foreach (byte code in buffer)
        {
            if (_end.Count == EndBytesMax)
            {
                _end.Dequeue();
                _isCut = true;
            }

            _end.Enqueue(code);
            if (code == '\n') Tell();
            else _line[_length++] = code;
            if (_length == LineBytesMax) Tell();
        }
    }

    /// <summary>No more comes: a last line needs no end.</summary>
    public void End()
    {
        if (_length > 0) Tell();
    }

    private void Tell()
    {
        int length = _length > 0 && _line[_length - 1] == '\r' ? _length - 1 : _length;
        _length = 0;
        if (length > 0) tell(Encoding.UTF8.GetString(_line, 0, length));
    }
}
