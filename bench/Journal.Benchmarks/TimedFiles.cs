using System.Diagnostics;
using Sirsi.Core.Hosting;

namespace Sirsi.Journal.Benchmarks;

/// <summary>The machine's files, with a note of how long each flush of a file took.</summary>
internal sealed class TimedFiles(HostFileSystem files) : HostFileSystem
{
    /// <summary>Microseconds of each flush so far.</summary>
    public List<double> Flushes { get; } = [];

    public override HostFolder OpenFolder(string path) => new Folder(files.OpenFolder(path), Flushes);

    public override bool HasFolder(string path) => files.HasFolder(path);

    private sealed class Folder(HostFolder folder, List<double> flushes) : HostFolder
    {
        public override IReadOnlyList<string> List() => folder.List();

        public override HostFile Open(string name, HostFileAccess access) => new TimedFile(folder.Open(name, access), flushes);

        public override void Rename(string name, string newName) => folder.Rename(name, newName);

        public override void Delete(string name) => folder.Delete(name);

        public override ValueTask FlushAsync(CancellationToken cancellation) => folder.FlushAsync(cancellation);

        public override IDisposable? TryLock() => folder.TryLock();

        public override string? LockHolder() => folder.LockHolder();
    }

    private sealed class TimedFile(HostFile file, List<double> flushes) : HostFile
    {
        public override long Length => file.Length;

        public override ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => file.AppendAsync(bytes, cancellation);

        public override ValueTask WriteAsync(long position, ReadOnlyMemory<byte> bytes, CancellationToken cancellation) =>
            file.WriteAsync(position, bytes, cancellation);

        public override void Reserve(long length) => file.Reserve(length);

        public override ValueTask<int> ReadAsync(long position, Memory<byte> buffer, CancellationToken cancellation) => file.ReadAsync(position, buffer, cancellation);

        public override async ValueTask FlushAsync(CancellationToken cancellation)
        {
            long began = Stopwatch.GetTimestamp();
            await file.FlushAsync(cancellation);
            flushes.Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds);
        }

        public override void Truncate(long length) => file.Truncate(length);

        protected override void Dispose(bool disposing) => file.Dispose();
    }
}
