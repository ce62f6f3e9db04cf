using System.Reflection;

namespace Sirsi.Core.Tests.Hosting;

/// <summary>A ban that names nothing bans nothing, and says so nowhere.</summary>
public sealed class BannedSymbolsTests
{
    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(Repository.Root, "src", "BannedSymbols.txt"));

    private static readonly Assembly[] Framework =
    [
        typeof(object).Assembly, typeof(System.Diagnostics.Stopwatch).Assembly, typeof(System.Threading.Channels.Channel).Assembly,
        typeof(Parallel).Assembly, typeof(ParallelEnumerable).Assembly, typeof(System.Timers.Timer).Assembly, typeof(Thread).Assembly,
    ];

    [Fact]
    public void Each_ban_names_its_alternative() =>
        Assert.All(Lines, static line => Assert.Matches("^[TMPF]:[^;]+;.{15,}$", line));

    [Fact]
    public void Each_ban_names_something_that_exists()
    {
        string[] unknown = [.. Lines.Select(static line => line.Split(';')[0]).Where(static id => !Exists(id))];
        Assert.True(unknown.Length == 0, string.Join('\n', unknown));
    }

    [Fact]
    public void The_list_holds_nothing_twice() =>
        Assert.Equal(Lines.Distinct(StringComparer.Ordinal), Lines);

    [Theory]
    [InlineData("P:System.DateTime.UtcNow")]
    [InlineData("P:System.DateTimeOffset.Now")]
    [InlineData("P:System.Random.Shared")]
    [InlineData("M:System.Guid.NewGuid")]
    [InlineData("M:System.Guid.CreateVersion7")]
    [InlineData("M:System.Threading.Tasks.Task.Run(System.Action)")]
    [InlineData("T:System.Threading.ThreadPool")]
    [InlineData("T:System.Threading.Timer")]
    [InlineData("M:System.Threading.Thread.Sleep(System.Int32)")]
    [InlineData("M:System.Threading.Tasks.Task.Delay(System.TimeSpan)")]
    [InlineData("M:System.Threading.Tasks.Task.ConfigureAwait(System.Boolean)")]
    [InlineData("M:System.Threading.Tasks.ValueTask`1.ConfigureAwait(System.Boolean)")]
    [InlineData("P:System.Environment.TickCount64")]
    [InlineData("T:System.Diagnostics.Stopwatch")]
    public void The_ways_round_the_host_environment_are_closed(string id) =>
        Assert.Contains(Lines, line => line.StartsWith(id + ";", StringComparison.Ordinal));

    private static bool Exists(string id)
    {
        string name = id[2..];
        if (id[0] == 'T') return TypeOf(name) is not null;
        string[] head = name.Split('(');
        int dot = head[0].LastIndexOf('.');
        string member = head[0][(dot + 1)..].Replace('#', '.').Split("``")[0];
        int parameters = head.Length == 1 ? 0 : CountParameters(head[1]);
        const BindingFlags Any = BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        return TypeOf(head[0][..dot]) is { } type && type.GetMember(member, Any)
            .Any(found => found is not MethodBase method || method.GetParameters().Length == parameters);
    }

    private static Type? TypeOf(string name) => Framework.Select(assembly => assembly.GetType(name)).FirstOrDefault(static type => type is not null);

    private static int CountParameters(string list)
    {
        int depth = 0;
        int count = 1;
        foreach (char letter in list)
        {
            if (letter == '{') depth++;
            else if (letter == '}') depth--;
            else if (letter == ',' && depth == 0) count++;
        }

        return count;
    }
}
