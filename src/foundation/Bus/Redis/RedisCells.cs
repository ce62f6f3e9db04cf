using System.Globalization;
using Sirsi.Bus.Leases;
using StackExchange.Redis;

namespace Sirsi.Bus.Redis;

/// <summary>Cells as hashes with the fields <c>r</c>, the revision, and <c>v</c>, the value.</summary>
internal sealed class RedisCells(RedisServer server, IDatabase database, RedisKeys keys) : CellStore
{
    private const string WriteScript =
        """
        if (redis.call('HGET', KEYS[1], 'r') or '0') ~= ARGV[1] then return 0 end
        redis.call('HSET', KEYS[1], 'r', ARGV[2], 'v', ARGV[3])
        return 1
        """;

    private static readonly RedisValue[] Fields = ["r", "v"];

    public override async ValueTask<Cell> ReadAsync(CellName name, CancellationToken cancellation)
    {
        RedisValue[] values = await server.AskAsync(database.HashGetAsync(keys.Cell(name), Fields));
        return values[0].IsNull ? default : new Cell((long)values[0], (byte[]?)values[1] ?? []);
    }

    public override async ValueTask<long> WriteAsync(CellName name, ReadOnlyMemory<byte> value, long revision, CancellationToken cancellation)
    {
        RedisResult result = await server.AskAsync(database.ScriptEvaluateAsync(
            WriteScript, [keys.Cell(name)], [Text(revision), Text(revision + 1), value]));
        return (long)result == 1 ? revision + 1 : 0;
    }

    private static RedisValue Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
