using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace Sirsi.Wasm.Tests;

/// <summary>Listens to the runtime: which compiled WebAssembly functions RyuJIT has made, and whether it has optimised them.</summary>
internal sealed class JitProbe : EventListener
{
    private const string Runtime = "Microsoft-Windows-DotNETRuntime";
    private const EventKeywords Jit = (EventKeywords)0x10;
    private const int MethodLoadVerbose = 143;

    /// <summary>Where the method's flags hold how it was compiled, and the value for "not optimised".</summary>
    private const int TierShift = 7;
    private const int TierMask = 7;
    private const int Unoptimised = 1;

    private readonly ConcurrentBag<(string Name, int Tier)> _methods = [];

    /// <summary>The WebAssembly functions, and pieces of functions, compiled since the probe was made.</summary>
    internal IEnumerable<string> Functions => Of(static _ => true);

    /// <summary>Those that RyuJIT found too large to optimise.</summary>
    internal IEnumerable<string> UnoptimisedFunctions => Of(static tier => tier == Unoptimised);

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Runtime) EnableEvents(eventSource, EventLevel.Verbose, Jit);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventId != MethodLoadVerbose || eventData.PayloadNames is not { } names || eventData.Payload is not { } payload) return;
        var name = (string)payload[names.IndexOf("MethodName")]!;
        if (!name.StartsWith("wasm-function[", StringComparison.Ordinal)) return;
        var flags = (uint)payload[names.IndexOf("MethodFlags")]!;
        _methods.Add((name, (int)(flags >> TierShift) & TierMask));
    }

    private IEnumerable<string> Of(Func<int, bool> tier) => _methods.Where(method => tier(method.Tier)).Select(static method => method.Name);
}
