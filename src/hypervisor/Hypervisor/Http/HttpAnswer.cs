using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Sirsi.Hypervisor.Durability;

namespace Sirsi.Hypervisor.Http;

/// <summary>What came of a request.</summary>
public enum HttpOutcome
{
    /// <summary>The server answered, with whatever status.</summary>
    Answered,

    /// <summary>It did not leave the host, or a redirect was not followed: a capability is missing, the host's address is none for agents, or a secret cannot be filled in.</summary>
    Refused,

    /// <summary>The host takes no more requests now; nothing was sent.</summary>
    Busy,

    /// <summary>There was no connection, or no secure one; nothing was sent.</summary>
    Unreachable,

    /// <summary>It took longer than it may. Nobody knows whether the server has acted.</summary>
    TimedOut,

    /// <summary>The answer broke off or was none. Nobody knows whether the server has acted.</summary>
    Broken,

    /// <summary>The server answered with more than may be; status and headers are there.</summary>
    TooLarge,

    /// <summary>The servers redirected once too often.</summary>
    TooManyRedirects,
}

/// <summary>The answer to a request, or why there is none.</summary>
/// <param name="Outcome">What came of it.</param>
/// <param name="Status">As 200; 0 without an answer.</param>
/// <param name="Headers">Names in lower case; several values of a name joined by commas.</param>
/// <param name="Body">All of it, as it came: nothing is decompressed.</param>
/// <param name="Reason">Why there is no answer, a sentence for the user that holds nothing of a secret; empty when there is one.</param>
public sealed record HttpAnswer(HttpOutcome Outcome, int Status, ImmutableDictionary<string, string> Headers, ReadOnlyMemory<byte> Body, string Reason)
{
    /// <summary>Whether the server answered with a status of 200 to 299.</summary>
    public bool IsSuccess => Outcome is HttpOutcome.Answered && Status is >= 200 and <= 299;

    /// <summary>
    /// The bytes a durable agent's journal keeps of it (<c>docs/agent-journal.md</c>): what a person who knows the answer gives to <see cref="Agents.Agent.SettleStepAsync"/>.
    /// </summary>
    public byte[] ToStepResult()
    {
        FactWriter facts = new FactWriter().Put((long)Outcome).Put((long)Status).Put(Reason).Put((long)Headers.Count);
        foreach ((string name, string value) in Headers.OrderBy(static header => header.Key, StringComparer.Ordinal)) facts.Put(name).Put(value);
        return facts.Put(Body.Span).Written.ToArray();
    }

    internal static HttpAnswer Without(HttpOutcome outcome, string reason) => new(outcome, 0, ImmutableDictionary<string, string>.Empty, default, reason);

    /// <exception cref="InvalidDataException">It is none.</exception>
    internal static HttpAnswer Read(ReadOnlyMemory<byte> stored)
    {
        var facts = new FactReader(stored.Span);
        var outcome = (HttpOutcome)facts.Number();
        int status = (int)facts.Number();
        string reason = facts.Text();
        var headers = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        for (long left = facts.Number(); left > 0; left--)
        {
            string name = facts.Text();
            headers[name] = facts.Text();
        }

        return new HttpAnswer(outcome, status, headers.ToImmutable(), facts.Bytes().ToArray(), reason);
    }

    /// <summary>Outcome and status; servers put into headers and body what they like.</summary>
    public override string ToString() => Outcome is HttpOutcome.Answered ? $"{Outcome} {Status}" : $"{Outcome}: {Reason}";
}

/// <summary>What a host's requests have come to so far.</summary>
/// <param name="Requests">Sent, each redirect that was followed counted too.</param>
/// <param name="Refused">Refused, for capability, address or secret.</param>
/// <param name="BytesSent">Of bodies.</param>
/// <param name="BytesReceived">Of bodies.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct HttpUse(long Requests, long Refused, long BytesSent, long BytesReceived);
