using System.Collections.Immutable;
using System.Text;
using Sirsi.Store.Tests.Engines;

namespace Sirsi.Store.Tests.Contracts;

public abstract class KeyValueContract : Contract
{
    protected KeySpace Space => new(Scope, "context");

    [Fact]
    public async Task A_key_has_the_value_and_version_last_written()
    {
        KeyWrite first = await PutAsync("a", "1"), second = await PutAsync("a", "2");
        Assert.Equal((true, 1), (first.IsDone, first.Version));
        Assert.Equal(2, second.Version);
        KeyValue value = Assert.IsType<KeyValue>(await GetAsync("a"));
        Assert.Equal(("a", "2", 2), (value.Key, Text(value.Value), value.Version));
        Assert.Null(await GetAsync("b"));
    }

    [Fact]
    public async Task A_key_is_written_only_over_the_version_expected()
    {
        Assert.True((await PutAsync("a", "1", expected: 0)).IsDone);
        Assert.Equal(new KeyWrite(IsDone: false, 1), await PutAsync("a", "2", expected: 0));
        Assert.Equal(new KeyWrite(IsDone: false, 1), await PutAsync("a", "2", expected: 7));
        Assert.Equal(new KeyWrite(IsDone: true, 2), await PutAsync("a", "2", expected: 1));
        Assert.Equal("2", Text((await GetAsync("a"))!.Value));
    }

    [Fact]
    public async Task A_version_is_never_used_again_even_after_the_key_was_removed()
    {
        await PutAsync("a", "1");
        Assert.True((await Database.RunAsync(unit => KeyValues.DeleteAsync(unit, Space, "a", 1), Cancellation)).IsDone);
        Assert.Null(await GetAsync("a"));
        Assert.False((await PutAsync("a", "2", expected: 1)).IsDone);
        Assert.Equal(3, (await PutAsync("a", "2", expected: 0)).Version);
    }

