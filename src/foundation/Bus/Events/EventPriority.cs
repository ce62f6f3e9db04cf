namespace Sirsi.Bus.Events;

/// <summary>How urgent an event is. It overtakes queued events of other keys, never those of its own.</summary>
public enum EventPriority
{
    /// <summary>May wait.</summary>
    Low = 0,

    /// <summary>The ordinary one.</summary>
    Normal = 1,

    /// <summary>Before ordinary ones.</summary>
    High = 2,

    /// <summary>Before all others.</summary>
    Critical = 3,
}
