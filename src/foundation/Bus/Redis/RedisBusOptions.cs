using Sirsi.Bus.Leases;

namespace Sirsi.Bus.Redis;

/// <summary>Where a Redis or Valkey server (6.2 or newer, alone or a cluster) is, and how to speak with it.</summary>
public sealed record RedisBusOptions
{
    /// <summary>Addresses, <c>HOST:PORT</c>; of a cluster some of its nodes are enough. At least one.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }

    /// <summary>The user (ACL); null for the default user. It needs the keys <c>PREFIX:*</c> and the channels <c>PREFIX:*</c>.</summary>
    public string? User { get; init; }

    /// <summary>The user's password; null for none. Never shown.</summary>
    public string? Password { get; init; }

    /// <summary>Whether to use TLS; off by default.</summary>
    public bool UseTls { get; init; }

    /// <summary>The name the server's certificate must have; the address's host by default.</summary>
    public string? TlsHost { get; init; }

    /// <summary>A file with the certificates (PEM) of the authorities that may sign the server's; those of the machine by default.</summary>
    public string? TlsAuthorityFile { get; init; }

    /// <summary>What all keys and channels begin with: 1 to 32 lower-case letters, digits, <c>-</c> or <c>_</c>; <c>sirsi</c> by default.</summary>
    public string Prefix { get; init; } = "sirsi";

    /// <summary>How long to wait for a connection, 100 ms to 5 minutes; 5 seconds by default.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long to wait for an answer, 50 ms to 5 minutes; 2 seconds by default.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>After so long without a sign of life a member's partitions go to others, 500 ms to 1 hour; 10 seconds by default.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often to look for events of which no message came, 10 ms to 1 minute; 500 ms by default.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often what is too old or too much is taken out of a log one publishes to, 100 ms to 1 hour; 10 seconds by default.</summary>
    public TimeSpan TrimInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Publications to one log that may be under way at once, 1 to 1,048,576; 65,536 by default. More are refused.</summary>
    public int AppendsMax { get; init; } = 65_536;

    /// <summary>The addresses; never the password.</summary>
    public override string ToString() => $"Redis at {string.Join(", ", Addresses)}{(UseTls ? " over TLS" : "")}";

    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Addresses);
        if (Addresses.Count == 0) throw new ArgumentException("There is no address.", nameof(Addresses));
        if (Prefix is null || Prefix.Length > 32 || !Events.TopicParts.IsPart(Prefix))
            throw new ArgumentException("A prefix is 1 to 32 lower-case letters, digits, '-' or '_'.", nameof(Prefix));
        if (!UseTls && (TlsHost ?? TlsAuthorityFile) is not null) throw new ArgumentException("Without TLS nothing is trusted: set UseTls as well.", nameof(UseTls));
        Check(ConnectTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5), nameof(ConnectTimeout));
        Check(AnswerTimeout, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(5), nameof(AnswerTimeout));
        Check(PollInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1), nameof(PollInterval));
        Check(TrimInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1), nameof(TrimInterval));
        LeaseOptions.Validate(Lease, nameof(Lease));
        if (AppendsMax is < 1 or > 1 << 20) throw new ArgumentOutOfRangeException(nameof(AppendsMax), AppendsMax, "It is 1 to 1,048,576.");
    }

    private static void Check(TimeSpan value, TimeSpan min, TimeSpan max, string name)
    {
        if (value < min || value > max) throw new ArgumentOutOfRangeException(name, value, $"It is {min} to {max}.");
    }
}
