using System.Buffers.Binary;
using System.Text;
using Sirsi.Core.Hosting;
using Sirsi.Journal.Format;

namespace Sirsi.Journal.Tests.Format;

/// <summary>docs/journal-format.md, byte by byte: read here by other means than the library's.</summary>
public sealed class FormatTests
{
    private readonly DeterministicHost _host = new(seed: 1);

    [Theory]
    [InlineData("", 0u)]
    [InlineData("123456789", 0xE306_9283u)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x2262_0404u)]
    public void The_checksum_is_that_of_the_standard(string text, uint checksum)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        Assert.Equal(checksum, Checksum.Of(bytes));
        for (int cut = 0; cut <= bytes.Length; cut++) Assert.Equal(checksum, Checksum.Of(bytes.AsSpan(cut), Checksum.Of(bytes.AsSpan(0, cut))));
    }

    [Fact]
    public void A_segment_is_written_as_documented() => _host.Run(async () =>
    {
        await using (SegmentedJournal journal = await Small.OpenAsync(_host.Environment))
        {
            await journal.AppendAsync("abc"u8.ToArray());
            await Task.Delay(TimeSpan.FromMilliseconds(7), _host.Environment.Time);
            var group = new RecordGroup();
            group.Add("de"u8);
            group.Add("f"u8);
            await journal.AppendAsync(group);
        }

        byte[] bytes = await Small.BytesAsync(_host.Environment, "0000000000000000001.journal");
        long start = 1_767_225_600_000_000; // 2026-01-01, when the host's clock begins.
        Assert.Equal("SIRSIJNL"u8.ToArray(), bytes[..8]);
        Assert.Equal([1, 0, 64, 0, 0, 0, 0, 0], bytes[8..16]);
        Assert.Equal((1, start), (Long(bytes, 32), Long(bytes, 40)));
        uint salt = (uint)Int(bytes, 48);
        Assert.Equal(Bitwise(0, bytes[..60]), (uint)Int(bytes, 60));

        CheckGroup(bytes, 64, salt, [7, 1, 0, 64], start, [3, 0, 0, 0, (byte)'a', (byte)'b', (byte)'c', 0]);
        CheckGroup(bytes, 104, salt, [11, 2, 1, 104], start + 7_000, [2, 0, 0, 0, (byte)'d', (byte)'e', 1, 0, 0, 0, (byte)'f', 0, 0, 0, 0, 0]);
        CheckGroup(bytes, 152, salt, [0, 0, 3, 152], start + 7_000, []);
        Assert.Equal(Small.Options.SegmentBytes, bytes.Length);
        Assert.All(bytes[184..], static value => Assert.Equal(0, value));
    });

    [Fact]
    public void A_complete_segment_ends_as_documented() => _host.Run(async () =>
    {
        await using (SegmentedJournal journal = await Small.OpenAsync(_host.Environment)) await Small.AppendAsync(journal, 15);
        byte[] bytes = await Small.BytesAsync(_host.Environment, "0000000000000000001.journal");
        const int DataEnd = 64 + (14 * 136);
        Assert.Equal(DataEnd + 16 + 64, bytes.Length);
        uint salt = (uint)Int(bytes, 48);
        byte[] index = bytes[DataEnd..(DataEnd + 16)];
        byte[] footer = bytes[^64..];
        Assert.Equal((64, 0), (Int(index, 0), Int(index, 4)));
        Assert.Equal("SIRSIEND"u8.ToArray(), footer[..8]);
        Assert.Equal((DataEnd, 14, 1), (Int(footer, 8), Int(footer, 12), Int(footer, 32)));
        Assert.Equal(Bitwise(salt, index), (uint)Int(footer, 36));
        Assert.Equal(Bitwise(salt, footer[..60]), (uint)Int(footer, 60));
        Assert.Equal(["0000000000000000001.journal", "0000000000000000015.journal"], _host.Files.OpenFolder("j").List());
    });

    [Fact]
    public void Random_bytes_are_never_taken_for_a_journal_and_never_do_harm() => Check.That(seed: 8, runs: 2_000, static random =>
    {
        var bytes = new byte[random.Next(400)];
        random.NextBytes(bytes);
        Assert.Null(SegmentHeader.TryRead(bytes, out _));
        Assert.Null(SegmentFooter.TryRead(bytes, salt: 1, bytes.Length));
        for (int i = 0; i + GroupHeader.Size <= bytes.Length; i++) Assert.False(GroupHeader.TryRead(bytes.AsSpan(i), salt: 1, i, out _));
    });

    [Fact]
    public void A_hostile_group_with_right_checksums_and_wrong_lengths_is_damage() => Check.That(seed: 9, runs: 300, static random =>
    {
        var host = new DeterministicHost(random.Next());
        host.Run(async () =>
        {
            await using (SegmentedJournal journal = await Small.OpenAsync(host.Environment)) await Small.AppendAsync(journal, 2);
            string name = host.Files.OpenFolder("j").List()[0];
            byte[] bytes = await Small.BytesAsync(host.Environment, name);
            SegmentHeader header = SegmentHeader.TryRead(bytes, out _)!;
            var body = new byte[104];
            BinaryPrimitives.WriteInt32LittleEndian(body, random.Next(4) switch { 0 => -1, 1 => int.MaxValue, 2 => 99, _ => 101 });
            var frame = new byte[136];
            body.CopyTo(frame.AsSpan(32));
            new GroupHeader(104, 1, 0, 64, header.CreatedAt, Checksum.Of(body)).Write(frame, header.Salt, 64);
            await Small.OverwriteAsync(host.Environment, name, 64, frame);
            await using SegmentedJournal again = await Small.OpenAsync(host.Environment);
            using JournalReader reader = again.OpenReader(1);
            Assert.Equal(JournalErrors.Damaged, (await Assert.ThrowsAsync<JournalException>(async () => await reader.ReadAsync())).Code);
        });
    });

    private static void CheckGroup(byte[] bytes, int at, uint salt, int[] numbers, long time, byte[] body)
    {
        for (int i = 0; i < 4; i++) Assert.Equal(numbers[i], Int(bytes, at + (4 * i)));
        Assert.Equal(time, Long(bytes, at + 16));
        Assert.Equal(Bitwise(0, body[..numbers[0]]), (uint)Int(bytes, at + 24));
        Assert.Equal(Bitwise(salt ^ unchecked((uint)at * 0x9E37_79B1u), bytes[at..(at + 28)]), (uint)Int(bytes, at + 28));
        Assert.Equal(body, bytes[(at + 32)..(at + 32 + body.Length)]);
    }

    /// <summary>CRC-32C by its definition, bit by bit: reflected polynomial 0x82F63B78.</summary>
    private static uint Bitwise(uint before, byte[] bytes)
    {
        uint state = ~before;
        foreach (byte one in bytes)
        {
            state ^= one;
            for (int bit = 0; bit < 8; bit++) state = (state & 1) == 0 ? state >> 1 : (state >> 1) ^ 0x82F6_3B78u;
        }

        return ~state;
    }

    private static int Int(byte[] bytes, int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));

    private static long Long(byte[] bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));
}
