using System.Net.Sockets;
using Npgsql;
using Sirsi.Core.Errors;

namespace Sirsi.Store.Postgres;

/// <summary>What kind of failure an exception of the driver is.</summary>
internal enum PostgresFailure
{
    /// <summary>Units collided: to be begun again.</summary>
    Collision,

    /// <summary>The server is gone, going or starting: to be begun again on another connection.</summary>
    Lost,

    /// <summary>All connections are in use.</summary>
    PoolExhausted,

    /// <summary>Nothing that trying again would mend.</summary>
    Final,
}

/// <summary>What failures of the server and of the way to it mean. SQLSTATEs are those of PostgreSQL's appendix A.</summary>
internal static class PostgresFailures
{
    public static PostgresFailure KindOf(Exception failure) => failure switch
    {
        PostgresException { SqlState: "40001" or "40P01" or "CR000" } => PostgresFailure.Collision,
        PostgresException { SqlState: "57P01" or "57P02" or "57P03" or "53300" } => PostgresFailure.Lost,
        PostgresException { SqlState: ['0', '8', ..] } => PostgresFailure.Lost,
        PostgresException => PostgresFailure.Final,
        NpgsqlException { InnerException: TimeoutException } exhausted when IsPool(exhausted) => PostgresFailure.PoolExhausted,
        NpgsqlException { InnerException: TimeoutException } => PostgresFailure.Final,
        NpgsqlException { InnerException: IOException or SocketException or null } => PostgresFailure.Lost,
        IOException or SocketException => PostgresFailure.Lost,
        _ => PostgresFailure.Final,
    };

    /// <summary>The exception a caller gets; what is not the database's comes out as it is.</summary>
    public static Exception Of(Exception failure, string place) => failure switch
    {
        PostgresException server => new StoreException(CodeOf(server.SqlState), $"{place}: {server.MessageText} (SQLSTATE {server.SqlState}).", failure),
        NpgsqlException exhausted when KindOf(exhausted) is PostgresFailure.PoolExhausted =>
            new StoreException(StoreErrors.Busy, $"{place}: no connection came free in WaitTimeMax; ConnectionsMax says how many there are.", failure),
        NpgsqlException { InnerException: TimeoutException } =>
            new StoreException(StoreErrors.Busy, $"{place} did not answer within SessionTimeMax.", failure),
        NpgsqlException or IOException or SocketException => new StoreException(StoreErrors.Unreachable, $"{place}: {Words(failure)}", failure),
        _ => failure,
    };

    private static string Words(Exception failure) =>
        failure.InnerException is { } inner ? $"{failure.Message.TrimEnd('.')}: {inner.Message}" : failure.Message;

    private static ErrorCode CodeOf(string state) => state switch
    {
        "53100" => StoreErrors.StorageFull,
        "58030" or "XX001" or "XX002" => StoreErrors.StorageFailed,
        "57014" or "55P03" or "25P03" => StoreErrors.Busy,
        "40003" => StoreErrors.OutcomeUnknown,
        "3D000" or "53300" or "57P01" or "57P02" or "57P03" => StoreErrors.Unreachable,
        ['2', '3', ..] => StoreErrors.ConstraintViolated,
        ['2', '8', ..] or ['0', '8', ..] => StoreErrors.Unreachable,
        ['5', '3', ..] => StoreErrors.Busy,
        _ => StoreErrors.StatementFailed,
    };

    private static bool IsPool(NpgsqlException failure) => failure.Message.Contains("pool", StringComparison.Ordinal);
}
