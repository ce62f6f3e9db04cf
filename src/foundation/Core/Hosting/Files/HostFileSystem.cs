namespace Sirsi.Core.Hosting;

/// <summary>
/// Folders of append-only files: just what journals need, so that they run on disks and in memory alike. What the disk refuses
/// comes out as <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>; the journal, which knows what it was
/// doing, gives it a code.
/// </summary>
public abstract class HostFileSystem
{
    /// <summary>The folder at <paramref name="path"/>, created when absent.</summary>
    public abstract HostFolder OpenFolder(string path);

    /// <summary>Whether there is a folder at <paramref name="path"/>: for those who only look and create nothing.</summary>
    public abstract bool HasFolder(string path);
}

/// <summary>What a file is opened for.</summary>
public enum HostFileAccess
{
    /// <summary>Reading a file that exists.</summary>
    Read,

    /// <summary>Reading, and writing at the end; created when absent. A file has one such opener at a time.</summary>
    Append,
}

/// <summary>A folder whose files are named without paths. Safe for any number of threads in production.</summary>
public abstract class HostFolder
{
    /// <summary>The longest name a file may have, in characters.</summary>
    public const int NameLengthMax = 200;

    /// <summary>The names of the files in it, in ordinal order.</summary>
    public abstract IReadOnlyList<string> List();

    /// <summary>Opens a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file to read.</exception>
    public abstract HostFile Open(string name, HostFileAccess access);

    /// <summary>Gives a file another name, in one step; a file that had this name is replaced.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public abstract void Rename(string name, string newName);

    /// <summary>Removes a file; one that is not there is no failure.</summary>
    public abstract void Delete(string name);

    /// <summary>Completes when all creations, renamings and removals so far survive a loss of power.</summary>
    public abstract ValueTask FlushAsync(CancellationToken cancellation);

    /// <summary>
    /// Takes the folder for this process's sole use until disposed; null when somebody, here or in another process, has it.
    /// A process that dies gives it back.
    /// </summary>
    public abstract IDisposable? TryLock();

    /// <summary>Who has taken the folder, for a message (process and start time); null when that is not known.</summary>
    public abstract string? LockHolder();

    /// <exception cref="ArgumentException">The name is empty, too long, has a path separator or control character, or begins with a dot.</exception>
    protected static void ThrowUnlessName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > NameLengthMax || name[0] == '.' || name.AsSpan().ContainsAny('/', '\\', ':') || name.Any(char.IsControl))
            throw new ArgumentException(
                $"A file's name has 1 to {NameLengthMax} characters, no separator or control character, and begins with no dot.", nameof(name));
    }
}

/// <summary>An open file. One call at a time.</summary>
public abstract class HostFile : IDisposable
{
    /// <summary>Its length in bytes.</summary>
    public abstract long Length { get; }

    /// <summary>Writes all of <paramref name="bytes"/> at the end. They survive a loss of power only once flushed.</summary>
    public abstract ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>
    /// Writes all of <paramref name="bytes"/> from <paramref name="position"/> on, over what is there and beyond the end as far as they
    /// reach. When it fails, any part of them may have been written.
    /// </summary>
    /// <exception cref="DiskFullException">There is no room.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The position is negative or beyond the end.</exception>
    public abstract ValueTask WriteAsync(long position, ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>
    /// Makes the file at least <paramref name="length"/> bytes long, zeros where it was shorter, and takes the room from the disk where the
    /// file system can, so that a later write there neither finds the disk full nor changes the length.
    /// </summary>
    /// <exception cref="DiskFullException">There is no room; the file is as it was.</exception>
    public abstract void Reserve(long length);

    /// <summary>Reads from <paramref name="position"/> on; gives how many bytes were read, 0 only at the end or for an empty buffer.</summary>
    public abstract ValueTask<int> ReadAsync(long position, Memory<byte> buffer, CancellationToken cancellation);

    /// <summary>
    /// Completes when all that was written survives a loss of power. A flush that failed has told all it will ever tell: what was
    /// written since the last good one may be lost although a later flush succeeds.
    /// </summary>
    public abstract ValueTask FlushAsync(CancellationToken cancellation);

    /// <summary>Cuts the file to <paramref name="length"/> bytes: how recovery drops a torn tail. Durable with the next flush.</summary>
    public abstract void Truncate(long length);

    /// <summary>Closes it, without a flush.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes it.</summary>
    protected abstract void Dispose(bool disposing);
}
