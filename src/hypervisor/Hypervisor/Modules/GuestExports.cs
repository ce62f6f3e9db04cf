using Sirsi.Hypervisor.Messages;

namespace Sirsi.Hypervisor.Modules;

/// <summary>The functions of a module that the host calls.</summary>
internal static class GuestExports
{
    public const string OnStart = "on_start";
    public const string OnMessage = "on_message";
    public const string OnEvent = "on_event";
    public const string OnTask = "on_task";
    public const string OnStop = "on_stop";
    public const string Suggest = "suggest";
    public const string MigrateState = "migrate_state";

    /// <summary>Where a WASI command begins.</summary>
    public const string Start = "_start";

    /// <summary>Those that messages and events go to: a module has at least one, or is a command.</summary>
    public static readonly string[] Handlers = [OnMessage, OnEvent, OnTask];

    /// <summary>Which one a message is for; what is for none of the others is for <see cref="OnMessage"/>.</summary>
    public static string Of(AgentMessage message) => message.Type switch
    {
        "task" => OnTask,
        "suggest" => Suggest,
        _ => OnMessage,
    };
}
