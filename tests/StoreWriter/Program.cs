using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Store;
using Sirsi.Store.Postgres;
using Sirsi.Store.Sqlite;

// Commits units of work from many callers until it is killed, and prints the number of each once it is acknowledged:
//   StoreWriter FILE|postgres://… CALLERS FIRST      prints "ack N", "fail CODE"; every number from FIRST on is written once
// The numbers that callers are given are never used again, so the reader can tell what is lost and what is there twice.
string place = args[0];
int callers = int.Parse(args[1]);
long next = long.Parse(args[2]) - 1;
DatabaseOptions options = place.StartsWith("postgres://", StringComparison.Ordinal)
    ? PostgresOptions.Parse(place) with { ReconnectTimeMax = TimeSpan.FromSeconds(20) }
    : new SqliteOptions { Path = place, LogPagesMax = 200 };
HostEnvironment environment = HostEnvironment.Production;
MigrationSeries series = new("writer", new Migration(1, "numbers", static d =>
    $"CREATE TABLE IF NOT EXISTS numbers (row {d.Identity}, number {d.Integer} NOT NULL) {d.Table};"
    + $"CREATE TABLE IF NOT EXISTS twins (number {d.Integer} NOT NULL PRIMARY KEY, filling {d.Bytes} NOT NULL) {d.KeyedTable}"));
Database database = await Database.OpenAsync(options, [series], environment, CancellationToken.None);
var scope = new ProjectScope(new Id<TenantKind>(environment.Ids.Next()), new Id<ProjectKind>(environment.Ids.Next()));
var output = new Lock();
Say("open");
await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(() => WriteAsync(caller))));

async Task WriteAsync(int caller)
{
    var random = new Random(caller);
    while (true)
    {
        long number = Interlocked.Increment(ref next);
        byte[] filling = new byte[random.Next(600)];
        try
        {
            await database.RunAsync(async unit =>
            {
                await unit.ExecuteAsync("INSERT INTO numbers (number) VALUES ($1)", number);
                await unit.ExecuteAsync("INSERT INTO twins (number, filling) VALUES ($1, $2)", number, filling);
                if (number % 10 == 0) await KeyValues.PutAsync(unit, new KeySpace(scope, $"caller {caller}"), "last", BitConverter.GetBytes(number));
                if (number % 23 == 0) throw new FormatException("this one is meant to fail");
            }, CancellationToken.None);
            Say($"ack {number}");
        }
        catch (FormatException)
        {
            Say($"refused {number}");
        }
        catch (StoreException failure)
        {
            Say($"fail {number} {failure.Code}");
            await Task.Delay(20);
        }
    }
}

void Say(string line)
{
    lock (output)
    {
        Console.WriteLine(line);
        Console.Out.Flush();
    }
}
