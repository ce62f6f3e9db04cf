using Sirsi.Bus.Events;
using Sirsi.Bus.Leases;

namespace Sirsi.Bus.Nats;

/// <summary>Where NATS servers (2.9 or newer, with JetStream) are, and how to speak with them.</summary>
public sealed record NatsBusOptions
{
    /// <summary>Addresses, <c>HOST:PORT</c>; of a cluster some of its servers are enough. At least one.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }

    /// <summary>The user; null for none.</summary>
    public string? User { get; init; }

    /// <summary>The user's password; null for none. Never shown.</summary>
    public string? Password { get; init; }

    /// <summary>The token, where the server asks for that instead of a user; null for none. Never shown.</summary>
    public string? Token { get; init; }

    /// <summary>A credentials file (JWT and seed), where the server asks for that; null for none.</summary>
    public string? CredentialsFile { get; init; }

    /// <summary>Whether TLS is demanded; off by default: then it is used when the server demands it.</summary>
    public bool UseTls { get; init; }

    /// <summary>A file with the certificates (PEM) of the authorities that may sign the server's; those of the machine by default.</summary>
    public string? TlsAuthorityFile { get; init; }

    /// <summary>What all streams, buckets and subjects begin with: 1 to 32 lower-case letters, digits, <c>-</c> or <c>_</c>; <c>sirsi</c> by default.</summary>
    public string Prefix { get; init; } = "sirsi";

    /// <summary>On how many servers of a cluster new logs and groups are kept, 1 to 5; 1 by default.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>How long to wait for a connection, 100 ms to 5 minutes; 5 seconds by default.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long to wait for an answer, 50 ms to 5 minutes; 2 seconds by default.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>After so long without a sign of life a member's partitions go to others, 500 ms to 1 hour; 10 seconds by default.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Publications to one log that may be under way at once, 1 to 1,048,576; 65,536 by default. More are refused.</summary>
    public int AppendsMax { get; init; } = 65_536;

    /// <summary>The addresses; never a secret.</summary>
    public override string ToString() => $"NATS at {string.Join(", ", Addresses)}{(UseTls ? " over TLS" : "")}";

    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Addresses);
        if (Addresses.Count == 0) throw new ArgumentException("There is no address.", nameof(Addresses));
        if (Prefix is null || Prefix.Length > 32 || !TopicParts.IsPart(Prefix))
            throw new ArgumentException("A prefix is 1 to 32 lower-case letters, digits, '-' or '_'.", nameof(Prefix));
        if (!UseTls && TlsAuthorityFile is not null) throw new ArgumentException("Without TLS nothing is trusted: set UseTls as well.", nameof(UseTls));
        if (Replicas is < 1 or > 5) throw new ArgumentOutOfRangeException(nameof(Replicas), Replicas, "It is 1 to 5.");
        Check(ConnectTimeout, TimeSpan.FromMilliseconds(100), nameof(ConnectTimeout));
        Check(AnswerTimeout, TimeSpan.FromMilliseconds(50), nameof(AnswerTimeout));
        LeaseOptions.Validate(Lease, nameof(Lease));
        if (AppendsMax is < 1 or > 1 << 20) throw new ArgumentOutOfRangeException(nameof(AppendsMax), AppendsMax, "It is 1 to 1,048,576.");
    }

    private static void Check(TimeSpan value, TimeSpan min, string name)
    {
        if (value < min || value > TimeSpan.FromMinutes(5)) throw new ArgumentOutOfRangeException(name, value, $"It is {min} to 5 minutes.");
    }
}
