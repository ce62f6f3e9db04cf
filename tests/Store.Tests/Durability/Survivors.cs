using Sirsi.Core.Hosting;

namespace Sirsi.Store.Tests.Durability;

/// <summary>Looks what is left of the numbers a writer wrote, and whether it may be so.</summary>
internal static class Survivors
{
    private static readonly CancellationToken None = CancellationToken.None;

    /// <summary>Opens the database as the next start would, checks it, and gives the greatest number in it.</summary>
    public static async Task<long> CheckAsync(DatabaseOptions options, IReadOnlyCollection<long> acknowledged, IReadOnlyCollection<long> refused)
    {
        await using Database database = await Database.OpenAsync(options with { Limits = new DatabaseLimits { RowsMax = int.MaxValue } }, [], HostEnvironment.Production, None);
        (long[] numbers, long[] twins) = await database.ReadAsync(static async session => (
            (long[])[.. await session.QueryAsync("SELECT number FROM numbers ORDER BY number", static row => row.Integer(0))],
            (long[])[.. await session.QueryAsync("SELECT number FROM twins ORDER BY number", static row => row.Integer(0))]), None);
        Assert.Equal(numbers.Distinct(), numbers); // None twice.
        Assert.Equal(twins, numbers); // No unit is there in part.
        Assert.Empty(acknowledged.Except(numbers)); // Every acknowledged one is there.
        Assert.Empty(refused.Intersect(numbers)); // And none that failed alone.
        DatabaseCheckReport report = await DatabaseCheck.RunAsync(database, [], None);
        Assert.True(report.IsSound, string.Join("; ", report.Facts.Where(static fact => fact.Problem is not null)));
        return numbers.Length == 0 ? 0 : numbers[^1];
    }
}
