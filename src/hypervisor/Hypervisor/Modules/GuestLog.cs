using Sirsi.Wasm.Extism;

namespace Sirsi.Hypervisor.Modules;

/// <summary>What guests log: so much a turn, and no more.</summary>
internal static class GuestLog
{
    public static void Take(Action<AgentId, ExtismLogLevel, string>? log, int charactersMax, ExtismLogLevel level, string text)
    {
        if (log is null || GuestTurn.Current is not { } guest || guest.Logged >= charactersMax) return;
        int room = charactersMax - guest.Logged;
        guest.Logged += text.Length;
        log(guest.Turn.Self, level, text.Length <= room ? text : text[..room]);
    }
}
