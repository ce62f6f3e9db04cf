using Sirsi.Core.Hosting;

namespace Sirsi.Simulation.Faults;

/// <summary>Files whose writes and flushes fail by chance, and whose flushes take their time.</summary>
internal sealed class UnreliableFiles(HostFileSystem files, Weather weather, TimeProvider time) : HostFileSystem
{
    public override HostFolder OpenFolder(string path) => new Folder(files.OpenFolder(path), this);

    public override bool HasFolder(string path) => files.HasFolder(path);

    /// <summary>Nothing of the write is done: what a torn write leaves, a loss of power shows.</summary>
    private void MayFail()
    {
        if (!weather.Happens(weather.Faults.DiskErrors)) return;
        if (weather.Next(2) == 0) throw new DiskFullException("There is no room.");
        throw new IOException("Input/output error.");
    }

    private async ValueTask BeforeFlushAsync(CancellationToken cancellation)
    {
        TimeSpan taken = weather.UpTo(weather.Faults.FlushMax);
        if (taken > TimeSpan.Zero) await Task.Delay(taken, time, cancellation);
        if (weather.Happens(weather.Faults.DiskErrors)) throw new IOException("Input/output error while flushing.");
    }

    private sealed class Folder(HostFolder folder, UnreliableFiles disk) : HostFolder
    {
        public override IReadOnlyList<string> List() => folder.List();

        public override HostFile Open(string name, HostFileAccess access) => new OpenFile(folder.Open(name, access), disk);

        public override void Rename(string name, string newName) => folder.Rename(name, newName);

        public override void Delete(string name) => folder.Delete(name);

        public override async ValueTask FlushAsync(CancellationToken cancellation)
        {
            await disk.BeforeFlushAsync(cancellation);
            await folder.FlushAsync(cancellation);
        }

        public override IDisposable? TryLock() => folder.TryLock();

        public override string? LockHolder() => folder.LockHolder();
    }

    private sealed class OpenFile(HostFile file, UnreliableFiles disk) : HostFile
    {
        public override long Length => file.Length;

        public override ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
        {
            disk.MayFail();
            return file.AppendAsync(bytes, cancellation);
        }

        public override ValueTask WriteAsync(long position, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
        {
            disk.MayFail();
            return file.WriteAsync(position, bytes, cancellation);
        }

        public override void Reserve(long length) => file.Reserve(length);

        public override ValueTask<int> ReadAsync(long position, Memory<byte> buffer, CancellationToken cancellation) => file.ReadAsync(position, buffer, cancellation);

        public override async ValueTask FlushAsync(CancellationToken cancellation)
        {
            await disk.BeforeFlushAsync(cancellation);
            await file.FlushAsync(cancellation);
        }

        public override void Truncate(long length) => file.Truncate(length);

        protected override void Dispose(bool disposing)
        {
            if (disposing) file.Dispose();
        }
    }
}
