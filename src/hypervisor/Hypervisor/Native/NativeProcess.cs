using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Sirsi.Core.Hosting;

namespace Sirsi.Hypervisor.Native;

/// <summary>A process that is spoken to in lines. Disposing of it kills it and all it started. For one flow.</summary>
internal sealed class NativeProcess : IDisposable
{
    private const int ChunkBytes = 16 << 10;

    private readonly Process _process;
    private readonly NativeProgram _program;
    private readonly Action<string>? _log;
    private readonly byte[] _chunk = new byte[ChunkBytes];
    private int _chunkStart, _chunkEnd;
    private int _logged;

    private NativeProcess(Process process, NativeProgram program, Action<string>? log) => (_process, _program, _log) = (process, program, log);

    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.NativeFailed"/>: it cannot be started.</exception>
    public static NativeProcess Start(NativeProgram program, HostExecutor executor, Action<string>? log)
    {
        var how = new ProcessStartInfo(program.Path, program.Arguments)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = program.WorkingFolder ?? Path.GetDirectoryName(program.Path),
        };
        how.Environment.Clear();
        foreach ((string name, string value) in program.Environment) how.Environment[name] = value;
        try
        {
            var started = new NativeProcess(Process.Start(how)!, program, log);
            _ = executor.RunAsync(started.DrainAsync);
            return started;
        }
        catch (Exception failure) when (failure is Win32Exception or IOException)
        {
            throw new HypervisorException(HypervisorErrors.NativeFailed, $"{program.Path} cannot be started: {failure.Message}", failure);
        }
    }

    /// <summary>What it may log begins anew.</summary>
    public void BeginTurn() => Volatile.Write(ref _logged, 0);

    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.NativeFailed"/>: it does not listen.</exception>
    public async ValueTask WriteAsync(byte[] line, CancellationToken cancellation)
    {
        try
        {
            Stream input = _process.StandardInput.BaseStream;
            await input.WriteAsync(line, cancellation).AsTask().WaitAsync(cancellation);
            await input.FlushAsync(cancellation).WaitAsync(cancellation);
        }
        catch (IOException failure)
        {
            throw Failed("It does not listen any more.", failure);
        }
    }

    /// <summary>The next line, without its end.</summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.NativeFailed"/>: it has ended, or the line is too long.</exception>
    public async ValueTask<byte[]> ReadAsync(CancellationToken cancellation)
    {
        using var line = new MemoryStream();
        while (true)
        {
            if (_chunkStart == _chunkEnd)
            {
                _chunkStart = 0;
                _chunkEnd = await _process.StandardOutput.BaseStream.ReadAsync(_chunk, cancellation).AsTask().WaitAsync(cancellation);
                if (_chunkEnd == 0) throw Failed("It has ended in the midst of a turn.", null);
            }

            int end = _chunk.AsSpan(_chunkStart, _chunkEnd - _chunkStart).IndexOf((byte)'\n');
            int length = end < 0 ? _chunkEnd - _chunkStart : end;
            if (line.Length + length > _program.LineBytesMax) throw Failed($"A line of it is longer than {_program.LineBytesMax} bytes.", null);
            await line.WriteAsync(_chunk.AsMemory(_chunkStart, length), cancellation);
            _chunkStart += end < 0 ? length : length + 1;
            if (end >= 0) return line.ToArray();
        }
    }

    public void Dispose()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception gone) when (gone is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended by itself.
        }

        _process.Dispose();
    }

    /// <summary>Reads its standard error as long as it lives, so that it never waits for anybody to do so.</summary>
    private async Task DrainAsync()
    {
        byte[] chunk = new byte[ChunkBytes];
        try
        {
            Stream errors = _process.StandardError.BaseStream;
            for (int read; (read = await errors.ReadAsync(chunk)) > 0;)
            {
                int room = _program.LogCharactersPerTurn - Volatile.Read(ref _logged);
                if (room <= 0 || _log is null) continue;
                string text = Encoding.UTF8.GetString(chunk, 0, read);
                Interlocked.Add(ref _logged, text.Length);
                _log(text.Length <= room ? text : text[..room]);
            }
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // So has what it had to say.
        }
    }

    private HypervisorException Failed(string why, Exception? cause) => new(HypervisorErrors.NativeFailed, $"{_program.Path}: {why}", cause);
}
