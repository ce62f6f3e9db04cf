using System.Collections.Concurrent;
using Sirsi.Hypervisor.Security;

namespace Sirsi.Hypervisor.Tests.Security;

/// <summary>Keeps security events; can be out of order, and then throws.</summary>
internal sealed class Watcher : ISecurityEvents
{
    private readonly ConcurrentQueue<SecurityEvent> _events = new();

    public bool IsDown { get; set; }

    public IReadOnlyList<SecurityEvent> Events => [.. _events];

    public IEnumerable<SecurityEvent> Of(SecurityEventKind kind) => _events.Where(happened => happened.Kind == kind);

    public ValueTask WriteAsync(IReadOnlyList<SecurityEvent> events, CancellationToken cancellation)
    {
        if (IsDown) throw new IOException("The disk of the watchers is full.");
        foreach (SecurityEvent happened in events) _events.Enqueue(happened);
        return ValueTask.CompletedTask;
    }
}
