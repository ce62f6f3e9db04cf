namespace Sirsi.Wasm.Wasi;

/// <summary>
/// Standard input. It reads ahead into a buffer of its own, so that a read that was given up loses nothing and never writes into a guest's
/// memory that may be gone.
/// </summary>
internal sealed class InputDescriptor(Stream? stream)
    : Descriptor(FileType.Unknown, Rights.Read | Rights.Poll | Rights.Status | Rights.SetFlags, Rights.None)
{
    private const int BufferBytes = 65_536;

    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private bool _atEnd = stream is null;
    private Task<int>? _reading;

    /// <summary>Bytes that can be read at once.</summary>
    internal int Ready => _end - _start;

    /// <summary>No more will come.</summary>
    internal bool IsAtEnd => _atEnd && Ready == 0;

    /// <summary>Whether a read would not wait; else <see cref="Reading"/> is under way.</summary>
    internal Errno LookAhead(out bool ready)
    {
        ready = true;
        if (Ready > 0 || _atEnd) return Errno.Success;
        if (_buffer.Length == 0) _buffer = new byte[BufferBytes];
        try
        {
#pragma warning disable CA2012 // Turned into a task at once.
            _reading ??= stream!.ReadAsync(_buffer).AsTask();
#pragma warning restore CA2012
            if (!_reading.IsCompleted)
            {
                ready = false;
                return Errno.Success;
            }

#pragma warning disable VSTHRD002 // It is completed.
            int read = _reading.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
            (_start, _end, _atEnd, _reading) = (0, read, read == 0, null);
            return Errno.Success;
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException or NotSupportedException or OperationCanceledException)
        {
            _reading = null;
            return Errno.InputOutput;
        }
    }

    internal Task? Reading => _reading;

    internal int Take(Span<byte> into)
    {
        int count = Math.Min(into.Length, Ready);
        _buffer.AsSpan(_start, count).CopyTo(into);
        _start += count;
        return count;
    }
}

/// <summary>Standard output or error.</summary>
internal sealed class OutputDescriptor(Stream? stream)
    : Descriptor(FileType.Unknown, Rights.Write | Rights.Poll | Rights.Status | Rights.SetFlags | Rights.Sync | Rights.DataSync, Rights.None)
{
    internal Errno Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            stream?.Write(bytes);
            return Errno.Success;
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException or NotSupportedException)
        {
            return Errno.InputOutput;
        }
    }

    internal Errno Flush()
    {
        try
        {
            stream?.Flush();
            return Errno.Success;
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException or NotSupportedException)
        {
            return Errno.InputOutput;
        }
    }
}
