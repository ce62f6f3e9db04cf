using Npgsql;

namespace Sirsi.Store.Postgres;

/// <summary>How the connection to a server is protected.</summary>
public enum PostgresTls
{
    /// <summary>Off this machine as <see cref="VerifyFull"/>; on it TLS where the server offers it.</summary>
    Automatic,

    /// <summary>Plain text. Only for networks that are protected otherwise.</summary>
    Off,

    /// <summary>TLS with a certificate of a trusted authority that names the host.</summary>
    VerifyFull,
}

/// <summary>A database on a PostgreSQL (15 or later) or CockroachDB (22.2 or later) server.</summary>
public sealed record PostgresOptions : DatabaseOptions
{
    /// <summary>Host name, address, or folder of a Unix socket.</summary>
    public required string Host { get; init; }

    /// <summary>Port; default 5432 (CockroachDB listens on 26257).</summary>
    public int Port { get; init; } = 5432;

    /// <summary>Name of the database.</summary>
    public required string Name { get; init; }

    /// <summary>User to log in as.</summary>
    public required string User { get; init; }

    /// <summary>That user's password, if the server asks for one. Never shown.</summary>
    public string? Password { get; init; }

    /// <summary>How the connection is protected; default <see cref="PostgresTls.Automatic"/>.</summary>
    public PostgresTls Tls { get; init; }

    /// <summary>PEM file of the authorities to trust; by default those of the machine.</summary>
    public string? RootCertificateFile { get; init; }

    /// <summary>PEM file of a client certificate, for servers that want one.</summary>
    public string? ClientCertificateFile { get; init; }

    /// <summary>PEM file of that certificate's key.</summary>
    public string? ClientKeyFile { get; init; }

    /// <summary>Connections at most; default 16.</summary>
    public int ConnectionsMax { get; init; } = 16;

    /// <summary>
    /// Statements each connection keeps prepared; default 100. 0 where a pooler such as PgBouncer stands between: then the server is not asked either to end transactions of clients that have vanished
    /// (<c>idle_in_transaction_session_timeout</c>), which is to be set for the user there.
    /// </summary>
    public int PreparedStatementsMax { get; init; } = 100;

    /// <summary>Times a unit of work that collides with others is begun; default 12.</summary>
    public int AttemptsMax { get; init; } = 12;

    /// <summary>First pause before a unit is begun again; default 5 ms. It doubles with each further one, up to 1 s, with jitter.</summary>
    public TimeSpan RepeatDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>How long to try to get through to a server that is gone or starting; default 30 s.</summary>
    public TimeSpan ReconnectTimeMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether leases and queues go by the host environment's clock instead of the server's; default false. Only for one node, and for tests.
    /// </summary>
    public bool UseHostClock { get; init; }

    /// <summary>
    /// Options from an address such as <c>postgres://user@host:5432/name?tls=verify-full</c>; the password may be in it or come from elsewhere.
    /// </summary>
    /// <exception cref="ArgumentException">It is no such address.</exception>
    public static PostgresOptions Parse(string address)
    {
        ArgumentException.ThrowIfNullOrEmpty(address);
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("postgres" or "postgresql")
            || uri.Host.Length == 0 || uri.AbsolutePath.Length < 2 || uri.UserInfo.Length == 0)
            throw new ArgumentException("The address of a server is postgres://USER@HOST:PORT/DATABASE.", nameof(address));
        string[] user = uri.UserInfo.Split(':', 2);
        return new PostgresOptions
        {
            Host = uri.IdnHost.Trim('[', ']'),
            Port = uri.Port > 0 ? uri.Port : 5432,
            Name = Uri.UnescapeDataString(uri.AbsolutePath[1..]),
            User = Uri.UnescapeDataString(user[0]),
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
            Tls = TlsOf(uri.Query),
        };
    }

    /// <summary>Where it is, without the password.</summary>
    public override string ToString() => $"{User}@{Host}:{Port}/{Name}";

    internal override void Validate()
    {
        base.Validate();
        ArgumentException.ThrowIfNullOrEmpty(Host);
        ArgumentException.ThrowIfNullOrEmpty(Name);
        ArgumentException.ThrowIfNullOrEmpty(User);
        if (Port is < 1 or > 65_535) throw new ArgumentOutOfRangeException(nameof(Port), Port, "Port is 1 to 65,535.");
        if (ConnectionsMax is < 1 or > 1_000) throw new ArgumentOutOfRangeException(nameof(ConnectionsMax), ConnectionsMax, "ConnectionsMax is 1 to 1,000.");
        if (PreparedStatementsMax is < 0 or > 10_000)
            throw new ArgumentOutOfRangeException(nameof(PreparedStatementsMax), PreparedStatementsMax, "PreparedStatementsMax is 0 to 10,000.");
        if (AttemptsMax is < 1 or > 1_000) throw new ArgumentOutOfRangeException(nameof(AttemptsMax), AttemptsMax, "AttemptsMax is 1 to 1,000.");
        DatabaseLimits.ThrowIfNotInRange(RepeatDelay, nameof(RepeatDelay));
        DatabaseLimits.ThrowIfNotInRange(ReconnectTimeMax, nameof(ReconnectTimeMax));
    }

    internal string ConnectionString() => new NpgsqlConnectionStringBuilder
    {
        Host = Host,
        Port = Port,
        Database = Name,
        Username = User,
        Password = Password,
        SslMode = Tls switch
        {
            PostgresTls.Off => SslMode.Disable,
            PostgresTls.Automatic when IsOnThisMachine(Host) => SslMode.Prefer,
            _ => SslMode.VerifyFull,
        },
        RootCertificate = RootCertificateFile,
        SslCertificate = ClientCertificateFile,
        SslKey = ClientKeyFile,
        ApplicationName = "sirsi",
        Pooling = true,
        MaxPoolSize = ConnectionsMax,
        Timeout = Seconds(Limits.WaitTimeMax),
        CommandTimeout = Seconds(Limits.SessionTimeMax),
        MaxAutoPrepare = PreparedStatementsMax,
        AutoPrepareMinUsages = 2,
        // Who vanishes in the middle of a unit would keep its locks until the server misses him, which may take hours.
        Options = PreparedStatementsMax > 0 ? $"-c idle_in_transaction_session_timeout={Seconds(Limits.SessionTimeMax)}s" : null,
        // The reset of a returned connection would cost a trip: sessions leave nothing behind but what ROLLBACK removes.
        NoResetOnClose = true,
    }.ConnectionString;

    private static PostgresTls TlsOf(string query) => query switch
    {
        "" or "?tls=automatic" => PostgresTls.Automatic,
        "?tls=off" => PostgresTls.Off,
        "?tls=verify-full" => PostgresTls.VerifyFull,
        _ => throw new ArgumentException("After '?' an address has tls=automatic, tls=off or tls=verify-full.", nameof(query)),
    };

    private static int Seconds(TimeSpan span) => (int)Math.Ceiling(span.TotalSeconds);

    private static bool IsOnThisMachine(string host) =>
        host is "localhost" or "127.0.0.1" or "::1" || host.StartsWith('/');
}
