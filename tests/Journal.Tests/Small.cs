using Sirsi.Core.Hosting;

namespace Sirsi.Journal.Tests;

/// <summary>Journals small enough that a test fills several segments, and short ways to fill and read them.</summary>
internal static class Small
{
    public static JournalOptions Options { get; } = new() { BufferBytes = 1_024, SegmentBytes = 2_048, ReserveBytes = 4_096 };

    public static Task<SegmentedJournal> OpenAsync(HostEnvironment environment, JournalOptions? options = null) =>
        SegmentedJournal.OpenAsync(environment, "j", options ?? Options);

    /// <summary>Appends records "1", "2" and so on, each filled up to 100 bytes, awaiting each.</summary>
    public static async Task AppendAsync(SegmentedJournal journal, int count)
    {
        for (int i = 0; i < count; i++) await journal.AppendAsync(Record(journal.NextSequence));
    }

    public static byte[] Record(long sequence)
    {
        var bytes = new byte[100];
        bytes.AsSpan().Fill(0x5A);
        BitConverter.TryWriteBytes(bytes, sequence);
        return bytes;
    }

    /// <summary>Reads to the end; each record must be that of its number. Gives the numbers.</summary>
    public static async Task<List<long>> ReadAsync(JournalReader reader)
    {
        var numbers = new List<long>();
        while (await reader.ReadAsync())
        {
            Assert.Equal(Record(reader.Current.Sequence), reader.Current.Data.ToArray());
            numbers.Add(reader.Current.Sequence);
        }

        return numbers;
    }

    public static IEnumerable<long> Numbers(long first, long last)
    {
        for (long number = first; number <= last; number++) yield return number;
    }

    /// <summary>Changes bytes of a file as a failing disk would.</summary>
    public static async Task OverwriteAsync(HostEnvironment environment, string name, long position, byte[] bytes)
    {
        using HostFile file = environment.Files.OpenFolder("j").Open(name, HostFileAccess.Append);
        await file.WriteAsync(position, bytes, CancellationToken.None);
        await file.FlushAsync(CancellationToken.None);
    }

    public static async Task<byte[]> BytesAsync(HostEnvironment environment, string name)
    {
        using HostFile file = environment.Files.OpenFolder("j").Open(name, HostFileAccess.Read);
        var bytes = new byte[file.Length];
        Assert.Equal(bytes.Length, await file.ReadAsync(0, bytes, CancellationToken.None));
        return bytes;
    }
}
