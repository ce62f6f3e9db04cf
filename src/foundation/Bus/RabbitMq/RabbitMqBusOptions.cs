using Sirsi.Bus.Events;
using Sirsi.Bus.Leases;

namespace Sirsi.Bus.RabbitMq;

/// <summary>Where RabbitMQ brokers (3.10 or newer) are, and how to speak with them.</summary>
public sealed record RabbitMqBusOptions
{
    /// <summary>Addresses, <c>HOST:PORT</c>, tried in turn. At least one.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }

    /// <summary>The user; <c>guest</c> by default, whom brokers let in from their own machine only. Another one needs to configure, write and read <c>^PREFIX\.</c>.</summary>
    public string User { get; init; } = "guest";

    /// <summary>The user's password. Never shown.</summary>
    public string Password { get; init; } = "guest";

    /// <summary>The virtual host; <c>/</c> by default.</summary>
    public string VirtualHost { get; init; } = "/";

    /// <summary>Whether to use TLS; off by default.</summary>
    public bool UseTls { get; init; }

    /// <summary>A file with the certificates (PEM) of the authorities that may sign the broker's; those of the machine by default.</summary>
    public string? TlsAuthorityFile { get; init; }

    /// <summary>What all exchanges and queues begin with: 1 to 32 lower-case letters, digits, <c>-</c> or <c>_</c>; <c>sirsi</c> by default.</summary>
    public string Prefix { get; init; } = "sirsi";

    /// <summary>How long to wait for a connection, 100 ms to 5 minutes; 5 seconds by default.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long to wait for an answer, 50 ms to 5 minutes; 5 seconds by default.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After so long without a sign of life a member's partitions go to others, 500 ms to 1 hour; 10 seconds by default.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Publications to one log that may be under way at once, 1 to 1,048,576; 65,536 by default. More are refused.</summary>
    public int AppendsMax { get; init; } = 65_536;

    /// <summary>Events of one partition that are fetched ahead, 16 to 8,192; 512 by default.</summary>
    public int AheadMax { get; init; } = 512;

    /// <summary>The addresses; never the password.</summary>
    public override string ToString() => $"RabbitMQ at {string.Join(", ", Addresses)}{(UseTls ? " over TLS" : "")}";

    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Addresses);
        if (Addresses.Count == 0) throw new ArgumentException("There is no address.", nameof(Addresses));
        if (Prefix is null || Prefix.Length > 32 || !TopicParts.IsPart(Prefix))
            throw new ArgumentException("A prefix is 1 to 32 lower-case letters, digits, '-' or '_'.", nameof(Prefix));
        if (!UseTls && TlsAuthorityFile is not null) throw new ArgumentException("Without TLS nothing is trusted: set UseTls as well.", nameof(UseTls));
        Check(ConnectTimeout, TimeSpan.FromMilliseconds(100), nameof(ConnectTimeout));
        Check(AnswerTimeout, TimeSpan.FromMilliseconds(50), nameof(AnswerTimeout));
        LeaseOptions.Validate(Lease, nameof(Lease));
        if (AppendsMax is < 1 or > 1 << 20) throw new ArgumentOutOfRangeException(nameof(AppendsMax), AppendsMax, "It is 1 to 1,048,576.");
        if (AheadMax is < 16 or > 8_192) throw new ArgumentOutOfRangeException(nameof(AheadMax), AheadMax, "It is 16 to 8,192.");
    }

    private static void Check(TimeSpan value, TimeSpan min, string name)
    {
        if (value < min || value > TimeSpan.FromMinutes(5)) throw new ArgumentOutOfRangeException(name, value, $"It is {min} to 5 minutes.");
    }
}
