namespace Sirsi.Hypervisor;

/// <summary>Mistakes the host makes on purpose, so that tests can show that they would be found. Only tests can ask for one.</summary>
internal enum PlantedBug
{
    None,

    /// <summary>A turn's record does not say what the turn promised to publish.</summary>
    LostOutboxRow,

    /// <summary>A turn's record does not say which message it handled.</summary>
    LostHandled,

    /// <summary>What a turn did is seen before it is on disk.</summary>
    SeenBeforeStored,

    /// <summary>What a turn sends comes late, once in a while: what a later turn sends may come before.</summary>
    LateSend,

    /// <summary>An attempt of a task that was given up may still end it.</summary>
    MissingFence,

    /// <summary>A task is taken from its agent, and given to another, before its time is over.</summary>
    ShortLease,

    /// <summary>A tenant does not pay for its turns.</summary>
    FreeTurns,

    /// <summary>A task that comes back after a restart waits for nothing.</summary>
    LostDependency,

    /// <summary>The intent of a step is not stored.</summary>
    LostIntent,

    /// <summary>The key of a step is another each time it is asked.</summary>
    UnsteadyKey,

    /// <summary>What was spent is not stored.</summary>
    LostSpending,

    /// <summary>That a capability was revoked is not stored.</summary>
    LostRevocation,

    /// <summary>A write to the context is not checked again when it is stored.</summary>
    BlindWrite,

    /// <summary>A schedule's next time and the task of an occurrence are stored one after the other.</summary>
    TornOccurrence,

    /// <summary>The key of a message from outside is not stored.</summary>
    LostMessageKey,
}