    [Fact]
    public async Task Of_many_who_expect_the_same_version_one_wins()
    {
        KeyWrite[] writes = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => PutAsync("a", $"{number}", expected: 0)));
        Assert.Single(writes, static write => write.IsDone);
    }

    [Fact]
    public async Task Compare_and_set_counts_without_losing_any()
    {
        await PutAsync("count", "0");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            for (int done = 0; done < 5;)
            {
                KeyValue now = (await GetAsync("count"))!;
                if ((await PutAsync("count", $"{int.Parse(Text(now.Value)) + 1}", now.Version)).IsDone) done++;
            }
        }));
        Assert.Equal("40", Text((await GetAsync("count"))!.Value));
    }

    [Fact]
    public async Task Another_project_and_another_space_have_keys_of_their_own()
    {
        await PutAsync("a", "mine");
        foreach (KeySpace other in new[] { new KeySpace(Engine.NewScope(), "context"), new KeySpace(Scope, "other"), new KeySpace(Scope with { Tenant = Engine.NewScope().Tenant }, "context") })
        {
            Assert.Null(await Database.ReadAsync(session => KeyValues.GetAsync(session, other, "a"), Cancellation));
            Assert.Equal(1, (await Database.RunAsync(unit => KeyValues.PutAsync(unit, other, "a", Bytes("theirs"), 0), Cancellation)).Version);
        }

        Assert.Equal("mine", Text((await GetAsync("a"))!.Value));
    }

    [Fact]
    public async Task History_tells_every_change_of_a_key_newest_first_page_by_page()
    {
        for (int number = 1; number <= 5; number++) await PutAsync("a", $"{number}");
        await PutAsync("b", "x");
        await Database.RunAsync(unit => KeyValues.DeleteAsync(unit, Space, "a"), Cancellation);
        var told = new List<string>();
        string? cursor = null;
        do
        {
            Page<KeyChange> page = await Database.ReadAsync(session => KeyValues.HistoryAsync(session, Space, "a", new PageRequest(2, cursor)), Cancellation);
            Assert.InRange(page.Items.Length, 1, 2);
            told.AddRange(page.Items.Select(static change => change.Value is { } value ? Text(value) : "removed"));
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal(["removed", "5", "4", "3", "2", "1"], told);
    }

    [Fact]
    public async Task Keys_are_listed_in_the_order_of_their_bytes_and_by_prefix()
    {
        string[] keys = ["a", "a/1", "a/10", "a/2", "a/é", "a0", "b", "B", "ä"];
        foreach (string key in keys) await PutAsync(key, key);
        Assert.Equal(keys.OrderBy(static key => Convert.ToHexString(Encoding.UTF8.GetBytes(key)), StringComparer.Ordinal), await ListAsync("", 2));
        Assert.Equal(["a/1", "a/10", "a/2", "a/é"], await ListAsync("a/", 3));
        Assert.Empty(await ListAsync("zz", 3));
    }

    [Fact]
    public async Task Paging_neither_repeats_nor_skips_while_keys_come_and_go()
    {
        for (int number = 0; number < 30; number++) await PutAsync($"k{number:00}", "");
        var seen = new List<string>();
        string? cursor = null;
        for (int round = 0; ; round++)
        {
            Page<KeyValue> page = await Database.ReadAsync(session => KeyValues.ListAsync(session, Space, "k", new PageRequest(7, cursor)), Cancellation);
            seen.AddRange(page.Items.Select(static item => item.Key));
            cursor = page.Next;
            if (cursor is null) break;
            await Database.RunAsync(unit => KeyValues.DeleteAsync(unit, Space, $"k{round:00}"), Cancellation);
            await PutAsync($"k{round:00}a", "");
        }

        Assert.Equal(seen.Distinct(StringComparer.Ordinal), seen);
        Assert.Equal(30, seen.Count(static key => key.Length == 3));
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("not base 64!")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_cursor_that_the_listing_did_not_give_is_refused(string cursor) =>
        await Assert.ThrowsAsync<ArgumentException>(() => Database.ReadAsync(session => KeyValues.ListAsync(session, Space, "", new PageRequest(5, cursor)), Cancellation));

    [Fact]
    public async Task A_cursor_of_one_listing_is_refused_by_another()
    {
        for (int number = 0; number < 3; number++) await PutAsync($"k{number}", "");
        Page<KeyValue> page = await Database.ReadAsync(session => KeyValues.ListAsync(session, Space, "k", new PageRequest(1)), Cancellation);
        Assert.NotNull(page.Next);
        await Assert.ThrowsAsync<ArgumentException>(() => Database.ReadAsync(session => KeyValues.ListAsync(session, Space, "", new PageRequest(1, page.Next)), Cancellation));
    }

    [Fact]
    public async Task A_watcher_sees_every_change_once_in_the_order_of_the_versions()
    {
        await PutAsync("before", "0");
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var seen = new List<KeyChange>();
        Task watching = WatchAsync(0, change =>
        {
            seen.Add(change);
            if (seen.Count == 41) enough.Cancel();
        }, enough.Token);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(number => PutAsync($"k{number % 5}", $"{number}")));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal(Enumerable.Range(1, 41).Select(static number => (long)number), seen.Select(static change => change.Version));
    }

    [Fact]
    public async Task A_watcher_of_changes_that_were_trimmed_is_told_so()
    {
        for (int number = 1; number <= 5; number++) await PutAsync("a", $"{number}");
        Assert.Equal(3, await Database.RunAsync(unit => KeyValues.TrimAsync(unit, Space, 3), Cancellation));
        var failure = await Assert.ThrowsAsync<StoreException>(() => WatchAsync(2, static _ => { }, Cancellation));
        Assert.Equal(StoreErrors.HistoryGone, failure.Code);
        IReadOnlyList<KeyChange> kept = await Database.ReadAsync(session => KeyValues.ChangesAsync(session, Space, 3, 10), Cancellation);
        Assert.Equal([4, 5], kept.Select(static change => change.Version));
        Assert.Equal("5", Text((await GetAsync("a"))!.Value));
    }

    [Fact]
    public async Task It_behaves_as_a_dictionary_with_counted_changes_would()
    {
        var random = new Random(44);
        var model = new Dictionary<string, (string Value, long Version)>(StringComparer.Ordinal);
        long revision = 0;
        for (int step = 0; step < 150; step++)
        {
            string key = $"k{random.Next(6)}";
            long version = model.TryGetValue(key, out var held) ? held.Version : 0;
            long? expected = random.Next(3) switch { 0 => null, 1 => version, _ => random.Next(4) };
            bool fits = expected is null || expected == version;
            if (random.Next(3) == 0)
            {
                KeyWrite write = await Database.RunAsync(unit => KeyValues.DeleteAsync(unit, Space, key, expected), Cancellation);
                Assert.Equal(fits, write.IsDone);
                if (fits && model.Remove(key)) revision++;
            }
            else
            {
                KeyWrite write = await PutAsync(key, $"{step}", expected);
                Assert.Equal(fits, write.IsDone);
                if (fits) model[key] = ($"{step}", ++revision);
                Assert.Equal(fits ? revision : version, write.Version);
            }
        }

        ImmutableArray<KeyValue> all = (await Database.ReadAsync(session => KeyValues.ListAsync(session, Space, "", new PageRequest()), Cancellation)).Items;
        Assert.Equal(model.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => (pair.Key, pair.Value.Value, pair.Value.Version)),
            all.Select(static value => (value.Key, Text(value.Value), value.Version)));
        Assert.Equal(revision, await Database.ReadAsync(session => KeyValues.RevisionAsync(session, Space), Cancellation));
        Assert.True((await DatabaseCheck.RunAsync(Database, [], Cancellation)).IsSound);
    }

    [Fact]
    public async Task Values_and_keys_beyond_their_limits_are_refused()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => PutAsync("", "x"));
        await Assert.ThrowsAsync<ArgumentException>(() => PutAsync(new string('é', 257), "x"));
        await Assert.ThrowsAsync<ArgumentException>(() => PutAsync("a\0b", "x"));
        await Assert.ThrowsAsync<ArgumentException>(() => Database.RunAsync(unit => KeyValues.PutAsync(unit, Space, "a", new byte[KeyValues.ValueBytesMax + 1]), Cancellation));
        Assert.True((await Database.RunAsync(unit => KeyValues.PutAsync(unit, Space, "a", new byte[KeyValues.ValueBytesMax]), Cancellation)).IsDone);
        Assert.Throws<ArgumentException>(() => new KeySpace(default, "x"));
    }

    private async Task<List<string>> ListAsync(string prefix, int limit)
    {
        var keys = new List<string>();
        string? cursor = null;
        do
        {
            Page<KeyValue> page = await Database.ReadAsync(session => KeyValues.ListAsync(session, Space, prefix, new PageRequest(limit, cursor)), Cancellation);
            keys.AddRange(page.Items.Select(static item => item.Key));
            cursor = page.Next;
        }
        while (cursor is not null);
        return keys;
    }

    protected async Task WatchAsync(long after, Action<KeyChange> see, CancellationToken cancellation)
    {
        await foreach (KeyChange change in KeyWatcher.WatchAsync(Database, Space, after, new KeyWatchOptions { PollInterval = TimeSpan.FromMilliseconds(50) }, cancellation))
            see(change);
    }

    private Task<KeyWrite> PutAsync(string key, string value, long? expected = null) =>
        Database.RunAsync(unit => KeyValues.PutAsync(unit, Space, key, Bytes(value), expected), Cancellation);

    private Task<KeyValue?> GetAsync(string key) => Database.ReadAsync(session => KeyValues.GetAsync(session, Space, key), Cancellation);

    protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    protected static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}

public sealed class SqliteKeyValueTests : KeyValueContract
{
    protected override ValueTask<Engine> CreateEngineAsync() => ValueTask.FromResult<Engine>(new SqliteEngine());
}

[Trait("Suite", "slow")]
public sealed class PostgresKeyValueTests : KeyValueContract
{
    protected override async ValueTask<Engine> CreateEngineAsync() => await PostgresEngine.CreateAsync();

    [Fact]
    public async Task A_watcher_sees_what_another_program_changed()
    {
        await using Database other = await Engine.OpenAsync();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var seen = new List<KeyChange>();
        Task watching = WatchAsync(0, change =>
        {
            seen.Add(change);
            enough.Cancel();
        }, enough.Token);
        await other.RunAsync(unit => KeyValues.PutAsync(unit, Space, "a", Bytes("x")), Cancellation);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal("x", Text(Assert.Single(seen).Value!.Value));
    }
}
