namespace Sirsi.Store.Tests.Durability;

/// <summary>A folder whose unsynced bytes can be lost: <c>disk.c</c> preloaded into the process that writes there.</summary>
internal sealed class ForgetfulDisk : IDisposable
{
    private const int BlockBytes = 512;

    private readonly TemporaryFolder _folder = new();
    private readonly string _library;

    private ForgetfulDisk(string library)
    {
        _library = library;
        Directory.CreateDirectory(Disk);
        Directory.CreateDirectory(Synced);
    }

    public string Disk => _folder.File("disk");

    /// <summary>What the writing process is started with.</summary>
    public (string, string)[] Environment => [("LD_PRELOAD", _library), ("SIRSI_DISK", Disk), ("SIRSI_DISK_SYNCED", Synced)];

    private string Synced => _folder.File("synced");

    public static async Task<ForgetfulDisk> CreateAsync()
    {
        string? compiler = new[] { "cc", "gcc", "clang" }.FirstOrDefault(ChildProcess.IsInstalled);
        if (compiler is null || !OperatingSystem.IsLinux()) Assert.Skip("skipped: a disk that forgets needs Linux and a C compiler (cc, gcc or clang)");
        string library = Path.Combine(AppContext.BaseDirectory, $"disk-{Guid.NewGuid():N}.so");
        ProgramResult built = await ChildProcess.RunAsync(compiler,
            ["-shared", "-fPIC", "-O2", "-o", library, Path.Combine(AppContext.BaseDirectory, "Durability", "disk.c"), "-ldl", "-lpthread"]);
        Assert.True(built.ExitCode == 0, built.Error);
        return new ForgetfulDisk(library);
    }

    public void Set(string flag, bool on)
    {
        string path = Path.Combine(Disk, flag);
        if (on) File.WriteAllText(path, "");
        else File.Delete(path);
    }

    /// <summary>
    /// The power is gone and back: what was synced is there; of what was not, each block of 512 bytes is or is not, as chance will have it.
    /// Files whose directory entry was never synced are gone.
    /// </summary>
    public int LosePower(Random random)
    {
        int lost = 0;
        double kept = random.Next(3) switch { 0 => 0, 1 => 0.5, _ => random.NextDouble() };
        foreach (string file in Directory.GetFiles(Disk).Where(static file => Path.GetFileName(file)[0] != '.'))
        {
            string name = Path.GetFileName(file);
            string synced = Path.Combine(Synced, name);
            if (name.EndsWith("-shm", StringComparison.Ordinal) || !File.Exists(synced + ".there"))
            {
                File.Delete(file);
                continue;
            }

            byte[] had = File.ReadAllBytes(file), has = File.Exists(synced) ? File.ReadAllBytes(synced) : [];
            byte[] result = has;
            if (kept > 0)
            {
                result = new byte[Math.Max(had.Length, has.Length)];
                has.CopyTo(result, 0);
                for (int at = 0; at < had.Length; at += BlockBytes)
                {
                    int length = Math.Min(BlockBytes, had.Length - at);
                    if (random.NextDouble() < kept) had.AsSpan(at, length).CopyTo(result.AsSpan(at));
                }
            }

            for (int at = 0; at < had.Length; at += BlockBytes)
            {
                int length = Math.Min(BlockBytes, had.Length - at);
                if (at + length > result.Length || !had.AsSpan(at, length).SequenceEqual(result.AsSpan(at, length))) lost++;
            }

            File.WriteAllBytes(file, result);
            File.WriteAllBytes(synced, result);
        }

        return lost;
    }

    public void Dispose()
    {
        _folder.Dispose();
        File.Delete(_library);
    }
}
